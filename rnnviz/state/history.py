"""The records of a run as columns, for plots. Small numbers are kept for every update there ever was."""

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.chronicle import COLUMNS as RECORDED
from rnnviz.domain.chronicle import Chronicle
from rnnviz.domain.records import UpdateRecord

COLUMNS = ("update", "loss", "grad_norm", "grad_norm_clipped", "seconds")


class History:
    """One run: a float64 column per plotted number (40 bytes an update), the validation losses, the last record."""

    def __init__(self) -> None:
        self._table = np.empty((1024, len(COLUMNS)))
        self._length = 0
        self._validation: list[tuple[float, float]] = []
        self.last: UpdateRecord | None = None
        self.reach: tuple[int, int] | None = None  # tokens back that the last loss reaches, and how many there are

    def __len__(self) -> int:
        return self._length

    def append(self, record: UpdateRecord) -> None:
        """Add the record of one update."""
        if self._length == len(self._table):
            self._table = np.concatenate([self._table, np.empty_like(self._table)])
        self._table[self._length] = [getattr(record, column) for column in COLUMNS]
        self._length += 1
        if record.validation_loss is not None:
            self._validation.append((record.update, record.validation_loss))
        self.last = record

    @classmethod
    def of(cls, chronicle: Chronicle) -> "History":
        """What was recorded of a run that comes from a file."""
        history = cls()
        history._length = len(chronicle.table)
        history._table = np.empty((max(2 * history._length, 1024), len(COLUMNS)))
        places = [RECORDED.index(column) for column in COLUMNS]
        history._table[: history._length] = chronicle.table[:, places]
        history._validation = [(when, loss) for when, loss, _ in chronicle.validation.tolist()]
        history.last = chronicle.last
        return history

    def until(self, last: UpdateRecord) -> "History":
        """Return a copy that ends with ``last``: the past that a branch shares."""
        past, update = History(), last.update
        past._length = int(np.searchsorted(self.column("update"), update, side="right"))
        past._table = self._table[: max(past._length, 1024)].copy()
        past._validation = [(when, loss) for when, loss in self._validation if when <= update]
        past.last = last
        return past

    def column(self, name: str) -> Array:
        """The values (N,) of one of COLUMNS over all updates so far. Raises ValueError for another name."""
        if name not in COLUMNS:
            raise ValueError(f"column is {name!r}, expected one of {', '.join(COLUMNS)}")
        return self._table[: self._length, COLUMNS.index(name)]

    @property
    def validation(self) -> Array:
        """(n, 2): update and validation loss, of the updates at which it was measured."""
        return np.array(self._validation, float).reshape(-1, 2)
