"""Whose turn it is to be drawn: a key press waits for all that is drawn in one refresh."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _View:
    draw: Callable[[], None]
    every: int
    waited: int = 0  # refreshes since it was drawn
    asked: bool = False

    def ask(self) -> None:
        self.asked = True


class Turns:
    """Draws what was asked for, one thing a refresh, and nothing in one that is taken already."""

    def __init__(self) -> None:
        self._views: list[_View] = []

    def add(self, draw: Callable[[], None], every: int = 1) -> Callable[[], None]:
        """Return what asks for ``draw``, which is called when ``every`` refreshes have passed since the last time."""
        view = _View(draw, every)
        self._views.append(view)
        return view.ask

    def pass_on(self, *, taken: bool) -> None:
        """One more refresh: draw what has waited longest for its time, unless the refresh is taken."""
        for view in self._views:
            view.waited += 1
        due = [view for view in self._views if view.asked and view.waited >= view.every]
        if due and not taken:
            self._draw(max(due, key=lambda view: view.waited / view.every))

    def _draw(self, view: _View) -> None:
        view.waited, view.asked = 0, False
        view.draw()
