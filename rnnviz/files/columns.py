"""Reading a column of numbers from a CSV file, JSON lines or an array that a user chose."""

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.array_columns import read_array_columns
from rnnviz.files.errors import BadFileError
from rnnviz.files.labelled import JSON_LINES
from rnnviz.files.objects import read_objects
from rnnviz.files.suffixes import ARRAYS
from rnnviz.files.text import read_text

DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}  # the first of them that the first line has
POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?")
LONGEST_CELL = 30  # characters of a cell that a sentence quotes
MOST_NAMED = 20  # columns in a sentence


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


class Columns(NamedTuple):
    """Names of the columns in which everything is a number, in their order, and which of them is usually read."""

    names: tuple[str, ...]
    usual: str


class Row(NamedTuple):
    """Cells, all of them trimmed."""

    line: int  # in the file, from 1
    cells: list[str]


class _Grid(NamedTuple):
    """All cells, and how they are to be read."""

    rows: list[Row]
    delimiter: str  # empty for one column, and for JSON lines
    pattern: re.Pattern[str]  # of a number
    fullest: int  # place of the last of the columns that have most numbers

    @property
    def width(self) -> int:
        return len(self.rows[0].cells)

    def header(self, place: int) -> bool:
        """Whether the first row has a name in this column, or in the fullest."""
        first = self.rows[0].cells
        return any(self.pattern.fullmatch(first[column]) is None for column in (place, self.fullest))

    def names(self) -> list[str]:
        """One for each column: that of the header, where it is no other's."""
        return distinct(self.rows[0].cells if self.header(self.fullest) else [""] * self.width)

    def numbers(self, place: int) -> int:
        """How many cells of this column are numbers."""
        return sum(bool(self.pattern.fullmatch(row.cells[place])) for row in self.rows[self.header(place) :])


def read_column(path: Path, column: str | None = None) -> Column:
    """Return the column of this name; None: the last of the columns of ``path`` that have most numbers.

    The first row may be a header; without one, or where two have the same name, they are “column 1” and so on. Cells
    are separated by tabs, semicolons or commas, whichever the first line has; where it is not the comma, numbers may be
    written with a decimal comma. Raises BadFileError, naming the line, for anything else in that column, for rows of
    different lengths and for a file without numbers; for a column that is not there or has other things than numbers.
    """
    if path.suffix.lower() in ARRAYS:
        return _of_array(path, column)
    grid = _grid(path)
    place = grid.fullest if column is None else _place(path, grid, column)
    header = grid.header(place)
    numbers = [_number(path, row, place, grid.pattern) for row in grid.rows[header:]]
    return Column(grid.names()[place], np.array(numbers), _how(path, grid, place))


def columns_of(path: Path) -> Columns:
    """The columns that `read_column` can read. Raises BadFileError where it can read none."""
    if path.suffix.lower() in ARRAYS:
        known = read_array_columns(path).names
        return Columns(known, known[-1])
    grid = _grid(path)
    names, below = grid.names(), len(grid.rows) - grid.header(grid.fullest)
    full = [place for place in range(grid.width) if grid.numbers(place) == below or place == grid.fullest]
    return Columns(tuple(names[place] for place in full), names[grid.fullest])


def read_table(path: Path) -> Table:
    """Return every column of ``path`` in which all cells below a header are numbers; the rest as `read_column`."""
    grid = _grid(path)
    fullest, width, header = grid.fullest, grid.width, grid.header(grid.fullest)
    below = grid.rows[header:]
    chosen = [place for place in range(width) if all(grid.pattern.fullmatch(row.cells[place]) for row in below)]
    if fullest not in chosen:
        chosen.append(fullest)  # its first bad cell is what the sentence is about
    numbers = np.array([[_number(path, row, place, grid.pattern) for place in chosen] for row in below])
    names = tuple((grid.rows[0].cells[place] if header else "") or f"column {place + 1}" for place in chosen)
    left_out = f"; {width - len(chosen)} without numbers left out" if len(chosen) < width else ""
    separated = f"separated by {DELIMITERS[grid.delimiter]}; " if grid.delimiter else ""
    how = _how(path, grid, fullest).partition(";")[2].strip()
    return Table(names, numbers, f"{width} columns, {separated}{how}{left_out}" if width > 1 else f"1 column; {how}")


def read_rows(path: Path) -> list[Row]:
    """Rows of equally many cells; of JSON lines the first has the names. Raises BadFileError, naming the line."""
    return _separated_rows(path)[1]


