"""Reading a column of numbers from a CSV file that a user chose."""

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError
from rnnviz.files.text import read_text

DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas"}  # the first of them that the first line has
POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?")
LONGEST_CELL = 30  # characters of a cell that a sentence quotes


class Column(NamedTuple):
    """A column of numbers and how it was read."""

    name: str
    numbers: Array  # (N,) float64, finite
    note: str  # a clause: which column, what separates the cells, header, decimal comma


class Table(NamedTuple):
    """All columns of numbers, and how they were read."""

    names: tuple[str, ...]
    numbers: Array  # (N, D) float64, finite
    note: str  # what separates the cells, header, decimal comma, which columns were left out


class _Row(NamedTuple):
    line: int  # in the file, from 1
    cells: list[str]


def read_column(path: Path) -> Column:
    """Return the last of the columns of ``path`` that have most numbers; the first row may be a header.

    Cells are separated by tabs, semicolons or commas, whichever the first line has; where it is not the comma, numbers
    may be written with a decimal comma. Raises BadFileError, naming the line, for anything else in that column, for
    rows of different lengths and for a file without numbers.
    """
    text = read_text(path)
    delimiter = _delimiter(text)
    rows = _rows(path, text, delimiter)
    decimal_comma = delimiter != "," and _decimal_comma(rows)
    pattern = COMMA if decimal_comma else POINT
    place = _fullest(path, rows, pattern)
    header = pattern.fullmatch(rows[0].cells[place]) is None
    numbers = [_number(path, row, place, pattern) for row in rows[header:]]
    name = (rows[0].cells[place] if header else "") or f"column {place + 1}"
    return Column(name, np.array(numbers), _how(rows, place, delimiter, header=header, decimal_comma=decimal_comma))


def read_table(path: Path) -> Table:
    """Return every column of ``path`` in which all cells below a header are numbers; the rest as `read_column`."""
    text = read_text(path)
    delimiter = _delimiter(text)
    rows = _rows(path, text, delimiter)
    decimal_comma = delimiter != "," and _decimal_comma(rows)
    pattern = COMMA if decimal_comma else POINT
    fullest = _fullest(path, rows, pattern)
    header = pattern.fullmatch(rows[0].cells[fullest]) is None
    below, width = rows[header:], len(rows[0].cells)
    chosen = [place for place in range(width) if all(pattern.fullmatch(row.cells[place]) for row in below)]
    if fullest not in chosen:
        chosen.append(fullest)  # its first bad cell is what the sentence is about
    numbers = np.array([[_number(path, row, place, pattern) for place in chosen] for row in below])
    names = tuple((rows[0].cells[place] if header else "") or f"column {place + 1}" for place in chosen)
    left_out = f"; {width - len(chosen)} without numbers left out" if len(chosen) < width else ""
    how = _how(rows, fullest, delimiter, header=header, decimal_comma=decimal_comma).partition(";")[2].strip()
    separated = f"separated by {DELIMITERS[delimiter]}; " if delimiter else ""
    return Table(names, numbers, f"{width} columns, {separated}{how}{left_out}" if width > 1 else f"1 column; {how}")


def separated(path: Path, text: str) -> tuple[str, list[list[str]]]:
    """What separates the cells of ``text``, in a word, and its rows of cells; one cell a row where nothing does.

    Raises BadFileError for quotes that do not match.
    """
    mark = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark or "\x1f")
    try:
        return DELIMITERS.get(mark, "nothing"), [list(map(str.strip, row)) for row in reader if any(row)]
    except csv.Error as error:
        raise BadFileError(path, f"line {reader.line_num}: {error}, expected CSV with matching quotes") from error


def _delimiter(text: str) -> str:
    """The first of the delimiters in the first line that is not blank, quoted parts aside; empty for one column."""
    first = re.sub(r'"[^"]*"', "", next(line for line in text.split("\n") if line.strip()))
    return next((mark for mark in DELIMITERS if mark in first), "")


def _rows(path: Path, text: str, delimiter: str) -> list[_Row]:
    # Without a delimiter a line is one cell; the reader needs one, and this one is not in a text.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or "\x1f", strict=True)
    try:
        rows = [
            _Row(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))
        ]
    except csv.Error as error:
        raise BadFileError(path, f"line {reader.line_num}: {error}, expected CSV with matching quotes") from error
    if not rows:
        raise BadFileError(path, f"line {reader.line_num}: every cell is empty, expected a column of numbers")
    width = len(rows[0].cells)
    for row in rows:
        if len(row.cells) != width:
            raise BadFileError(
                path, f"line {row.line} has {_cells(len(row.cells))}, expected {width} as line {rows[0].line} has"
            )
    return rows


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"


def _decimal_comma(rows: Sequence[_Row]) -> bool:
    """Whether more cells are numbers with a comma than with a point; whole numbers are both."""
    found = [cell for row in rows for cell in row.cells]
    return sum("," in cell and bool(COMMA.fullmatch(cell)) for cell in found) > sum(
        "." in cell and bool(POINT.fullmatch(cell)) for cell in found
    )


def _fullest(path: Path, rows: Sequence[_Row], pattern: re.Pattern[str]) -> int:
    counts = [sum(bool(pattern.fullmatch(row.cells[place])) for row in rows) for place in range(len(rows[0].cells))]
    if max(counts) * 2 < len(rows) - 1 or not max(counts):
        found = rows[-1].cells[-1][:LONGEST_CELL]
        raise BadFileError(path, f"line {rows[-1].line}: {found!r} is not a number, expected a column of numbers")
    return max(range(len(counts)), key=lambda place: (counts[place], place))


def _number(path: Path, row: _Row, place: int, pattern: re.Pattern[str]) -> float:
    cell = row.cells[place]
    number = float(cell.replace(",", ".")) if pattern.fullmatch(cell) else math.nan
    if not math.isfinite(number):
        found = f"column {place + 1} is {cell[:LONGEST_CELL]!r}"
        raise BadFileError(path, f"line {row.line}: {found}, expected a number as in the other lines")
    return number


def _how(rows: Sequence[_Row], place: int, delimiter: str, *, header: bool, decimal_comma: bool) -> str:
    width = len(rows[0].cells)
    where = f"column {place + 1} of {width}, separated by {DELIMITERS[delimiter]}" if delimiter else "the only column"
    first = "the first line is a header" if header else "no header"
    return f"{where}; {first}; decimal {'comma' if decimal_comma else 'point'}"
