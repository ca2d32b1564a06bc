"""From the window to the worker: what to do next. The worker waits here and nowhere else."""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rnnviz.config import RunConfig


@dataclass(frozen=True)
class Begin:
    """Leave the present run for a new one. ``train``: whatever the present one does, train the new one."""

    config: RunConfig
    train: bool = False


@dataclass(frozen=True)
class Look:
    """Nothing follows: trace the newest update, if it was not."""


@dataclass(frozen=True)
class GoBack:
    """Return to the run before the present one, as it was left."""


@dataclass(frozen=True)
class Change:
    """Change settings of the present run."""

    changes: dict[str, Any]


@dataclass(frozen=True)
class Update:
    """Do one update. ``looked_at``: nothing follows at once, so its trace is wanted whatever the pace."""

    looked_at: bool


Order = Begin | GoBack | Change | Update | Look


class Control:
    """Wishes of the window. They take effect between two updates, the newest of a kind wins."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._switch: Begin | GoBack | None = None
        self._changes: dict[str, Any] = {}
        self._updates_left = 0.0  # 0: stand still, infinity: train on and on
        self._pause_s = 0.0
        self._next_update = 0.0  # time.monotonic() before which slow motion holds the next update back
        self._unseen = False  # whether the newest update went by without being looked at
        self._closed = False

    def begin(self, config: RunConfig, *, train: bool = False) -> None:
        """Leave the present run for a new one, if that can be had; ``train`` it even when the present one stands."""
        with self._condition:
            self._switch = Begin(config, train)
            self._forget_wishes()

    def go_back(self) -> None:
        """Return to the run before the present one."""
        with self._condition:
            self._switch = GoBack()
            self._forget_wishes()

    def change(self, **changes: Any) -> None:
        """Change settings of the present run before its next update."""
        with self._condition:
            self._changes |= changes
            self._condition.notify()

    def run(self, updates: float = math.inf) -> None:
        """Train for so many updates, or until told otherwise."""
        with self._condition:
            self._updates_left = updates
            self._condition.notify()

    def pause(self) -> None:
        """Stop after the update that is under way."""
        self.run(0)

    def stop_present(self) -> None:
        """Pause the present run, but not one that is about to take its place. For the worker."""
        with self._condition:
            if self._switch is None:
                self._updates_left = 0.0

    def step(self) -> None:
        """Do one more update and then stand still; steps asked for quickly add up."""
        with self._condition:
            self._updates_left = self._updates_left + 1 if math.isfinite(self._updates_left) else 1
            self._next_update = 0.0
            self._condition.notify()

    def set_pause(self, seconds: float) -> None:
        """Slow motion: let ``seconds`` pass from one update to the next; 0 is full speed."""
        with self._condition:
            self._pause_s = seconds
            self._next_update = time.monotonic() + seconds
            self._condition.notify()

    def close(self) -> None:
        """End the worker."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    def orders(self) -> Iterator[Order]:
        """What to do, one after the other, waiting where there is nothing; ends when closed. For the worker."""
        while (order := self._wait()) is not None:
            yield order

    def _forget_wishes(self) -> None:
        """What was meant for the run that is being left does not reach the next one."""
        self._changes = {}
        if math.isfinite(self._updates_left):
            self._updates_left = 0
        self._condition.notify()

    def _wait(self) -> Order | None:
        with self._condition:
            while not self._closed:
                if self._switch is not None:
                    switch, self._switch = self._switch, None
                    self._unseen = False
                    return switch
                if self._changes:
                    changes, self._changes = self._changes, {}
                    return Change(changes)
                remaining = self._next_update - time.monotonic()
                if self._updates_left and remaining <= 0:
                    self._updates_left -= 1
                    self._next_update = time.monotonic() + self._pause_s
                    looked_at = self._updates_left == 0 or self._pause_s > 0
                    self._unseen = not looked_at
                    return Update(looked_at)
                if self._unseen and not self._updates_left:
                    self._unseen = False
                    return Look()
                self._condition.wait(remaining if self._updates_left else None)
        return None
