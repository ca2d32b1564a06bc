"""A run as the worker holds it: its trainer, the companions that are trained in lockstep with it, and its past."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from rnnviz.analysis.flow import horizon
from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.domain.records import UpdateRecord
from rnnviz.exchange.messages import LaneFacts, Reach
from rnnviz.training.snapshot import Snapshot
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
    ring: SnapshotRing[Snapshot] = field(default_factory=SnapshotRing[Snapshot])
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
        label = self.trainer.config.difference_in_words(twin.config) or "twin without a change"
        self.companions = [Companion(twin, label, frozenset(changes))]
        self.lane = 0

    def accompany(self, configs: tuple[RunConfig, ...]) -> None:
        """Train these beside the run from the first update on."""
        for config in configs:
            differing = self.trainer.config.difference(config)
            words = self.trainer.config.difference_in_words(config)
            label = CELLS[config.cell].title if "cell" in differing else words
            self.companions.append(Companion(Trainer(config), label, frozenset(differing)))

    def change(self, changes: dict[str, Any]) -> None:
        """Change settings of the run, and of companions where they are not what makes them differ."""
        self.trainer.set(**changes)
        for companion in self.companions:
            common = {name: value for name, value in changes.items() if name not in companion.own}
            companion.trainer.set(**common)

    def remember(self, *, looked_at: bool) -> bool:
        """Keep a snapshot of the newest update if one is due; say whether the kept updates changed."""
        if not self.ring.offer(self.trainer.newest, looked_at=looked_at):
            return False
        self.ring.add(self.trainer.snapshot())
        return True

    def show_past(self, update: int) -> None:
        """Show the run as it was at a kept update. Raises ValueError for one that is not kept."""
        snapshot = self._kept(update)
        self.past = self.past or self.trainer.fork()
        self.past.restore(snapshot)

    def measure_reach(self) -> Reach:
        """How far the last loss's gradient reaches back in the next lane in turn."""
        self._measured = (self._measured + 1) % (len(self.companions) + 1)
        trainer = self.trainer if self._measured == 0 else self.companions[self._measured - 1].trainer
        top = trainer.trace().top
        return Reach(self._measured, horizon(top.log10_hidden_grads_last), len(top.hidden) - 1)

    def branch(self, number: int, update: int, changes: dict[str, Any]) -> "Run":
        """A new run that shares this one's past up to a kept update and goes on from there with ``changes``."""
        past = self.trainer.fork()
        past.restore(self._kept(update))
        made = Run(number, past.fork(**changes))
        for kept in self.ring.updates[: bisect_right(self.ring.updates, update)]:
            made.ring.add(self._kept(kept))
        return made

    def _kept(self, update: int) -> Snapshot:
        snapshot = self.ring.get(update)
        if snapshot is None:
            raise ValueError(f"update {update} is not kept, expected one of {self.ring.updates}")
        return snapshot


def lockstep(companion: Companion) -> UpdateRecord | None:
    """One update of a companion; None when it has stopped. Raises DivergedError once."""
    if companion.stopped:
        return None
    try:
        return companion.trainer.update()
    except ArithmeticError:
        companion.stopped = True
        raise
