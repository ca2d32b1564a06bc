"""What the window may ask of the worker. All of it takes effect between two updates."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnviz.config import RunConfig
from rnnviz.domain.checkpoint import ModelChoice
from rnnviz.domain.continuation import GoingOn, OwnSequence
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.studies import StudyName
from rnnviz.exchange.view_state import ViewState


@dataclass(frozen=True)
class Begin:
    """Leave the present run for a new one. ``train``: whatever the present one does, train the new one."""

    config: RunConfig
    train: bool = False
    companions: tuple[RunConfig, ...] = ()  # trained in lockstep with it


@dataclass(frozen=True)
class OpenModel:
    """Leave the present run for a model that was trained elsewhere, and show it as it is."""

    choice: ModelChoice


@dataclass(frozen=True)
class Inspect:
    """Say what is in a file of weights; the present run is not touched."""

    path: Path


@dataclass(frozen=True)
class Open:
    """Leave the present run for the recording in a file, and follow it where it is still being written."""

    path: Path


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


@dataclass(frozen=True)
class Idle:
    """Nothing else is to do: go on with what is computed in the background."""


@dataclass(frozen=True)
class Watch:
    """Compute these studies, and only these, from now on."""

    wants: frozenset[StudyName]


@dataclass(frozen=True)
class Explore:
    """Multiply the recurrent weights of the copy that the spectrum is of by ``gain``."""

    gain: float


@dataclass(frozen=True)
class GoOn:
    """Let the network go on by itself in this way, where that is watched."""

    how: GoingOn


@dataclass(frozen=True)
class Display:
    """Trace this sequence in place of the task's own; None: the task's own again."""

    own: OwnSequence | None


@dataclass(frozen=True)
class Intervene:
    """Change this inside every displayed pass from now on."""

    interventions: tuple[Intervention, ...]


@dataclass(frozen=True)
class ForkRun:
    """Train a twin in lockstep with the run, the same but for ``changes``; None ends the companions."""

    changes: dict[str, Any] | None


@dataclass(frozen=True)
class Show:
    """Show this lane (0 is the run) as it is, or pause and show the run as it was at ``update``."""

    lane: int = 0
    update: int | None = None


@dataclass(frozen=True)
class Branch:
    """Go on from the past update that is shown, as a new run with ``changes``."""

    update: int
    changes: dict[str, Any]
    train: bool = False


@dataclass(frozen=True)
class SaveSession:
    """Write the run and how it is looked at to ``path``; ``quietly``: in slices, without a word when it is done."""

    path: Path
    view: ViewState
    quietly: bool = False


@dataclass(frozen=True)
class OpenSession:
    """Leave the present run for the one in ``path``, if it can be had."""

    path: Path


@dataclass(frozen=True)
class WriteProgram:
    """Write a PyTorch program to ``path`` that makes the same run without rnnviz, its data beside it."""

    path: Path


@dataclass(frozen=True)
class Run:
    """Train for so many updates, or until told otherwise; 0: stop after the update that is under way."""

    updates: float = math.inf


@dataclass(frozen=True)
class Step:
    """Do one more update and then stand still; steps asked for quickly add up."""


@dataclass(frozen=True)
class Wait:
    """Slow motion: let ``seconds`` pass from one update to the next; 0 is full speed."""

    seconds: float


@dataclass(frozen=True)
class Close:
    """End, after what is to be written is written."""


@dataclass(frozen=True)
class CallFor:
    """From the window's end of a pipe: the next parcel may come. ``trace``: one of the next update is wanted."""

    trace: bool = False


@dataclass(frozen=True)
class WantTrace:
    """Likewise, while a parcel is still to come."""


Wish = Inspect | Watch | Explore | GoOn | Display | Intervene | ForkRun | Show | Branch
Switch = Begin | Open | OpenModel | OpenSession | GoBack
Keep = SaveSession | WriteProgram
Order = Switch | Change | Update | Look | Idle | Keep | Wish
Given = Switch | Change | Keep | Wish | Run | Step | Wait | Close
LASTING = (Watch, Explore, GoOn)  # wishes that do not belong to one run


class Orders(ABC):
    """For the window: every order by name. None of them waits until it is carried out."""

    @abstractmethod
    def give(self, order: Given) -> None:
        """Hand it over."""

    def begin(self, config: RunConfig, *, train: bool = False, companions: tuple[RunConfig, ...] = ()) -> None:
        """Leave the present run for a new one, if that can be had; ``train`` it even when the present one stands."""
        self.give(Begin(config, train, companions))

    def open(self, path: Path) -> None:
        """Leave the present run for a recording, if it can be read."""
        self.give(Open(path))

    def open_model(self, choice: ModelChoice) -> None:
        """Leave the present run for a model that was trained elsewhere, if it can be had."""
        self.give(OpenModel(choice))

    def open_session(self, path: Path) -> None:
        """Leave the present run for the one in a file, if that can be had."""
        self.give(OpenSession(path))

    def go_back(self) -> None:
        """Return to the run before the present one."""
        self.give(GoBack())

    def wish(self, wish: Wish) -> None:
        """Ask for something else that takes effect between two updates; to show the past is to pause, too."""
        self.give(wish)

    def change(self, **changes: Any) -> None:
        """Change settings of the present run before its next update."""
        self.give(Change(changes))

    def keep(self, order: Keep) -> None:
        """Have something written, before anything else is begun, and even when the program ends."""
        self.give(order)

    def run(self, updates: float = math.inf) -> None:
        """Train for so many updates, or until told otherwise."""
        self.give(Run(updates))

    def pause(self) -> None:
        """Stop after the update that is under way."""
        self.run(0)

    def step(self) -> None:
        """Do one more update and then stand still; steps asked for quickly add up."""
        self.give(Step())

    def set_pause(self, seconds: float) -> None:
        """Slow motion: let ``seconds`` pass from one update to the next; 0 is full speed."""
        self.give(Wait(seconds))

    def close(self) -> None:
        """End the worker."""
        self.give(Close())
