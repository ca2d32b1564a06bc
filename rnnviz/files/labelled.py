"""Reading a table of texts and labels: CSV with two columns, or JSON lines."""

import csv
import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from rnnviz.files.errors import BadFileError
from rnnviz.files.text import read_text

JSON_LINES = frozenset({".jsonl", ".ndjson"})
JSON_EXPECTED = 'expected an object such as {"text": "good", "label": "yes"} in every line'
DELIMITERS = ",;\t|"
LOOKED_AT = 20  # rows of which the delimiter is guessed
LABEL_NAMES = frozenset({"label", "labels", "sentiment", "class", "category", "polarity", "target", "rating", "stars"})
TEXT_NAMES = frozenset({"text", "texts", "review", "sentence", "phrase", "comment", "document", "content", "tweet"})
EXPECTED = "expected two columns, a text and its label; put quotes around a text that has the delimiter in it"


class Labelled(NamedTuple):
    """A row of the table."""

    text: str
    label: str


def read_labelled(path: Path) -> list[Labelled]:
    """Return the rows of ``path``; raise BadFileError that names the line where it is no such table.

    The delimiter, one of , ; tab |, is the one that makes two columns of most rows. A first row of names that are
    usual for texts and labels is a header and says which column is which; else the label comes last. Empty lines are
    passed over.
    """
    text = read_text(path)
    if path.suffix.lower() in JSON_LINES or text.lstrip().startswith("{"):
        return _json_lines(path, text)
    rows = _rows(path, text, _delimiter(text))
    swapped = False
    found = []
    for number, (line, fields) in enumerate(rows):
        _refuse_row(path, line, fields)
        names = [field.strip().lower() for field in fields]
        if number == 0 and _is_header(names):
            swapped = names[0] in LABEL_NAMES
            continue
        words, label = (field.strip() for field in (reversed(fields) if swapped else fields))
        _refuse_empty(path, line, words, label)
        found.append(Labelled(words, label))
    if not found:
        raise BadFileError(path, f"no row below the header, {EXPECTED}")
    return found


def _json_lines(path: Path, text: str) -> list[Labelled]:
    """One object a line: {"text": …, "label": …}, under one of the names that are usual for them."""
    found = []
    for line, words in enumerate(text.split("\n"), 1):
        if not words.strip():
            continue
        try:
            content = json.loads(words)
        except (ValueError, RecursionError) as error:
            raise BadFileError(path, f"line {line}: not JSON ({error}), {JSON_EXPECTED}") from error
        row = _from_object(content)
        if row is None:
            raise BadFileError(path, f"line {line}: no text and label in {words.strip()[:40]!r}, {JSON_EXPECTED}")
        _refuse_empty(path, line, row.text, row.label)
        found.append(row)
    return found


def _from_object(content: Any) -> Labelled | None:
    if not isinstance(content, dict):
        return None
    lower = {str(name).lower(): value for name, value in content.items()}
    text = next((lower[name] for name in sorted(TEXT_NAMES) if isinstance(lower.get(name), str)), None)
    label = next((lower[name] for name in sorted(LABEL_NAMES) if isinstance(lower.get(name), str | int | float)), None)
    return None if text is None or label is None else Labelled(text.strip(), str(label).strip())


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with something in them, each with the line that it ends in, counted from 1."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise BadFileError(path, f"line {reader.line_num}: not CSV ({error}), {EXPECTED}") from error


def _delimiter(text: str) -> str:
    """The delimiter that makes two columns of most of the first rows."""

    def pairs(delimiter: str) -> int:
        rows = islice(csv.reader(io.StringIO(text), delimiter=delimiter), LOOKED_AT)
        try:
            return sum(len(fields) == 2 for fields in rows)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=pairs)


def _is_header(names: list[str]) -> bool:
    first, second = names
    return (first in TEXT_NAMES and second in LABEL_NAMES) or (first in LABEL_NAMES and second in TEXT_NAMES)


def _refuse_row(path: Path, line: int, fields: list[str]) -> None:
    if len(fields) != 2:
        columns = "1 column" if len(fields) == 1 else f"{len(fields)} columns"
        raise BadFileError(path, f"line {line} has {columns}, {EXPECTED}")


def _refuse_empty(path: Path, line: int, text: str, label: str) -> None:
    for what, field in (("text", text), ("label", label)):
        if not field:
            raise BadFileError(path, f"line {line}: the {what} is empty, expected a text and its label")
