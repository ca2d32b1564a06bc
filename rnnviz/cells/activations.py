"""Activation functions on numpy arrays, in the array's own precision."""

import numpy as np

from rnnviz.domain.arrays import Array


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^−x); exactly 0 or 1 where float precision ends, without a warning."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)))
