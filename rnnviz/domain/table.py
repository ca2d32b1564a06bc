"""The numbers of one view as a small named table, and the CSV that is made of it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array


class Column(NamedTuple):
    """One quantity over the rows of a table."""

    name: str
    unit: str  # "nats", "tokens", "1" for what has none, empty for words
    values: Array | tuple[object, ...]

    @property
    def heading(self) -> str:
        """“loss [nats]”."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one length; no column where a view has nothing to show yet."""

    title: str
    columns: tuple[Column, ...] = ()

    def __post_init__(self) -> None:
        lengths = {len(column.values) for column in self.columns}
        if len(lengths) > 1:
            found = ", ".join(f"{column.name!r} {len(column.values)}" for column in self.columns)
            raise ValueError(f"the columns of {self.title!r} are {found} long, expected one length")

    def __bool__(self) -> bool:
        """Whether there is a column."""
        return bool(self.columns)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.columns[0].values) if self.columns else 0

    def column(self, name: str) -> Array | tuple[object, ...]:
        """The values of a column. Raises KeyError naming those that there are."""
        for column in self.columns:
            if column.name == name:
                return column.values
        raise KeyError(f"{name!r} is no column of {self.title!r}, expected one of {[c.name for c in self.columns]}")

    def csv(self) -> str:
        """The table as CSV with a line of headings.

        Numbers are written with as many digits as give back exactly the same float64; inf, -inf and nan as such, None
        as an empty cell.
        """
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([column.heading for column in self.columns])
        writer.writerows(zip(*(_cells(column.values) for column in self.columns), strict=True))
        return written.getvalue()


def wide(name: str, unit: str, values: Array, labels: tuple[str, ...] | None = None) -> tuple[Column, ...]:
    """A column for each of the second axis of ``values`` (N, M): “h 0”, “h 1”, … or named by ``labels``."""
    names = tuple(map(str, range(values.shape[1]))) if labels is None else labels
    return tuple(Column(f"{name} {label}".strip(), unit, values[:, k]) for k, label in enumerate(names))


def counted(name: str, count: int) -> Column:
    """0, 1, 2, … as a column."""
    return Column(name, "1", np.arange(count))


def side_by_side(title: str, tables: Iterable[Table]) -> Table:
    """All columns in one table; what is shorter is filled up with empty cells."""
    found = list(tables)
    longest = max(map(len, found), default=0)
    return Table(title, tuple(_filled_up(column, longest) for table in found for column in table.columns))


def _filled_up(column: Column, length: int) -> Column:
    missing = length - len(column.values)
    return column._replace(values=(*_cells(column.values), *[None] * missing)) if missing else column


def _cells(values: Array | tuple[object, ...]) -> list[object]:
    return list(values) if isinstance(values, tuple) else values.tolist()
