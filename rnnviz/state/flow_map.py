"""The gradient that reached every token, over the whole run: one column for each of some hundred updates."""

import bisect

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Trace

MOST = 1024  # columns; twice as far apart when there would be more


class FlowMap:
    """log10 ‖∂L/∂h_t‖₂ of the top layer (its forward direction), from traces that are of different updates."""

    def __init__(self) -> None:
        self._updates: list[int] = []
        self._columns: list[Array] = []
        self._written: tuple[str, ...] = ()  # what the columns are of, where the network wrote it itself
        self._apart = 1  # updates from one column to the next, at least

    def __len__(self) -> int:
        return len(self._updates)

    def add(self, trace: Trace) -> None:
        """Add a column, unless there is one of nearly the same update."""
        top = trace.top
        if trace.update is None or not len(top.log10_hidden_grads):
            return
        if not self._fits(trace):  # another sequence is shown: nothing compares
            self._updates, self._columns = [], []
        self._written = _written(trace)
        if self._updates and trace.update < self._updates[-1] + self._apart:
            return
        self._updates.append(trace.update)
        self._columns.append(top.log10_hidden_grads.astype(np.float32))
        self._thin()

    def add_past(self, trace: Trace) -> None:
        """Add a column of an earlier update than the newest, of the same length, unless there is one nearly there."""
        top, place = trace.top, bisect.bisect_left(self._updates, trace.update or 0)
        if trace.update is None or not self._fits(trace) or not len(top.log10_hidden_grads):
            return
        if any(abs(known - trace.update) < self._apart for known in self._updates[max(place - 1, 0) : place + 1]):
            return
        self._written = _written(trace)
        self._updates.insert(place, trace.update)
        self._columns.insert(place, top.log10_hidden_grads.astype(np.float32))
        self._thin()

    def _fits(self, trace: Trace) -> bool:
        """Whether ``trace`` is of a sequence like that of the columns."""
        return not self._columns or (len(self._columns[-1]), self._written) == (trace.tokens, _written(trace))

    @property
    def apart(self) -> int:
        """Updates from one column to the next, at least."""
        return self._apart

    @property
    def updates(self) -> Array:
        """(N,) of the columns."""
        return np.array(self._updates, float)

    @property
    def norms(self) -> Array:
        """(N, T) log10 norms, a row a column of the map."""
        return np.array(self._columns, np.float32) if self._columns else np.empty((0, 0), np.float32)

    @classmethod
    def of(cls, updates: Array, norms: Array, apart: int) -> "FlowMap":
        """A map from what the properties gave."""
        made = cls()
        made._updates, made._columns, made._apart = updates.astype(int).tolist(), list(norms), apart
        return made

    def until(self, update: int) -> "FlowMap":
        """Return a copy that ends with ``update``."""
        past = FlowMap()
        count = int(np.searchsorted(self._updates, update, side="right"))
        past._written = self._written
        past._updates, past._columns, past._apart = self._updates[:count], self._columns[:count], self._apart
        return past

    def _thin(self) -> None:
        if len(self._updates) > MOST:
            self._apart *= 2
            self._updates, self._columns = self._updates[::2], self._columns[::2]

    def picture(self, columns: int, last: int) -> Array:
        """(T, columns) log10 norms over the updates 1 … ``last``, evenly spaced; each place takes the nearest update.

        (0, columns) before the first trace.
        """
        if not self._updates:
            return np.empty((0, columns), np.float32)
        wanted = 1 + (np.arange(columns) + 0.5) / columns * max(last - 1, 1)
        known = np.array(self._updates)
        after = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1) if len(known) > 1 else np.zeros(columns, int)
        nearer = (np.abs(known[after - 1] - wanted) <= np.abs(known[after] - wanted)) & (len(known) > 1)
        return np.asarray(np.array(self._columns)[after - nearer].T)


def _written(trace: Trace) -> tuple[str, ...]:
    return () if trace.written is None or trace.reading is None else trace.reading.tokens
