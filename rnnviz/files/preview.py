"""What a file of data is, before it is used: encoding, separator, header, first rows, possible tasks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.array_columns import read_array_columns
from rnnviz.files.columns import Columns, columns_of, read_table, separated
from rnnviz.files.errors import BadFileError
from rnnviz.files.examples import Examples, read_examples
from rnnviz.files.labelled import JSON_LINES, Labelled
from rnnviz.files.objects import read_objects
from rnnviz.files.pairs import are_labels, pairs_of, read_texts
from rnnviz.files.suffixes import ARRAYS, TABLES
from rnnviz.files.text import UTF_16_MARKS, read_decoded

ROWS, CELLS, LETTERS = 8, 12, 60  # of the preview
LONG, HEAD = 1_000_000, 250_000  # bytes: what is a long text, and how much of it is looked at
LONG_ARRAYS = 8_000_000  # bytes


@dataclass(frozen=True)
class Preview:
    """What was detected. ``tasks``: names of those that can learn from it, the likeliest first."""

    path: Path
    facts: tuple[tuple[str, str], ...]  # “Encoding”: “UTF-8”, …
    header: tuple[str, ...]  # names of the columns; empty where there are none
    rows: tuple[tuple[str, ...], ...]  # the first
    tasks: tuple[str, ...]
    columns: Mapping[str, Columns] = field(default_factory=dict)  # by task: of which one, or one pair, may be learned


def preview(path: Path) -> Preview:
    """Look into ``path``. Raises BadFileError with a sentence where nothing can be learned from it.

    Of a long text the beginning alone is looked at: a window must not wait for the rest.
    """
    if path.suffix.lower() in ARRAYS:
        return _of_arrays(path)
    if not is_long(path):
        return _of_text(path)
    with TemporaryDirectory() as folder:
        head = Path(folder) / path.name
        try:
            head.write_bytes(_beginning(path))
            found = _of_text(head)
        except BadFileError as error:
            raise BadFileError(path, str(error).removeprefix(f"{head}: ")) from error
        except OSError as error:
            raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error
    looked_at = f"the first {HEAD // 1000} kB of {path.stat().st_size / 1e6:.1f} MB"
    return replace(found, path=path, facts=(("Looked at", looked_at), *found.facts))


def is_long(path: Path) -> bool:
    """Whether ``path`` is a file that takes long to be learned from."""
    most = LONG_ARRAYS if path.suffix.lower() in ARRAYS else LONG
    return path.is_file() and path.stat().st_size > most


def _beginning(path: Path) -> bytes:
    """Whole lines, in the file's own encoding."""
    with path.open("rb") as file:
        data = file.read(HEAD)
    if data[:2] in UTF_16_MARKS:
        text = data.decode("utf-16", errors="ignore")
        return text[: text.rfind("\n") + 1 or len(text)].encode("utf-16")
    end = data.rfind(b"\n") + 1
    return data[:end] if end else data.decode("utf-8", errors="ignore").encode()


def _of_text(path: Path) -> Preview:
    decoded = read_decoded(path)
    guess = " (a guess: nothing in the file says so)" if decoded.guessed else ""
    known = [("Encoding", decoded.encoding + guess), ("Size", _size(decoded.text))]
    if path.suffix.lower() in JSON_LINES:
        return _of_json_lines(path, (*known, ("Form", "JSON lines")), decoded.text)
    labelled = _plausible(_tried(lambda: read_texts(path)))
    table = _tried(lambda: read_table(path))
    if table is None and not labelled:
        lines = tuple((line[:LETTERS],) for line in decoded.text.split("\n") if line.strip())
        facts = [*known, *([("No table", _why_no_table(path))] if path.suffix.lower() in TABLES else [])]
        return Preview(path, tuple(facts), (), lines[:ROWS], ("text", "text_words"))
    marks, cells = separated(path, decoded.text)
    has_header = table is not None and "first line is a header" in table.note
    has_header |= bool(labelled) and len(labelled or ()) < len(cells)
    facts = [*known, ("Separator", marks), ("Header", "the first line" if has_header else "none")]
    if table is not None:
        facts.append(("Numbers", f"{', '.join(table.names[:CELLS])}: {table.note}"))
    header, first = (cells[0], cells[1:]) if has_header else (("",) * len(cells[0]), cells)
    shown = tuple(tuple(cell[:LETTERS] for cell in row[:CELLS]) for row in first[:ROWS])
    columns = _columns(series_csv=lambda: columns_of(path), sentiment_csv=lambda: pairs_of(path))
    by_table = [*["series_csv"] * (table is not None), *["sentiment_csv"] * (labelled is not None)]
    tasks = reversed(by_table) if "sentiment_csv" in columns else by_table  # texts are there for their labels
    return Preview(path, tuple(facts), tuple(header[:CELLS]), shown, (*tasks, "text", "text_words"), columns)


