"""Nested data with arrays in it ↔ plain JSON and the arrays beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array

MARK = "$array"  # {"$array": "run.present.weights"}: the array of that name stands here


def taken_apart(tree: Any) -> tuple[Any, dict[str, Array]]:
    """JSON, and the arrays by the path at which they stood. ``tree``: mappings, sequences, arrays, plain values."""
    arrays: dict[str, Array] = {}
    return _plain(tree, "", arrays), arrays


def put_together(plain: Any, arrays: Mapping[str, Array]) -> Any:
    """The reverse: lists for all sequences. Raises ValueError for an array that is not there."""
    if isinstance(plain, dict) and set(plain) == {MARK}:
        name = plain[MARK]
        if not isinstance(name, str) or name not in arrays:
            raise ValueError(f"the array {name!r} is missing, expected it among {len(arrays)}")
        return arrays[name]
    if isinstance(plain, dict):
        return {name: put_together(value, arrays) for name, value in plain.items()}
    if isinstance(plain, list):
        return [put_together(value, arrays) for value in plain]
    return plain


def _plain(tree: Any, path: str, arrays: dict[str, Array]) -> Any:
    if isinstance(tree, np.ndarray):
        arrays[path] = tree
        return {MARK: path}
    below = f"{path}." if path else ""
    if isinstance(tree, Mapping):
        return {str(name): _plain(value, f"{below}{name}", arrays) for name, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_plain(value, f"{below}{place}", arrays) for place, value in enumerate(tree)]
    return tree
