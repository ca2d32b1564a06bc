"""The small numbers of every update of a run, as they travel between the worker, the window and files."""

from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.records import UpdateRecord

COLUMNS = ("update", "loss", "grad_norm", "grad_norm_clipped", "seconds", "accuracy")
VALIDATION = ("update", "validation_loss", "validation_accuracy")


class Chronicle(NamedTuple):
    """All updates of one network so far."""

    table: Array  # (N, 6) float64, COLUMNS
    validation: Array  # (n, 3) float64, VALIDATION: the updates at which it was measured
    last: UpdateRecord | None = None  # in full


class Ledger:
    """Collects them where they are made: 48 bytes an update."""

    def __init__(self, past: Chronicle | None = None) -> None:
        self._table = np.empty((1024, len(COLUMNS))) if past is None else np.array(past.table, float)
        self._length = 0 if past is None else len(past.table)
        self._validation = [] if past is None else [tuple(row) for row in past.validation.tolist()]
        self._last = None if past is None else past.last

    def append(self, record: UpdateRecord) -> None:
        """Add one update."""
        if self._length == len(self._table):
            self._table = np.concatenate([self._table, np.empty((max(self._length, 1024), len(COLUMNS)))])
        self._table[self._length] = [getattr(record, column) for column in COLUMNS]
        self._length += 1
        if record.validation_loss is not None:
            accuracy = np.nan if record.validation_accuracy is None else record.validation_accuracy
            self._validation.append((record.update, record.validation_loss, accuracy))
        self._last = record

    def until(self, update: int) -> "Ledger":
        """The past up to ``update``."""
        whole = self.chronicle()
        table, validation = (part[part[:, 0] <= update] for part in (whole.table, whole.validation))
        last = whole.last if whole.last is not None and whole.last.update <= update else None
        return Ledger(Chronicle(table, validation, last))

    def chronicle(self) -> Chronicle:
        """What there is so far, as copies."""
        validation = np.array(self._validation, float).reshape(-1, len(VALIDATION))
        return Chronicle(self._table[: self._length].copy(), validation, self._last)