def _columns(**by_task: Callable[[], Columns]) -> dict[str, Columns]:
    """What can be read, for each task, where anything can."""
    found = {task: _tried(read) for task, read in by_task.items()}
    return {task: columns for task, columns in found.items() if columns is not None}


def _why_no_table(path: Path) -> str:
    """What keeps a file from being a table of numbers; neither is it one of texts and labels."""
    try:
        read_table(path)
    except BadFileError as error:
        return str(error).removeprefix(f"{path}: ")
    return ""


def _of_json_lines(path: Path, facts: tuple[tuple[str, str], ...], text: str) -> Preview:
    """Texts with labels, columns of numbers, or both."""
    objects = list(read_objects(path, text))  # so that a line which is none is told by its number
    columns = _columns(series_csv=lambda: columns_of(path), sentiment_csv=lambda: pairs_of(path))
    if not columns:
        rows = tuple((row.text[:LETTERS], row.label) for row in read_texts(path)[:ROWS])
        return Preview(path, facts, ("text", "label"), rows, ("sentiment_csv", "text"))
    cells = [tuple(cell[:LETTERS] for cell in row[:CELLS]) for _, row in objects[: ROWS + 1]]
    series = columns.get("series_csv")
    told = () if series is None else (("Numbers", ", ".join(series.names[:CELLS])),)
    tasks = (*sorted(columns), "text")  # texts with labels first
    return Preview(path, (*facts, *told), cells[0], tuple(cells[1:]), tasks, columns)


def _of_arrays(path: Path) -> Preview:
    """Sequences; or rows of numbers, of which a column is a series, and each may be a sequence."""
    rows, columns = _tried(lambda: read_array_columns(path)), _columns(series_csv=lambda: columns_of(path))
    found = read_examples(path) if rows is None else _tried(lambda: read_examples(path))
    facts = [("Form", "numpy, without pickles")]
    if rows is not None:
        facts.append(("Numbers", f"{len(rows.numbers):,} rows of {rows.numbers.shape[1]}"))
        facts += [("Array", rows.chosen)] if rows.chosen and found is None else []
    if found is not None:
        answers = found.answers
        told = "none: the next row is asked" if answers is None else f"{answers.shape}, {answers.dtype}"
        facts += [("Sequences", found.note), ("Answers y", told)]
    tasks = [*["own_arrays"] * (found is not None), *["series_csv"] * (rows is not None)]
    first = rows.numbers if rows is not None else _first(found)
    names = rows.names if rows is not None else tuple(f"x{place + 1}" for place in range(first.shape[1]))
    return Preview(path, tuple(facts), names[:CELLS], _rows(first), tuple(tasks), columns)


def _first(found: Examples | None) -> Array:
    assert found is not None  # noqa: S101  # where there are no rows it was refused without
    return np.asarray(found.inputs[0])


def _rows(numbers: Array) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(f"{value:.4g}".replace("-", "−") for value in row) for row in numbers[:ROWS, :CELLS].tolist())


Found = TypeVar("Found")


def _tried(read: Callable[[], Found]) -> Found | None:
    try:
        return read()
    except BadFileError:
        return None


def _plausible(rows: list[Labelled] | None) -> list[Labelled] | None:
    """``rows``, unless it is prose with a comma in every line: labels are few and short."""
    return rows if rows is not None and are_labels([row.label for row in rows]) else None


def _size(text: str) -> str:
    return f"{len(text):,} characters, {text.count(chr(10)) + (not text.endswith(chr(10))):,} lines"
