"""A file of one JSON document and named arrays: a zip without anything that could execute.

Arrays are stored as they are in NumPy's own format, never pickled and never compressed, so that a file cannot ask for
more memory than its own size; only the document is compressed, and its size is limited.
"""

import io
import json
import math
import zipfile
import zlib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError
from rnnviz.files.whole import whole_in_slices

DOCUMENT = "session.json"
LARGEST_DOCUMENT = 200_000_000  # bytes of JSON
MOST_ENTRIES = 50_000
LONGEST_HEADER = 4_096  # bytes of an array's header
KINDS = "fiub"  # floats, integers, booleans
WHEN = (1980, 1, 1, 0, 0, 0)  # the same content gives the same file
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError)


class Archive(NamedTuple):
    """What a file holds."""

    document: dict[str, Any]
    arrays: Mapping[str, Array]
    blobs: Mapping[str, bytes]


def archive_in_slices(path: Path, archive: Archive) -> Generator[None]:
    """Write ``archive`` to ``path`` whole or not at all, with a pause after every entry. Raises OSError."""

    def write(file: IO[bytes]) -> Generator[None]:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
            text = json.dumps(archive.document, ensure_ascii=False, separators=(",", ":"))
            made.writestr(_entry(DOCUMENT), text.encode(), zipfile.ZIP_DEFLATED)
            yield
            for name, array in archive.arrays.items():
                made.writestr(_entry(f"{name}.npy"), _npy(array))
                yield
            for name, data in archive.blobs.items():
                made.writestr(_entry(name), data)
                yield

    return whole_in_slices(path, write)


def read_archive(path: Path) -> Archive:
    """Read all of ``path``. Raises BadFileError for anything but what `archive_in_slices` writes."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as opened:
            return _read(path, opened)
    except BROKEN as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(path, f"damaged or not a session of rnnviz ({error}), expected a whole one") from error
    except (RecursionError, MemoryError, OverflowError) as error:
        raise BadFileError(
            path, f"damaged: {type(error).__name__} while reading it, expected a whole session"
        ) from error
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}, expected a whole session") from error


def _read(path: Path, opened: zipfile.ZipFile) -> Archive:
    entries = opened.infolist()
    _refuse_what_is_not_ours(path, entries)
    document = json.loads(opened.read(DOCUMENT))
    if not isinstance(document, dict):
        raise BadFileError(path, f"{DOCUMENT} is a {type(document).__name__}, expected an object")
    contents = {entry.filename: opened.read(entry) for entry in entries if entry.filename != DOCUMENT}
    arrays = {name.removesuffix(".npy"): _array(path, name, data) for name, data in contents.items() if _is_npy(name)}
    return Archive(document, arrays, {name: data for name, data in contents.items() if not _is_npy(name)})


def _refuse_what_is_not_ours(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > MOST_ENTRIES or len(set(names)) < len(names) or DOCUMENT not in names:
        raise BadFileError(path, f"has {len(names)} entries, expected different ones with {DOCUMENT} among them")
    stored = [entry for entry in entries if entry.filename != DOCUMENT]
    for entry in stored:
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            raise BadFileError(path, f"{entry.filename} is compressed, expected it as it is")
    if sum(entry.file_size for entry in stored) > path.stat().st_size:
        raise BadFileError(path, "its entries say that they are larger than the file, expected no more than that")
    document = entries[names.index(DOCUMENT)]
    if document.compress_type != zipfile.ZIP_DEFLATED or document.file_size > LARGEST_DOCUMENT:
        raise BadFileError(path, f"{DOCUMENT} has {document.file_size:,} bytes, expected at most {LARGEST_DOCUMENT:,}")


def _array(path: Path, name: str, data: bytes) -> Array:
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise BadFileError(path, f"{name} is an array of another format, expected version 1.0")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=LONGEST_HEADER)
    if fortran or dtype.hasobject or dtype.kind not in KINDS:
        raise BadFileError(path, f"{name} has entries of type {dtype}, expected numbers in rows")
    left = len(data) - file.tell()
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != left:
        raise BadFileError(path, f"{name} has {left} bytes, expected {shape} of {dtype} as it says")
    array = np.frombuffer(data, dtype, offset=file.tell()).reshape(shape)
    return array if array.flags.aligned else array.copy()


def _npy(array: Array) -> bytes:
    written = io.BytesIO()
    np.lib.format.write_array(written, np.ascontiguousarray(array).reshape(array.shape), (1, 0), allow_pickle=False)
    return written.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, WHEN)


def _is_npy(name: str) -> bool:
    return name.endswith(".npy")
