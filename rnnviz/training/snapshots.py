"""The past of a run, within a budget of memory: dense where it is recent, sparse where it is long ago."""

import bisect
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import numpy as np

from rnnviz.analysis.thinning import least_missed

BUDGET = 64_000_000  # bytes
MOST = 1000  # snapshots, however small
BETWEEN = 1 / 20  # seconds


class Kept(Protocol):
    """What a ring can hold."""

    @property
    def update(self) -> int:
        """How many updates had been made."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""


K = TypeVar("K", bound=Kept)


class SnapshotRing(Generic[K]):
    """Snapshots by their update. The first and the newest stay, those between thin out with age.

    When there is too much, that snapshot goes whose absence leaves the smallest gap in proportion to its age:
    (next − previous) / (newest − its own). So gaps grow in proportion to age, as in rotated backups and in the
    exponential histograms of Datar, Gionis, Indyk and Motwani (2002): with n snapshots of a run of A updates,
    neighbours k updates ago are about k · ln(A) / n apart.

    The budget comes first: where two snapshots are beyond it the newest alone is kept, and where one is, none.
    """

    def __init__(
        self, budget_bytes: int = BUDGET, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock``: seconds that never go back."""
        self._budget, self._most, self._clock = budget_bytes, most, clock
        self._kept: list[K] = []
        self._bytes = 0
        self._next = -np.inf  # when a snapshot is due again
        self._beyond = False  # the one offered last is beyond the budget by itself

    @property
    def updates(self) -> tuple[int, ...]:
        """The updates that are kept, from the first to the newest."""
        return tuple(snapshot.update for snapshot in self._kept)

    @property
    def nbytes(self) -> int:
        """Memory that is taken, at most the budget."""
        return self._bytes

    def offer(self, update: int, *, looked_at: bool = False) -> bool:
        """Whether a snapshot of ``update`` is worth making now: one that is looked at, else twenty a second."""
        if self._beyond:
            return False
        return looked_at or (self._clock() >= self._next and self.get(update) is None)

    def add(self, snapshot: K) -> None:
        """Keep ``snapshot`` in place of one of the same update; what is too much goes."""
        self._next = self._clock() + BETWEEN
        self._beyond = snapshot.nbytes > self._budget
        place = self._place(snapshot.update)
        if self.get(snapshot.update) is not None:
            self._remove(place)
        if self._beyond:
            return
        self._kept.insert(place, snapshot)
        self._bytes += snapshot.nbytes
        while self._bytes > self._budget or len(self._kept) > self._most:
            self._remove(self._least_missed())

    def get(self, update: int) -> K | None:
        """The snapshot of just that update."""
        place = self._place(update)
        return self._kept[place] if place < len(self._kept) and self._kept[place].update == update else None

    def nearest(self, update: int) -> K | None:
        """The snapshot whose update is nearest, of two the earlier; None when there is none."""
        return min(self._kept, key=lambda snapshot: abs(snapshot.update - update), default=None)

    def _place(self, update: int) -> int:
        return bisect.bisect_left(self._kept, update, key=lambda snapshot: snapshot.update)

    def _remove(self, place: int) -> None:
        self._bytes -= self._kept.pop(place).nbytes

    def _least_missed(self) -> int:
        """Place of the snapshot that goes; the newest never does."""
        return least_missed(self.updates)
