"""Studies while training goes on: a slice between two updates, in a small share of the worker's time."""

import time
from collections.abc import Generator
from typing import Any, NamedTuple

from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.studies import StudyName
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Study
from rnnviz.training.trainer import Trainer

EVERY_S = 0.5  # at most twice a second
SHARE = 0.02  # of the worker's time that one kind of study may take while training goes on


class _Done(NamedTuple):
    """What the newest study of a kind was of: the same again would be the same."""

    trainer: Trainer
    update: int
    gain: float


class StudyDesk:
    """Makes what the window watches, of the trainer that is shown."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._wants: frozenset[StudyName] = frozenset()
        self._gain = 1.0
        self._jobs: dict[StudyName, tuple[Study[Any], _Done]] = {}
        self._done: dict[StudyName, _Done] = {}
        self._due: dict[StudyName, float] = {}
        self._spent: dict[StudyName, float] = {}

    def watch(self, wants: frozenset[StudyName]) -> None:
        """Make these and only these."""
        self._wants = wants
        self._jobs = {name: job for name, job in self._jobs.items() if name in wants}
        self._done = {name: done for name, done in self._done.items() if name in wants}

    def explore(self, gain: float) -> None:
        """Make the spectrum of a copy whose recurrent weights are multiplied by ``gain``."""
        self._gain = gain
        self._jobs.pop("spectrum", None)
        self._due.pop("spectrum", None)

    def start_anew(self) -> None:
        """Another trainer is shown: what was begun is of no interest any more."""
        self._jobs, self._done, self._due = {}, {}, {}

    def turn(self, trainer: Trainer) -> None:
        """Between two updates: one slice of what is due."""
        now = time.monotonic()
        for name in sorted(self._wants):
            if name in self._jobs or now >= self._due.get(name, 0.0):
                self._advance(name, trainer)
                return

    def rest(self, trainer: Trainer) -> bool:
        """Nothing else is to do: one slice of what is not up to date; say whether there is more."""
        for name in sorted(self._wants):
            if name in self._jobs or self._done.get(name) != self._key(name, trainer):
                self._advance(name, trainer)
                return True
        return False

    def _key(self, name: StudyName, trainer: Trainer) -> _Done:
        return _Done(trainer, trainer.newest, self._gain if name == "spectrum" else 1.0)

    def _advance(self, name: StudyName, trainer: Trainer) -> None:
        started = time.monotonic()
        if name not in self._jobs:
            self._spent[name] = 0.0
            begun = self._begin(name, trainer)
            if begun is None:
                self._finish(name, self._key(name, trainer), None)
                return
            self._jobs[name] = begun, self._key(name, trainer)
        study, key = self._jobs[name]
        result = study.advance()
        ended = time.monotonic()
        self._spent[name] += ended - started
        if result is not None:
            del self._jobs[name]
            self._due[name] = max(ended + EVERY_S, ended + self._spent[name] / SHARE)
            self._finish(name, key, result)

    def _finish(self, name: StudyName, key: _Done, result: Any) -> None:
        self._done[name] = key
        self._mailbox.post_study(name, result)

    def _begin(self, name: StudyName, trainer: Trainer) -> Study[Any] | None:
        if name == "anatomy":
            return _anatomy(trainer)
        if name == "influence":
            return InfluenceStudy(trainer.subject())
        return SpectrumStudy(trainer.subject(), gain=self._gain)


def _anatomy(trainer: Trainer) -> Study[UpdateAnatomy] | None:
    """A study of one slice; None before the first update."""
    anatomy = trainer.anatomy()

    def slices() -> Generator[None, None, UpdateAnatomy]:
        assert anatomy is not None  # noqa: S101  # told below
        yield from ()
        return anatomy

    return None if anatomy is None else Study(slices())
