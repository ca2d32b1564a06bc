"""The orders that the window gives the worker, one method each. What comes of them is posted to the mailbox."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from rnnviz.config import RunConfig
from rnnviz.config.run_config import LIVE_FIELDS
from rnnviz.domain.checkpoint import ModelChoice
from rnnviz.domain.continuation import GoingOn, OwnSequence
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.studies import StudyName
from rnnviz.exchange.orders import (
    Branch,
    Display,
    Explore,
    ForkRun,
    GoOn,
    Inspect,
    Intervene,
    Keep,
    Orders,
    Show,
    Watch,
)


class GivesOrders(QObject):
    """Gives orders that do not depend on what is shown. Each returns at once: the worker carries it out later."""

    def __init__(self, orders: Orders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._orders = orders

    def begin(self, config: RunConfig, *, train: bool = False, companions: tuple[RunConfig, ...] = ()) -> None:
        """Leave the present run for a new one; the present one can be gone back to.

        ``train`` the new one whatever the present one does; if it is refused the present one goes on as it was.
        ``companions`` are trained beside it from the first update on.
        """
        self._orders.begin(config, train=train, companions=companions)

    def open_recording(self, path: Path) -> None:
        """Leave the present run for a recording and follow it; the present one can be gone back to."""
        self._orders.open(path)

    def inspect(self, path: Path) -> None:
        """Have a file of weights searched: `inspected` follows, or `failed`."""
        self._orders.wish(Inspect(path))

    def open_model(self, choice: ModelChoice) -> None:
        """Leave the present run for a model that was trained elsewhere; the present one can be gone back to."""
        self._orders.open_model(choice)

    def go_back(self) -> None:
        """Return to the run before, as it was left."""
        self._orders.go_back()

    def change(self, **changes: Any) -> None:
        """Change what may change while running. Raises ValueError for a setting that may not."""
        unknown = set(changes) - set(LIVE_FIELDS)
        if unknown:
            raise ValueError(f"{sorted(unknown)} cannot change while running, expected some of {LIVE_FIELDS}")
        self._orders.change(**changes)

    def run_for(self, updates: int) -> None:
        """Do so many updates, then stand still."""
        self._orders.run(updates)

    def set_pause(self, seconds: float) -> None:
        """Slow motion: seconds from one update to the next."""
        self._orders.set_pause(seconds)

    def fork(self, **changes: Any) -> None:
        """Train a twin beside the run from here on, the same but for ``changes``."""
        self._orders.wish(ForkRun(changes))

    def end_companions(self) -> None:
        """Train the run alone."""
        self._orders.wish(ForkRun(None))

    def show_lane(self, lane: int) -> None:
        """Show the run (0) or a companion (1, 2, …), live."""
        self._orders.wish(Show(lane))

    def branch_from(self, update: int, *, train: bool = False, **changes: Any) -> None:
        """Go on from a kept update as a new run with ``changes``; this one can be gone back to."""
        self._orders.wish(Branch(update, changes, train))

    def watch(self, wants: frozenset[StudyName]) -> None:
        """Have these studies made from now on, and no others."""
        self._orders.wish(Watch(wants))

    def explore(self, gain: float) -> None:
        """Have the spectrum made of a copy whose recurrent weights are multiplied by ``gain``."""
        self._orders.wish(Explore(gain))

    def go_on(self, how: GoingOn) -> None:
        """Let the network go on by itself in this way, where that is watched."""
        self._orders.wish(GoOn(how))

    def display(self, own: OwnSequence | None) -> None:
        """Show this sequence in place of the task's own; None: the task's own again."""
        self._orders.wish(Display(own))

    def intervene(self, interventions: tuple[Intervention, ...]) -> None:
        """Change this inside every displayed pass from now on; the training is not touched."""
        self._orders.wish(Intervene(interventions))

    def keep(self, order: Keep) -> None:
        """Have the worker write a file."""
        self._orders.keep(order)
