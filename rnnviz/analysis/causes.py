"""What makes one-token Jacobians small or large: saturation, the elementwise path, and the recurrent weights."""

import numpy as np

from rnnviz.domain.arrays import Array


def saturation(values: Array, activation: str) -> Array:
    """Share of tokens at which each unit of ``values`` (T, H) is low and high, (2, H).

    sigmoid: low below 0.1, high above 0.9 (Karpathy, Johnson and Li 2015). tanh: below −0.8, above 0.8, which is the
    same rule for (v + 1) / 2. relu: low where it sleeps, v ≤ 0; never high.
    """
    low, high = {
        "sigmoid": (values < 0.1, values > 0.9),
        "tanh": (values < -0.8, values > 0.8),
        "relu": (values <= 0, np.zeros(values.shape)),
    }[activation]
    return np.stack([low.mean(axis=0), high.mean(axis=0)])


def mean_slope(values: Array, activation: str) -> float:
    """Mean φ′ over tokens and units, from the values φ(a) themselves: 1 − v² for tanh, 1 where v > 0 for relu."""
    with np.errstate(over="ignore", invalid="ignore"):
        slopes = {"tanh": 1 - values**2, "relu": np.where(np.isnan(values), np.nan, values > 0)}[activation]
        return float(slopes.mean())


def carry(gate: Array) -> Array:
    """log10 of Π of the gate after each token, (T, H), tokens in the order of reading; 0 at the last one.

    Summed in logarithms: the product of 150 gates at one half would leave float32.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(gate.astype(np.float64))
    later = np.concatenate([logs[1:], np.zeros_like(logs[:1])])
    return np.cumsum(later[::-1], axis=0)[::-1]


def factors(log10_gradients: Array) -> Array:
    """‖g_t‖ / ‖g_{t+1}‖ of log10 norms (T,) in the order of reading, (T − 1,); NaN for 0/0 and what is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(10.0 ** (log10_gradients[:-1] - log10_gradients[1:]))


def slope(log10_gradients: Array) -> float | None:
    """Of ln ‖g‖ per token towards the past, fitted by least squares; None below two tokens or if one is not finite."""
    tokens = len(log10_gradients)
    if tokens < 2 or not np.isfinite(log10_gradients).all():
        return None
    ages = (tokens - 1) / 2 - np.arange(tokens)
    return float(ages @ log10_gradients / (ages @ ages) * np.log(10))


def eigenvalues(block: Array) -> Array:
    """(H,) complex, of one gate's block (H, H) of W_hh, largest first; NaN where the block is not finite."""
    if not np.isfinite(block).all():
        return np.full(len(block), complex(np.nan, np.nan))
    found = np.linalg.eigvals(block.astype(np.float64)).astype(complex)
    return np.asarray(found[np.argsort(-np.abs(found), kind="stable")])


def sigma_max(block: Array) -> float:
    """The largest singular value of (H, H); NaN where the block is not finite."""
    wide = block.astype(np.float64)
    return float(np.linalg.svd(wide, compute_uv=False)[0]) if np.isfinite(wide).all() else float("nan")
