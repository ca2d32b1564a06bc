"""A run as the worker holds it: its trainer, the companions that are trained in lockstep with it, and its past."""

from dataclasses import dataclass, field
from typing import Any

from rnnviz.analysis.flow import horizon
from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.domain.records import UpdateRecord
from rnnviz.exchange.messages import LaneFacts, Reach
from rnnviz.training.snapshots import SnapshotRing
from rnnviz.training.trainer import Trainer


@dataclass
class Companion:
    """Another trainer beside the run's own, on the same batches."""

    trainer: Trainer
    label: str
    own: frozenset[str]  # settings in which it is meant to differ: changes of the run's do not reach them
    stopped: bool = False  # it diverged

    @property
    def facts(self) -> LaneFacts:
        """What the window is told of it."""
        return LaneFacts(self.label, self.trainer.config, self.trainer.facts.parameters)


@dataclass
class Run:
    """Lane 0 is the run itself, the companions follow."""

    number: int
    trainer: Trainer
    companions: list[Companion] = field(default_factory=list)
    ring: SnapshotRing = field(default_factory=SnapshotRing)
    lane: int = 0  # which one is shown
    past: Trainer | None = None  # the run as it was at the update that is shown, or None for live
    _measured: int = 0  # lane whose reach was measured last

    @property
    def shown(self) -> Trainer:
        """The trainer whose traces are shown."""
        if self.past is not None:
            return self.past
        return self.trainer if self.lane == 0 else self.companions[self.lane - 1].trainer

    def fork(self, changes: dict[str, Any]) -> None:
        """Begin to train a twin from here on; it takes the place of all companions."""
        twin = self.trainer.fork(**changes)
        label = in_words(self.trainer.config.difference(twin.config)) or "twin without a change"
        self.companions = [Companion(twin, label, frozenset(changes))]
        self.lane = 0

    def accompany(self, configs: tuple[RunConfig, ...]) -> None:
        """Train these beside the run from the first update on."""
        for config in configs:
            differing = self.trainer.config.difference(config)
            label = CELLS[config.cell].title if "cell" in differing else in_words(differing)
            self.companions.append(Companion(Trainer(config), label, frozenset(differing)))

    def change(self, changes: dict[str, Any]) -> None:
        """Change settings of the run, and of companions where they are not what makes them differ."""
        self.trainer.set(**changes)
        for companion in self.companions:
            common = {name: value for name, value in changes.items() if name not in companion.own}
            companion.trainer.set(**common)

    def remember(self, *, looked_at: bool) -> bool:
        """Keep a snapshot of the newest update if one is due; say whether the kept updates changed."""
        if not self.ring.offer(looked_at=looked_at):
            return False
        self.ring.add(self.trainer.snapshot())
        return True

    def show_past(self, update: int) -> None:
        """Show the run as it was at a kept update. Raises KeyError for one that is not kept."""
        snapshot = self.ring.get(update)
        self.past = self.past or self.trainer.fork()
        self.past.restore(snapshot)

    def measure_reach(self) -> Reach:
        """How far the last loss's gradient reaches back in the next lane in turn."""
        self._measured = (self._measured + 1) % (len(self.companions) + 1)
        trainer = self.trainer if self._measured == 0 else self.companions[self._measured - 1].trainer
        top = trainer.trace().layers[-1]
        return Reach(self._measured, horizon(top.log10_hidden_grads_last), len(top.hidden) - 1)

    def branch(self, number: int, update: int, changes: dict[str, Any]) -> "Run":
        """A new run that shares this one's past up to a kept update and goes on from there with ``changes``."""
        past = self.trainer.fork()
        past.restore(self.ring.get(update))
        made = Run(number, past.fork(**changes))
        made.ring = self.ring.until(update)
        return made


def lockstep(companion: Companion) -> UpdateRecord | None:
    """One update of a companion; None when it has stopped. Raises DivergedError once."""
    if companion.stopped:
        return None
    try:
        return companion.trainer.update()
    except ArithmeticError:
        companion.stopped = True
        raise


def in_words(difference: dict[str, tuple[Any, Any]]) -> str:
    """“clip norm → off, rate 0.005 → 0.01”."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_value(old)} → {_value(new)}" for name, (old, new) in difference.items()
    )


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
