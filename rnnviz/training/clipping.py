"""Gradient clipping and the norms before and after it, accumulated in float64.

float32 squares overflow above 1e19 and underflow below 1e-23: there torch's own norm says inf or 0, and
clipping by it would erase a gradient that is merely large.
"""

from typing import NamedTuple

import numpy as np
from torch import Tensor

from rnnviz.domain.arrays import Array


class Clipping(NamedTuple):
    """One act of clipping. Norms per tensor, Euclidean, in the order of the tensors."""

    norms: Array
    norm: float
    norms_clipped: Array
    norm_clipped: float
    coefficient: float  # norm_clipped / norm
    cosine: float  # of the angle between before and after
    clipped: bool


def squared_norms(row: Array, starts: Array) -> Array:
    """Sums of squares, in float64, of the parts of ``row`` that begin at ``starts``."""
    return np.asarray(np.add.reduceat(np.square(row, dtype=np.float64), starts))


def clip_gradients(row: Tensor, starts: Array, clip: str, threshold: float) -> Clipping:
    """Clip a row of gradients, whose tensors begin at ``starts``, in place.

    norm: multiply all by min(1, threshold / (norm + 1e-6)), torch's and Pascanu's global norm clipping.
    value: clamp every entry to ±threshold.
    A gradient with an entry that is not finite is left as it is, and its norm says so.
    """
    squares = squared_norms(row.numpy(), starts)
    norms, norm = np.sqrt(squares), float(np.sqrt(squares.sum()))
    if clip == "off" or norm == 0 or not np.isfinite(norm):
        return Clipping(norms, norm, norms, norm, 1.0, 1.0, clipped=False)
    if clip == "norm":
        # torch's own formula, with a norm that does not overflow.
        coefficient = min(1.0, threshold / (norm + 1e-6))
        if coefficient < 1:
            row.mul_(coefficient)
        return Clipping(norms, norm, norms * coefficient, norm * coefficient, coefficient, 1.0, coefficient < 1)
    return _clip_values(row, starts, threshold, norms, norm)


def _clip_values(row: Tensor, starts: Array, threshold: float, norms: Array, norm: float) -> Clipping:
    before = row.numpy().astype(np.float64)
    row.clamp_(-threshold, threshold)
    after = row.numpy()
    if np.array_equal(before, after):
        return Clipping(norms, norm, norms, norm, 1.0, 1.0, clipped=False)
    squares = squared_norms(after, starts)
    norm_after = float(np.sqrt(squares.sum()))
    # A threshold below float32's smallest number leaves nothing that could have a direction.
    cosine = float(np.dot(before, after)) / (norm * norm_after) if norm_after > 0 else 0.0
    return Clipping(norms, norm, np.sqrt(squares), norm_after, norm_after / norm, cosine, clipped=True)
