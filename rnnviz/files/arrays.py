"""Reading numpy's `.npy` and `.npz` files without pickles, and without more memory than the file has."""

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError

LARGEST_BYTES = 1_000_000_000  # of one array
LARGEST_HEADER = 10_000  # numpy's own
COMPRESSED_AT_MOST = 200  # times; zeros alone reach a thousand
EXPECTED = "expected arrays of numbers as numpy.save and numpy.savez write them"


def read_arrays(path: Path) -> dict[str, Array]:
    """The arrays of a `.npz` by name, or that of a `.npy` under the name "": numbers of any shape, native byte order.

    Raises BadFileError with a sentence: for pickles, too, which are never opened.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
        raise BadFileError(path, f"{what}, {EXPECTED}")
    try:
        return _npz(path) if zipfile.is_zipfile(path) else {"": _npy(path)}
    except BadFileError:
        raise
    except Exception as error:  # whatever it is that such a file makes of a library
        raise BadFileError(path, f"cannot be opened ({type(error).__name__}: {error}), {EXPECTED}") from error


def _npy(path: Path) -> Array:
    with path.open("rb") as file:
        shape, kind = _header(path, file)
        size, left = math.prod(shape) * kind.itemsize, path.stat().st_size - file.tell()
        if size > left:
            raise BadFileError(path, f"its header claims {size:,} bytes, but {left:,} follow, {EXPECTED}")
        file.seek(0)
        found: Array = np.lib.format.read_array(file, allow_pickle=False, max_header_size=LARGEST_HEADER)
    return _native(found)


def _npz(path: Path) -> dict[str, Array]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
        claimed = sum(entry.file_size for entry in entries)
        if claimed > min(path.stat().st_size * COMPRESSED_AT_MOST, LARGEST_BYTES):
            found = f"its entries claim {claimed:,} bytes of a file of {path.stat().st_size:,}"
            raise BadFileError(path, f"{found}, expected at most {COMPRESSED_AT_MOST} times as much and 1 GB")
        if not entries:
            raise BadFileError(path, f"no array is in it, {EXPECTED}")
        return {entry.filename.removesuffix(".npy"): _entry(path, archive, entry) for entry in entries}


def _entry(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Array:
    with archive.open(entry) as file:
        shape, kind = _header(path, file)
        if math.prod(shape) * kind.itemsize > entry.file_size:
            raise BadFileError(path, f"{entry.filename!r} claims the shape {shape}, more than its bytes, {EXPECTED}")
    with archive.open(entry) as file:
        found: Array = np.lib.format.read_array(file, allow_pickle=False, max_header_size=LARGEST_HEADER)
    return _native(found)


def _header(path: Path, file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(file, max_header_size=LARGEST_HEADER)
    if kind.kind not in "fiub":
        raise BadFileError(path, f"its entries are {kind}, expected numbers; objects are never opened")
    if math.prod(shape) * kind.itemsize > LARGEST_BYTES:
        raise BadFileError(path, f"its shape is {shape}, expected at most {LARGEST_BYTES / 1e9:.0f} GB")
    return shape, kind


def _native(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder("="), copy=False)
