"""What every record does with its arrays: check the shape once, then forbid writing."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def readonly(array: Array) -> Array:
    """Return ``array`` itself when it is already read-only, else a read-only view of it."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def check_shape(name: str, array: Array, expected: tuple[int, ...]) -> None:
    """Raise ValueError naming the array, its shape and the shape it should have."""
    if array.shape != expected:
        raise ValueError(f"{name} is {array.shape}, expected {expected}")


def log10_norms(vectors: Array) -> Array:
    """Euclidean norm over the last axis as log10, in float64: −inf where the vector is exactly 0.

    Squares of float32 values below 1e-23 underflow, so float64 is what keeps a vanished gradient
    distinct from none. Vectors that are float64 themselves are divided by their largest entry before.
    """
    wide = np.asarray(vectors, dtype=np.float64)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if vectors.dtype != np.float64 or not wide.size:
            return np.asarray(np.log10(np.linalg.norm(wide, axis=-1)))
        largest = np.abs(wide).max(axis=-1, keepdims=True)
        usual = (largest == 0) | ~np.isfinite(largest)
        scale = np.where(usual, 1.0, largest)
        return np.asarray(np.log10(np.linalg.norm(wide / scale, axis=-1)) + np.log10(scale[..., 0]))