def _separated_rows(path: Path) -> tuple[str, list[Row]]:
    """What separates the cells, nothing for JSON lines, and the rows."""
    text = read_text(path)
    if path.suffix.lower() in JSON_LINES:
        return "", [Row(line, cells) for line, cells in read_objects(path, text)]
    delimiter = _delimiter(text)
    return delimiter, _rows(path, text, delimiter)


def distinct(names: Sequence[str]) -> list[str]:
    """One name for each column: that in ``names``, where it is not empty and no other's; else by its place."""
    return [name if name and name not in names[:place] else f"column {place + 1}" for place, name in enumerate(names)]


def _grid(path: Path) -> _Grid:
    delimiter, rows = _separated_rows(path)
    may_have_commas = delimiter != "," and path.suffix.lower() not in JSON_LINES
    pattern = COMMA if may_have_commas and _decimal_comma(rows) else POINT
    return _Grid(rows, delimiter, pattern, _fullest(path, rows, pattern))


def _of_array(path: Path, column: str | None) -> Column:
    names, numbers, _ = read_array_columns(path)
    if column is not None and column not in names:
        known = ", ".join(repr(name) for name in names[:MOST_NAMED])
        raise BadFileError(path, f"no column is called {column[:LONGEST_CELL]!r}, expected one of {known}")
    place = len(names) - 1 if column is None else names.index(column)
    return Column(names[place], numbers[:, place], f"of {len(names)} in the array")


def _place(path: Path, grid: _Grid, column: str) -> int:
    """Where the column of this name is."""
    names = grid.names()
    if column not in names:
        known = ", ".join(repr(name) for name in columns_of(path).names[:MOST_NAMED])
        raise BadFileError(path, f"no column is called {column[:LONGEST_CELL]!r}, expected one of {known}")
    place = names.index(column)
    numbers, below = grid.numbers(place), len(grid.rows) - grid.header(place)
    if numbers * 2 < below:
        known = ", ".join(repr(name) for name in columns_of(path).names[:MOST_NAMED])
        found = (
            f"the column {column[:LONGEST_CELL]!r} has {numbers or 'no'} number{'s' * (numbers != 1)} in {below} rows"
        )
        raise BadFileError(path, f"{found}, expected a column of numbers, one of {known}")
    return place


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


def _rows(path: Path, text: str, delimiter: str) -> list[Row]:
    # Without a delimiter a line is one cell; the reader needs one, and this one is not in a text.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or "\x1f", strict=True)
    try:
        rows = [
            Row(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))
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


def _decimal_comma(rows: Sequence[Row]) -> bool:
    """Whether more cells are numbers with a comma than with a point; whole numbers are both."""
    found = [cell for row in rows for cell in row.cells]
    return sum("," in cell and bool(COMMA.fullmatch(cell)) for cell in found) > sum(
        "." in cell and bool(POINT.fullmatch(cell)) for cell in found
    )


def _fullest(path: Path, rows: Sequence[Row], pattern: re.Pattern[str]) -> int:
    counts = [sum(bool(pattern.fullmatch(row.cells[place])) for row in rows) for place in range(len(rows[0].cells))]
    if max(counts) * 2 < len(rows) - 1 or not max(counts):
        found = rows[-1].cells[-1][:LONGEST_CELL]
        raise BadFileError(path, f"line {rows[-1].line}: {found!r} is not a number, expected a column of numbers")
    return max(range(len(counts)), key=lambda place: (counts[place], place))


def _number(path: Path, row: Row, place: int, pattern: re.Pattern[str]) -> float:
    cell = row.cells[place]
    number = float(cell.replace(",", ".")) if pattern.fullmatch(cell) else math.nan
    if not math.isfinite(number):
        found = f"column {place + 1} is {cell[:LONGEST_CELL]!r}"
        raise BadFileError(path, f"line {row.line}: {found}, expected a number as in the other lines")
    return number


def _how(path: Path, grid: _Grid, place: int) -> str:
    if path.suffix.lower() in JSON_LINES:
        return f"{place + 1} of {grid.width} in each object; JSON lines; decimal point"
    separated = f"separated by {DELIMITERS[grid.delimiter]}" if grid.delimiter else ""
    where = f"column {place + 1} of {grid.width}, {separated}" if grid.delimiter else "the only column"
    first = "the first line is a header" if grid.header(place) else "no header"
    return f"{where}; {first}; decimal {'comma' if grid.pattern is COMMA else 'point'}"
