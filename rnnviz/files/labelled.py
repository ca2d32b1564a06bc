"""Reading a table of texts, or files, and labels: CSV with two columns, or JSON lines."""

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
FILE_NAMES = frozenset({"file", "files", "filename", "path", "wav", "audio", "recording"})
TEXT_NAMES = frozenset({"text", "texts", "review", "sentence", "phrase", "comment", "document", "content", "tweet"})


def _expected(what: str) -> str:
    return f"expected two columns, a {what} and its label; put quotes around a {what} that has the delimiter in it"


EXPECTED = _expected("text")


class Labelled(NamedTuple):
    """A row of the table."""

    text: str
    label: str


def read_labelled(path: Path, what: str = "text") -> list[Labelled]:
    """Return the rows of ``path``; raise BadFileError that names the line where it is no such table.

    The delimiter, one of , ; tab |, is the one that makes two columns of most rows. A first row of names that are
    usual for texts and labels is a header and says which column is which; else the label comes last. Empty lines are
    passed over. ``what``: what the labels are of, “text” or “file”.
    """
    text = read_text(path)
    if path.suffix.lower() in JSON_LINES or text.lstrip().startswith("{"):
        return _json_lines(path, text)
    rows = _rows(path, text, _delimiter(text), _expected(what))
    swapped = False
    found = []
    for number, (line, fields) in enumerate(rows):
        _refuse_row(path, line, fields, _expected(what))
        names = [field.strip().lower() for field in fields]
        if number == 0 and _is_header(names):
            swapped = names[0] in LABEL_NAMES
            continue
        words, label = (field.strip() for field in (reversed(fields) if swapped else fields))
        refuse_empty(path, line, {what: words, "label": label})
        found.append(Labelled(words, label))
    if not found:
        raise BadFileError(path, f"no row below the header, {_expected(what)}")
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
        refuse_empty(path, line, {"text": row.text, "label": row.label})
        found.append(row)
    return found


def _from_object(content: Any) -> Labelled | None:
    if not isinstance(content, dict):
        return None
    lower = {str(name).lower(): value for name, value in content.items()}
    text = next((lower[name] for name in sorted(TEXT_NAMES) if isinstance(lower.get(name), str)), None)
    label = next((lower[name] for name in sorted(LABEL_NAMES) if isinstance(lower.get(name), str | int | float)), None)
    return None if text is None or label is None else Labelled(text.strip(), str(label).strip())


def _rows(path: Path, text: str, delimiter: str, expected: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with something in them, each with the line that it ends in, counted from 1."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise BadFileError(path, f"line {reader.line_num}: not CSV ({error}), {expected}") from error


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
    texts = TEXT_NAMES | FILE_NAMES
    return (first in texts and second in LABEL_NAMES) or (first in LABEL_NAMES and second in texts)


def _refuse_row(path: Path, line: int, fields: list[str], expected: str) -> None:
    if len(fields) != 2:
        columns = "1 column" if len(fields) == 1 else f"{len(fields)} columns"
        raise BadFileError(path, f"line {line} has {columns}, {expected}")


def refuse_empty(path: Path, line: int, fields: dict[str, str]) -> None:
    """Raise BadFileError for the first of ``fields``, by what they are, in which there is nothing."""
    for what, field in fields.items():
        if not field:
            raise BadFileError(path, f"line {line}: the {what} is empty, expected a {' and its '.join(fields)}")
