"""Reading the columns of an array as series of numbers."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.arrays import read_arrays
from rnnviz.files.errors import BadFileError
from rnnviz.files.examples import INPUTS

MOST_COLUMNS = 100


class ArrayColumns(NamedTuple):
    """Names, “column 1” and so on, numbers (T, D), finite, and which array it is where there are several."""

    names: tuple[str, ...]
    numbers: Array
    chosen: str


def read_array_columns(path: Path) -> ArrayColumns:
    """The array of ``path`` that is called x, else the first: (T,) or (T, D). Raises BadFileError with a sentence."""
    arrays = {name.lower(): array for name, array in read_arrays(path).items()}
    name = next((name for name in INPUTS if name in arrays), next(iter(arrays)))
    found, others = arrays[name], ", ".join(other for other in arrays if other != name)
    chosen = f"“{name}”; not read: {others}" if others else ""
    if found.ndim not in (1, 2) or not found.size or found.shape[1:] > (MOST_COLUMNS,):
        raise BadFileError(
            path, f"the array is {found.shape}, expected (T,) or (T, D) with at most {MOST_COLUMNS} columns"
        )
    numbers = found.astype(np.float64).reshape(len(found), -1)
    if not np.isfinite(numbers).all():
        row, place = np.argwhere(~np.isfinite(numbers))[0].tolist()
        raise BadFileError(path, f"row {row} of column {place + 1} is {numbers[row, place]}, expected finite numbers")
    return ArrayColumns(tuple(f"column {place + 1}" for place in range(numbers.shape[1])), numbers, chosen)
