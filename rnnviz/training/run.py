"""A run as the worker holds it: its trainer, the companions that are trained in lockstep with it, and its past."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import Any

from rnnviz.analysis.flow import is_asked, reach
from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.config.run_config import FORK_FIELDS
from rnnviz.domain.chronicle import Ledger
from rnnviz.domain.continuation import OwnSequence
from rnnviz.domain.records import UpdateRecord
from rnnviz.exchange.messages import CompanionRecord, Failed, LaneFacts, Reach
from rnnviz.training.fixed import FixedModel, Model
from rnnviz.training.snapshot import Snapshot
from rnnviz.training.snapshots import SnapshotRing
from rnnviz.training.trainer import DivergedError, Trainer

Changes = tuple[int, dict[str, Any]]  # settings that hold from the update after this one on
EXACT = "twin without a change"


@dataclass
class Companion:
    """Another trainer beside the run's own, on the same batches."""

    trainer: Trainer
    label: str
    own: frozenset[str]  # settings in which it is meant to differ: changes of the run's do not reach them
    since: int = 0  # update of the run after which it began
    stopped: bool = False  # it diverged
    ledger: Ledger = field(default_factory=Ledger)

    def update(self, place: int) -> CompanionRecord | Failed | None:
        """One update, or that it diverged; None when it has stopped."""
        if self.stopped:
            return None
        try:
            record = self.trainer.update()
            self.ledger.append(record)
            return CompanionRecord(place, record)
        except DivergedError as error:
            self.stopped = True
            sentence = f"The companion “{self.label}” stopped, the run goes on. {error}"
            return Failed("companion", sentence, post_mortem=error.post_mortem)

    @property
    def facts(self) -> LaneFacts:
        """What the window is told of it."""
        return LaneFacts(self.label, self.trainer.config, self.trainer.facts.parameters, self.since)


@dataclass
class Run:
    """Lane 0 is the run itself, the companions follow."""

    number: int
    trainer: Model
    companions: list[Companion] = field(default_factory=list)
    ring: SnapshotRing[Snapshot] = field(default_factory=SnapshotRing[Snapshot])
    lane: int = 0  # which one is shown
    past: Model | None = None  # the run as it was at the update that is shown, or None for live
    ledger: Ledger = field(default_factory=Ledger)
    changes: list[Changes] = field(default_factory=list)  # of settings since the first update
    began: RunConfig = field(init=False)  # settings of the first update
    _measured: int = 0  # lane whose reach was measured last

    def __post_init__(self) -> None:
        self.began = self.trainer.config

    @property
    def trained(self) -> Trainer:
        """The trainer. Raises ValueError for a model from a file, which is not trained."""
        if isinstance(self.trainer, FixedModel):
            raise ValueError(self.trainer.facts.fixed)  # noqa: TRY004  # no wrong type: a wish that cannot be met
        return self.trainer

    @property
    def shown(self) -> Model:
        """The trainer whose traces are shown."""
        if self.past is not None:
            return self.past
        return self.trainer if self.lane == 0 else self.companions[self.lane - 1].trainer

    def fork(self, changes: dict[str, Any]) -> None:
        """Begin to train a twin from here on; it takes the place of all companions."""
        ours, twin = self.trainer.config, self.trainer.fork(**changes)
        label = ours.difference_in_words(twin.config) or EXACT
        self.companions = [Companion(twin, label, frozenset(ours.difference(twin.config)), self.trainer.newest)]
        self.lane = 0

    def accompany(self, configs: tuple[RunConfig, ...]) -> None:
        """Train these beside the run from the first update on."""
        for config in configs:
            trainer = Trainer(config)
            differing = self.trainer.config.difference(trainer.config)
            words = self.trainer.config.difference_in_words(trainer.config)
            label = CELLS[config.cell].title if "cell" in differing else words
            self.companions.append(Companion(trainer, label or EXACT, frozenset(differing)))

    def change(self, changes: dict[str, Any]) -> None:
        """Change settings of the run, and of companions where they are not what makes them differ."""
        self.trainer.set(**changes)
        self.changes.append((self.trainer.newest, dict(changes)))
        for companion in self.companions:
            common = {name: value for name, value in changes.items() if name not in companion.own}
            companion.trainer.set(**common)
        if self.past is not None and "shown" in changes:
            self.past.set(shown=changes["shown"])

    def display(self, own: OwnSequence | None) -> None:
        """Show this sequence in every lane, or the task's own. Raises ValueError for one that cannot be read.

        The state that it begins with is one of the network that is shown: one of another kind begins with zeros.
        """
        zeros = None if own is None else replace(own, initial=None)
        trainers = [self.trainer, *(companion.trainer for companion in self.companions)]
        writer = self.shown.config
        for trainer in trainers if self.past is None else [*trainers, self.past]:
            trainer.display(own if writer.difference(trainer.config).keys() <= set(FORK_FIELDS) else zeros)

    def update(self) -> UpdateRecord:
        """One update of the run itself. Raises DivergedError."""
        record = self.trainer.update()
        self.ledger.append(record)
        return record

    def remember(self, *, looked_at: bool) -> bool:
        """Keep a snapshot of the newest update if one is due; say whether the kept updates changed."""
        newest = self.trainer.newest
        known = newest == 0 or self.ring.get(newest) is not None  # a later one of the same may lack what diverging took
        if known or not self.ring.offer(newest, looked_at=looked_at):
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
        trace = trainer.trace()
        back = reach(trace.top, trace.padding) if is_asked(trace.top) else None
        return Reach(self._measured, back, trace.tokens - trace.padding - 1)

    def branch(self, number: int, update: int, changes: dict[str, Any]) -> "Run":
        """A new run that shares this one's past up to a kept update and goes on from there with ``changes``."""
        past = self.trainer.fork()
        past.restore(self._kept(update))
        made = Run(number, past.fork(**changes), ledger=self.ledger.until(update))
        made.began, made.changes = self.began, self._changes_to(update, made.trainer.config)
        for kept in self.ring.updates[: bisect_right(self.ring.updates, update)]:
            made.ring.add(self._kept(kept))
        return made

    def _changes_to(self, update: int, config: RunConfig) -> list[Changes]:
        """What was changed before ``update``, and there what leads to ``config``."""
        earlier = [entry for entry in self.changes if entry[0] < update]
        reached = self.began
        for _, given in earlier:
            reached = reached.changed(**given)
        return [*earlier, (update, {name: new for name, (_, new) in reached.difference(config).items()})]

    def _kept(self, update: int) -> Snapshot:
        snapshot, nearest = self.ring.get(update), self.ring.nearest(update)
        if nearest is None:
            raise ValueError(f"update {update} is not kept, no update is")
        if snapshot is None:
            raise ValueError(f"update {update} is not kept any more, the nearest one that is: {nearest.update}")
        return snapshot
