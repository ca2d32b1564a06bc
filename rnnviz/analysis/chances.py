"""Probabilities of labels from the logits of a read-out, and labels drawn from them."""

import numpy as np

from rnnviz.domain.arrays import Array


def chances(logits: Array, temperature: float = 1.0) -> Array:
    """Softmax of ``logits`` (…, V) / ``temperature``, float64. At 0 all lies on the largest (the first of equals)."""
    wide = np.asarray(logits, np.float64)
    if temperature == 0:
        return np.asarray(np.eye(wide.shape[-1])[wide.argmax(axis=-1)])
    with np.errstate(over="ignore"):  # a tiny temperature makes the others −∞
        powers = np.exp((wide - wide.max(axis=-1, keepdims=True)) / temperature)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def drawn(probabilities: Array, lot: float) -> int:
    """The label (of ``probabilities`` (V,)) in whose share of 0 … 1 the ``lot`` lies; never one of probability 0."""
    sums = np.cumsum(probabilities)
    place = int(np.searchsorted(sums, lot * sums[-1], side="right"))
    return min(place, int(np.flatnonzero(probabilities)[-1]))


def lots(seed: int, count: int) -> Array:
    """``count`` numbers in 0 … 1, one for each token of a sequence: a token's is the same in every sequence."""
    return np.random.default_rng((seed, 2013)).random(count)


def entropy(probabilities: Array) -> float:
    """−Σ p ln p in nats of (V,)."""
    some = probabilities[probabilities > 0]
    return float(-(some * np.log(some)).sum()) + 0.0
