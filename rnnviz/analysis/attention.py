"""What an attention's weights say: where it looks, and how widely."""

from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array


class LookedAt(NamedTuple):
    """The part of a trace's weights that is not 0 by construction."""

    weights: Array  # (W, R): how much each token written looks at each token read
    written_from: int  # the tokens read are 0 to before this one, those written go from here on
    entropy: Array  # (W,) nats; ln R where it looks everywhere alike, 0 where at one token alone


def looked_at(attention: Array) -> LookedAt:
    """Cut the weights (T, T) of a `Trace` to the tokens that look and those that can be looked at."""
    looks = np.flatnonzero((attention != 0).any(axis=1))  # NaN counts
    written_from = int(looks[0])
    weights = attention[written_from : looks[-1] + 1, :written_from]
    return LookedAt(weights, written_from, entropy(weights))


def entropy(weights: Array) -> Array:
    """−Σ α ln α of every row, in nats, with 0 ln 0 = 0."""
    known = np.where(weights > 0, weights, 1.0).astype(np.float64)
    return -np.asarray((known * np.log(known)).sum(axis=-1))
