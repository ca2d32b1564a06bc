"""Tables of the user's own with more columns than a text and its label: which two of them are meant."""

import re
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from rnnviz.files.columns import Columns, Row, distinct, read_rows
from rnnviz.files.errors import BadFileError
from rnnviz.files.labelled import JSON_LINES, LABEL_NAMES, TEXT_NAMES, Labelled, read_labelled, refuse_empty

ARROW = " → "
MOST_LABELS, LONGEST_LABEL = 100, 30  # different ones, and letters
FEWEST_WORDS = 2  # of letters alone, in a text on average
WORD = re.compile(r"\b[^\W\d_]+\b")
MOST_NAMED = 10  # pairs in a sentence
EXPECTED = "expected a table with a column of texts and one of their labels"


class _Grid(NamedTuple):
    path: Path
    names: list[str]  # of the columns
    rows: list[Row]  # below a header

    def column(self, place: int) -> list[str]:
        return [row.cells[place] for row in self.rows]

    def named(self, text: int, label: int) -> str:
        return f"{self.names[text]}{ARROW}{self.names[label]}"


def read_texts(path: Path, pair: str | None = None) -> list[Labelled]:
    """Texts and labels of ``path``: of the columns that ``pair`` names, as `pairs_of` does.

    None: of a table of two columns both, as `read_labelled`; of a wider one the usual two. Raises BadFileError, naming
    the line or what there is to choose.
    """
    found = _usual(path) if pair is None else (_grid(path), pair)
    if found is None:
        return read_labelled(path)
    grid, wanted = found
    places = {grid.named(*places): places for places in product(range(len(grid.names)), repeat=2)}
    if wanted not in places:
        known = ", ".join(repr(name) for name in _pairs(grid).names[:MOST_NAMED])
        raise BadFileError(path, f"no two columns are called {wanted!r}, expected one of {known}")
    return [_labelled(path, row, *places[wanted]) for row in grid.rows]


def pairs_of(path: Path) -> Columns:
    """Every column of texts with every one of labels, as “review → stars”. Raises BadFileError where there is none.

    Labels are 2 to 100 different ones, short, each used twice on average at least; texts have two words on average or a
    usual name. Usual are the names that are usual; without them the longest texts and the last labels.
    """
    return _pairs(_grid(path))


def _pairs(grid: _Grid) -> Columns:
    labels = _label_places(grid)
    texts = [place for place in range(len(grid.names)) if place not in labels and _are_texts(grid, place)]
    if not labels or not texts:
        missing = "texts" if not texts else "labels"
        raise BadFileError(grid.path, f"no column of {len(grid.names)} is one of {missing}, {EXPECTED}")
    usual = grid.named(_usual_text(grid, texts), _usual_label(grid, labels))
    return Columns(tuple(grid.named(text, label) for text, label in product(texts, labels)), usual)


def _usual(path: Path) -> tuple[_Grid, str] | None:
    """A table with more than two columns, and its usual pair."""
    try:
        grid = _grid(path)
        return (grid, _pairs(grid).usual) if len(grid.names) > 2 else None
    except BadFileError:
        return None


def _grid(path: Path) -> _Grid:
    rows = read_rows(path)
    width = len(rows[0].cells)
    named = _Grid(path, distinct(rows[0].cells), rows[1:])
    if path.suffix.lower() in JSON_LINES or _is_header(named, rows[0].cells):
        return named
    return _Grid(path, [f"column {place + 1}" for place in range(width)], rows)


def _is_header(grid: _Grid, first: Sequence[str]) -> bool:
    """Whether usual names stand in it, or nothing that is a label of other rows."""
    if {name.lower() for name in first} & (TEXT_NAMES | LABEL_NAMES):
        return True
    labels = _label_places(grid)
    return bool(labels) and all(first[place] not in grid.column(place) for place in labels)


def _label_places(grid: _Grid) -> list[int]:
    return [place for place in range(len(grid.names)) if are_labels(grid.column(place))]


def are_labels(cells: Sequence[str]) -> bool:
    """Whether ``cells`` are 2 to 100 different words, short, each used twice on average at least."""
    found = set(cells) - {""}  # the line of an empty one is told when it is read
    few = 2 <= len(found) <= min(MOST_LABELS, len(cells) / 2)
    return few and all(len(cell) <= LONGEST_LABEL for cell in found)


def _are_texts(grid: _Grid, place: int) -> bool:
    cells = grid.column(place)
    words = sum(len(WORD.findall(cell)) for cell in cells)
    return grid.names[place].lower() in TEXT_NAMES or words >= FEWEST_WORDS * max(len(cells), 1)


def _usual_text(grid: _Grid, places: Sequence[int]) -> int:
    known = [place for place in places if grid.names[place].lower() in TEXT_NAMES]
    return known[0] if known else max(places, key=lambda place: sum(map(len, grid.column(place))))


def _usual_label(grid: _Grid, places: Sequence[int]) -> int:
    known = [place for place in places if grid.names[place].lower() in LABEL_NAMES]
    return (known or places)[-1]


def _labelled(path: Path, row: Row, text: int, label: int) -> Labelled:
    found = Labelled(row.cells[text], row.cells[label])
    refuse_empty(path, row.line, {"text": found.text, "label": found.label})
    return found
