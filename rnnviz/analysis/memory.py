"""How far back the losses of a sequence reach, read off an influence matrix G[s, t] = ‖∂ℓ_s/∂h_t‖₂."""

from dataclasses import replace

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.influence import Influence


def mean_by_lag(influence: Influence, layer: int) -> Array:
    """log10 of D(k) = mean over s of G[s, s − k], for k = 0 … the longest there is (T − 1 unless rows were left out).

    The arithmetic mean over all losses s ≥ k that the matrix has a row of: a token that has no loss is none of them
    (`is_loss`). An exact 0 counts as 0, so that −inf means that all of them are 0. +inf where one of them is not
    finite. Few losses reach far: the last lag is the mean of one. For a layer that reads backward a lag is t − s.
    """
    norms, loss_tokens = _forward(_losses_alone(influence), layer)
    lags = loss_tokens[:, None] - np.arange(norms.shape[1])
    values, lags = norms[lags >= 0].astype(np.float64), lags[lags >= 0]
    finite = values[np.isfinite(values)]
    scale = finite.max() if finite.size else 0.0  # keeps the powers of ten from overflowing and underflowing together
    with np.errstate(divide="ignore", over="ignore"):
        means = np.log10(np.bincount(lags, 10.0 ** (values - scale)) / np.bincount(lags)) + scale
    return np.where(np.isnan(means), np.inf, means)


def is_loss(influence: Influence, row: int) -> bool:
    """Whether the token of a row has a loss at all: one that asks nothing of any state, in any layer, has none."""
    return any(not np.isneginf(norms[row]).all() for norms in influence.log10_norms)


def row_by_lag(influence: Influence, layer: int, row: int) -> Array:
    """log10 G[s, s − k] of the loss token s of one row, for all k that there are."""
    norms, loss_tokens = _forward(influence, layer)
    place = row if norms is influence.log10_norms[layer] else len(loss_tokens) - 1 - row
    return np.asarray(norms[place, loss_tokens[place] :: -1])


def mean_look_back(log10_by_lag: Array) -> float | None:
    """Σ k D(k) / Σ D(k) in tokens; None where there is no gradient, or one that is not finite."""
    peak = log10_by_lag.max()
    if not np.isfinite(peak):
        return None
    weights = 10.0 ** (log10_by_lag - peak)
    return float(weights @ np.arange(len(weights)) / weights.sum())


def nearest_row(influence: Influence, token: int) -> int:
    """The row of the loss token nearest to ``token``: its own unless it was left out; the earlier one of two."""
    return int(np.abs(influence.loss_tokens - token).argmin())


def unreachable(influence: Influence, layer: int) -> Array:
    """Which entries (S, T) are 0 because nothing leads there: states after the loss token, before it if read backward.

    Read off the matrix: a half is unreachable when all of it is exactly 0, and the later states are asked first. Below
    other layers that read both ways nothing is.
    """
    norms = influence.log10_norms[layer]
    ahead = np.arange(norms.shape[1]) - influence.loss_tokens[:, None]
    later, earlier = ahead > 0, ahead < 0
    if np.isneginf(norms[later]).all():
        return np.asarray(later)
    return np.asarray(earlier) if np.isneginf(norms[earlier]).all() else np.zeros(norms.shape, bool)


def _losses_alone(influence: Influence) -> Influence:
    """Without the rows of tokens that have no loss, if any has one."""
    kept = [row for row in range(len(influence.loss_tokens)) if is_loss(influence, row)]
    if len(kept) in (0, len(influence.loss_tokens)):
        return influence
    norms = tuple(found[kept] for found in influence.log10_norms)
    return replace(influence, loss_tokens=influence.loss_tokens[kept], log10_norms=norms)


def _forward(influence: Influence, layer: int) -> tuple[Array, Array]:
    """Norms and loss tokens, mirrored for a layer that reads backward: what it has read lies on the left."""
    norms, loss_tokens = influence.log10_norms[layer], influence.loss_tokens
    ahead = np.arange(norms.shape[1]) - loss_tokens[:, None]
    if not influence.directions:  # not told: read off the matrix
        one_way = np.isneginf(norms[ahead > 0]).all() or not np.isneginf(norms[ahead < 0]).all()
    else:
        one_way = not influence.backward(layer)
    if one_way:
        return norms, loss_tokens
    return norms[::-1, ::-1], norms.shape[1] - 1 - loss_tokens[::-1]
