"""Curves over tokens that belong to products of one-token Jacobians."""

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.spectrum import LayerSpectrum


def realised(layer: LayerSpectrum) -> Array:
    """log10 ‖g_t‖ / ‖g_last‖ of the last loss's gradient g, from its one-token factors: (T,), 0 at the token read last.

    NaN from where a factor is undefined on towards the past, −inf from where the gradient is exactly 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log10(layer.factors.astype(np.float64))  # from t + 1 to t, or from t to t + 1 if read backward
        if layer.direction == "backward":
            return np.concatenate([[0.0], np.cumsum(steps)])
        return np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])


def carry_range(layer: LayerSpectrum) -> Array:
    """log10 of the smallest, the median and the largest carry path over the units: (3, T); empty without one."""
    if layer.carry is None:
        return np.empty((3, 0))
    return np.stack([layer.carry.min(axis=1), np.median(layer.carry, axis=1), layer.carry.max(axis=1)])
