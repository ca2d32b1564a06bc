"""From the window to the worker: what to do next. The worker waits here and nowhere else."""

import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnnviz.config import RunConfig
from rnnviz.domain.checkpoint import ModelChoice
from rnnviz.exchange.orders import (
    LASTING,
    Begin,
    Change,
    GoBack,
    Idle,
    Keep,
    Look,
    Open,
    OpenModel,
    OpenSession,
    Order,
    Show,
    Switch,
    Update,
    Wish,
)


class Control:
    """Wishes of the window. They take effect between two updates, the newest of a kind wins."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._switch: Switch | None = None
        self._changes: dict[str, Any] = {}
        self._wishes: dict[type[Wish], Wish] = {}
        self._background = False
        self._keeps: list[Keep] = []  # what is to be written; none is ever forgotten
        self._updates_left = 0.0  # 0: stand still, infinity: train on and on
        self._pause_s = 0.0
        self._next_update = 0.0  # time.monotonic() before which slow motion holds the next update back
        self._unseen = False  # whether the newest update went by without being looked at
        self._closed = False

    def begin(self, config: RunConfig, *, train: bool = False, companions: tuple[RunConfig, ...] = ()) -> None:
        """Leave the present run for a new one, if that can be had; ``train`` it even when the present one stands."""
        with self._condition:
            self._switch = Begin(config, train, companions)
            self._forget_wishes()

    def open(self, path: Path) -> None:
        """Leave the present run for a recording, if it can be read."""
        with self._condition:
            self._switch = Open(path)
            self._forget_wishes()

    def wish(self, wish: Wish) -> None:
        """Ask for something else that takes effect between two updates; to show the past is to pause, too."""
        with self._condition:
            if isinstance(wish, Show) and wish.update is not None:
                self._updates_left = 0.0
            self._wishes.pop(type(wish), None)  # the newest of a kind, in the order in which they were last made
            self._wishes[type(wish)] = wish
            self._condition.notify()

    def set_background(self, *, busy: bool) -> None:
        """Say whether there is something to go on with while nothing else is to do. For the worker."""
        self._background = busy

    def go_back(self) -> None:
        """Return to the run before the present one."""
        with self._condition:
            self._switch = GoBack()
            self._forget_wishes()

    def open_model(self, choice: ModelChoice) -> None:
        """Leave the present run for a model that was trained elsewhere, if it can be had."""
        with self._condition:
            self._switch = OpenModel(choice)
            self._forget_wishes()

    def open_session(self, path: Path) -> None:
        """Leave the present run for the one in a file, if that can be had."""
        with self._condition:
            self._switch = OpenSession(path)
            self._forget_wishes()

    def keep(self, order: Keep) -> None:
        """Have something written, before anything else is begun, and even when the program ends."""
        with self._condition:
            self._keeps.append(order)
            self._condition.notify()

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
        self._wishes = {kind: wish for kind, wish in self._wishes.items() if issubclass(kind, LASTING)}
        if math.isfinite(self._updates_left):
            self._updates_left = 0
        self._condition.notify()

    def _wait(self) -> Order | None:
        with self._condition:
            while not self._closed or self._keeps:
                remaining = self._next_update - time.monotonic()
                order = self._wished() or self._next(remaining)
                if order is not None:
                    return order
                self._condition.wait(remaining if self._updates_left else None)
        return None

    def _wished(self) -> Order | None:
        """What does not wait for an update."""
        if self._keeps:
            return self._keeps.pop(0)
        if self._switch is not None:
            switch, self._switch = self._switch, None
            self._unseen = False
            return switch
        if self._changes:
            changes, self._changes = self._changes, {}
            return Change(changes)
        return self._wishes.pop(next(iter(self._wishes))) if self._wishes else None

    def _next(self, remaining: float) -> Order | None:
        """The next update if it is due, else what fills the time until then."""
        if self._updates_left and remaining <= 0:
            self._updates_left -= 1
            self._next_update = time.monotonic() + self._pause_s
            looked_at = self._updates_left == 0 or self._pause_s > 0
            self._unseen = not looked_at
            return Update(looked_at)
        if self._unseen and not self._updates_left:
            self._unseen = False
            return Look()
        return Idle() if self._background else None
