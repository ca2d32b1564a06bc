"""Reading JSON lines: an object in each, as rows of cells under the names of the first."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnviz.files.errors import BadFileError

EXPECTED = 'expected an object such as {"month": "May", "sold": 20.5} in every line'
LONGEST_QUOTE = 40


def read_objects(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of cells, each with its line in the file, from 1; the first row has the names, with the line of the first.

    Numbers are as JSON writes them, what is missing is empty. Raises BadFileError, naming the line.
    """
    names: list[str] | None = None
    for line, words in enumerate(text.split("\n"), 1):
        if not words.strip():
            continue
        content = _object(path, line, words)
        if names is None:
            names = list(content)
            yield line, names
        yield line, [_cell(content.get(name)) for name in names]


def _object(path: Path, line: int, words: str) -> dict[str, Any]:
    try:
        content = json.loads(words)
    except (ValueError, RecursionError) as error:
        raise BadFileError(path, f"line {line}: not JSON ({error}), {EXPECTED}") from error
    if not isinstance(content, dict) or not content:
        raise BadFileError(path, f"line {line} is {words.strip()[:LONGEST_QUOTE]!r}, {EXPECTED}")
    return content


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
