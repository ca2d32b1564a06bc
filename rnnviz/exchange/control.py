"""From the window to the worker: what to do next. The worker waits here and nowhere else."""

import math
import threading
import time
from collections.abc import Iterator
from typing import Any

from rnnviz.exchange.orders import (
    LASTING,
    Begin,
    Change,
    Close,
    Given,
    GoBack,
    Idle,
    Keep,
    Look,
    Open,
    OpenModel,
    OpenSession,
    Order,
    Orders,
    Run,
    SaveSession,
    Show,
    Step,
    Switch,
    Update,
    Wait,
    Wish,
    WriteProgram,
)


class Control(Orders):
    """Orders of the window. They take effect between two updates, the newest of a kind wins."""

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

    def give(self, order: Given) -> None:
        """Take it down for the worker, who may be waiting for it."""
        with self._condition:
            match order:
                case Begin() | Open() | OpenModel() | OpenSession() | GoBack():
                    self._switch = order
                    self._forget_wishes()
                case Change(changes):
                    self._changes |= changes
                case SaveSession() | WriteProgram():
                    self._keeps.append(order)
                case Close():
                    self._closed = True
                case Run() | Step() | Wait():
                    self._set_pace(order)
                case _:
                    self._wish(order)
            self._condition.notify()

    def set_background(self, *, busy: bool) -> None:
        """Say whether there is something to go on with while nothing else is to do. For the worker."""
        self._background = busy

    def stop_present(self) -> None:
        """Pause the present run, but not one that is about to take its place. For the worker."""
        with self._condition:
            if self._switch is None:
                self._updates_left = 0.0

    def orders(self) -> Iterator[Order]:
        """What to do, one after the other, waiting where there is nothing; ends when closed. For the worker."""
        while (order := self._wait()) is not None:
            yield order

    def _wish(self, wish: Wish) -> None:
        if isinstance(wish, Show) and wish.update is not None:
            self._updates_left = 0.0
        self._wishes.pop(type(wish), None)  # the newest of a kind, in the order in which they were last made
        self._wishes[type(wish)] = wish

    def _set_pace(self, order: Run | Step | Wait) -> None:
        match order:
            case Run(updates):
                self._updates_left = updates
            case Step():
                self._updates_left = self._updates_left + 1 if math.isfinite(self._updates_left) else 1
                self._next_update = 0.0
            case Wait(seconds):
                self._pause_s = seconds
                self._next_update = time.monotonic() + seconds

    def _forget_wishes(self) -> None:
        """What was meant for the run that is being left does not reach the next one."""
        self._changes = {}
        self._wishes = {kind: wish for kind, wish in self._wishes.items() if issubclass(kind, LASTING)}
        if math.isfinite(self._updates_left):
            self._updates_left = 0

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
