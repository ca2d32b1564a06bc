"""Arrays out of the bytes of a file that nobody vouches for."""

import json
import math
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.recording.capture import TYPES

MOST_AXES = 4
LONGEST_SHAPE = 200  # characters


def unpacked(dtype: object, shape: object, data: bytes) -> Array:
    """The array that columns of a recording describe; ValueError with half a sentence where they contradict."""
    kind = TYPES.get(dtype.decode("utf-8", "replace")) if isinstance(dtype, bytes) else None
    try:
        sizes: Any = json.loads(shape) if isinstance(shape, bytes) and len(shape) < LONGEST_SHAPE else None
    except (ValueError, RecursionError):
        sizes = None
    if kind is None or not _is_shape(sizes):
        raise ValueError("has an unknown type or shape")
    if math.prod(sizes) * kind.itemsize != len(data):
        raise ValueError(f"has {len(data)} bytes, expected {sizes} × {kind.itemsize}")
    found: Array = np.frombuffer(data, kind).reshape(sizes).astype(kind.newbyteorder("="), copy=False)
    return found


def _is_shape(sizes: object) -> bool:
    """Whether ``sizes`` is a list of a few whole numbers, none of them negative."""
    return isinstance(sizes, list) and len(sizes) <= MOST_AXES and all(type(n) is int and n >= 0 for n in sizes)
