"""One sequence for a model that a user brings: from a text, a table, an array, or random. Pure numpy."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.values import Numbers, Symbols, Values
from rnnviz.files.arrays import read_arrays
from rnnviz.files.columns import read_table
from rnnviz.files.errors import BadFileError
from rnnviz.files.text import encoding_note, read_text
from rnnviz.files.vocabulary import by_character, in_tokens, read_vocabulary

ARRAYS, TABLES = frozenset({".npy", ".npz"}), frozenset({".csv", ".tsv"})
BYTES = 256


@dataclass(frozen=True)
class Source:
    """Where a sequence comes from, and what the model reads: labels, or numbers, ``size`` of them."""

    data: Path | None  # None: random
    vocabulary: Path | None
    labels: bool
    size: int  # V labels, or D numbers a token
    start: int = 0
    length: int = 50
    seed: int = 0


class Sequence(NamedTuple):
    """What is read, and one token more where there is one: what should come after the last."""

    values: Array  # (T or T + 1,) int64, or (T or T + 1, D) float64
    tokens: int  # T
    kind: Values
    note: str


def read_sequence(source: Source) -> Sequence:
    """Return the chosen part. Raises BadFileError or ValueError with a sentence for what does not fit the model."""
    if source.length < 1 or source.start < 0:
        raise ValueError(f"start and length are {source.start} and {source.length}, expected at least 0 and 1")
    values, names, note = _labels(source) if source.labels else _numbers(source)
    part = values[source.start : source.start + source.length + 1]
    if not len(part):
        raise ValueError(f"start is {source.start}, expected less than {len(values):,}, which is all that is there")
    tokens = min(source.length, len(part))
    kind: Values = Symbols(names) if source.labels else Numbers(names)
    return Sequence(part, tokens, kind, f"{note} Tokens {source.start} to {source.start + tokens - 1} are read.")


def _labels(source: Source) -> tuple[Array, tuple[str, ...], str]:
    known, told = _vocabulary(source)
    names = (*known, *(f"#{place}" for place in range(len(known), source.size)))
    if source.data is None:
        values = np.random.default_rng(source.seed).integers(0, source.size, source.start + source.length + 1)
        return values, names, f"Random labels; {told}."
    suffix = source.data.suffix.lower()
    if suffix in ARRAYS or (suffix in TABLES and source.vocabulary is None):
        values, how = _indices(source.data), "indices"
    elif source.vocabulary is not None:
        values = in_tokens(source.data, read_text(source.data), known, source.start + source.length + 1)
        how = "by character" if by_character(known) else "by word"
    elif source.size == BYTES:
        values, how = np.frombuffer(read_text(source.data).encode(), np.uint8).astype(np.int64), "by byte"
    else:
        raise ValueError(
            f"vocabulary is not set, expected a file with the model's {source.size:,} tokens, one a line or JSON, "
            "to read a text by"
        )
    _refuse_outside(source, values)
    return values, names, f"{source.data.name}, {how}; {told}.{_encoding(source.data)}"


def _encoding(path: Path) -> str:
    return "" if path.suffix.lower() in ARRAYS else encoding_note(path)


def _vocabulary(source: Source) -> tuple[tuple[str, ...], str]:
    if source.vocabulary is None:
        if source.size == BYTES:
            return tuple(chr(code) if 32 <= code < 127 else f"x{code:02x}" for code in range(BYTES)), "bytes"
        return tuple(map(str, range(source.size))), f"{source.size:,} indices"
    names = read_vocabulary(source.vocabulary)
    if len(names) > source.size:
        raise BadFileError(
            source.vocabulary, f"{len(names):,} tokens, expected at most {source.size:,}, which the model knows"
        )
    return names, f"{len(names):,} tokens in {source.vocabulary.name}"


def _indices(path: Path) -> Array:
    found = _first(path) if path.suffix.lower() in ARRAYS else read_table(path).numbers[:, -1]
    while found.ndim > 1:
        found = found[..., 0] if found.shape[-1] == 1 else found[0]
    if found.dtype.kind == "f" and not np.array_equal(found, np.round(found)):
        raise BadFileError(path, "its numbers are not whole, expected indices of labels")
    return found.astype(np.int64)


def _refuse_outside(source: Source, values: Array) -> None:
    if source.data is not None and len(values) and not (values.min() >= 0 and values.max() < source.size):
        found = f"indices run from {values.min()} to {values.max()}"
        raise BadFileError(
            source.data, f"{found}, expected 0 to {source.size - 1}: the model knows {source.size} labels"
        )


def _numbers(source: Source) -> tuple[Array, tuple[str, ...], str]:
    if source.data is None:
        shape = source.start + source.length + 1, source.size
        values = np.random.default_rng(source.seed).standard_normal(shape)
        return values, _channels(source.size), f"Random numbers, {source.size} a token."
    if source.data.suffix.lower() in ARRAYS:
        values, names, how = _rows(source.data), _channels(source.size), "an array"
    else:
        names, values, how = read_table(source.data)
        if source.size == 1:
            names, values = names[-1:], values[:, -1:]
    if values.shape[1] != source.size:
        raise BadFileError(
            source.data, f"{values.shape[1]} numbers a row, expected {source.size}, which the model reads at a token"
        )
    if not np.isfinite(values).all():
        raise BadFileError(source.data, "some of its numbers are not finite, expected finite ones")
    return values.astype(np.float64), names, f"{source.data.name}, {how}: {len(values):,} rows."


def _rows(path: Path) -> Array:
    found = _first(path)
    if found.ndim == 1:
        found = found[:, None]
    while found.ndim > 2:
        found = found[0]
    return found


def _first(path: Path) -> Array:
    """The first array of the file, at least one number in it."""
    found = next(iter(read_arrays(path).values()))
    if found.ndim == 0 or not found.size:
        raise BadFileError(path, f"its shape is {found.shape}, expected at least one token")
    return found


def _channels(count: int) -> tuple[str, ...]:
    return tuple(f"x{place + 1}" for place in range(count))
