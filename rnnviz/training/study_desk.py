"""Studies while training goes on: a slice between two updates, in a small share of the worker's time."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.continuation import Forecast, GoingOn, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.studies import StudyName
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.tracing.embedding import EmbeddingStudy
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Study, Subject

EVERY_S = 0.5  # at most twice a second
SHARE = 0.01  # of the worker's time that one kind of study may take while training goes on


class Studied(Protocol):
    """What can be studied: a trainer, or an update out of a recording."""

    @property
    def newest(self) -> int:
        """Number of the update that is shown."""

    def subject(self) -> Subject | None:
        """The sequence that is shown; None where it is not known well enough."""

    def anatomy(self) -> UpdateAnatomy | None:
        """The newest update, taken apart; None where there is none."""

    def embedding_map(self) -> EmbeddingMap | None:
        """The embedding as it is, or why there is none; None where that is not known."""

    def sampling(self, how: GoingOn) -> Study[Sampled] | None:
        """The sequence, continued by the network; None where it cannot."""

    def forecast(self, how: GoingOn) -> Study[Forecast] | None:
        """Likewise with numbers."""


class _Key(NamedTuple):
    """What a study is of: the same again would be the same."""

    trainer: Studied
    update: int
    asked: float | GoingOn | None  # what else decides it


@dataclass
class _Job:
    """A study under way."""

    study: Study[Any]
    key: _Key
    spent: float = 0.0  # seconds


class StudyDesk:
    """Makes what the window watches, of the trainer that is shown, and nothing twice."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._wants: frozenset[StudyName] = frozenset()
        self._gain = 1.0
        self._how = GoingOn()
        self._jobs: dict[StudyName, _Job] = {}
        self._done: dict[StudyName, _Key] = {}
        self._due: dict[StudyName, float] = {}
        self._failed: set[StudyName] = set()  # not tried again until something else is shown or watched

    def watch(self, wants: frozenset[StudyName]) -> None:
        """Make these and only these."""
        self._wants = wants
        self._jobs = {name: job for name, job in self._jobs.items() if name in wants}
        self._done = {name: done for name, done in self._done.items() if name in wants}
        self._failed = set()

    def explore(self, gain: float) -> None:
        """Make the spectrum of a copy whose recurrent weights are multiplied by ``gain``."""
        self._gain = gain
        self._make_anew("spectrum")

    def go_on(self, how: GoingOn) -> None:
        """Let the network go on by itself in this way."""
        self._how = how
        self._make_anew("sampling", "forecast")

    def _make_anew(self, *names: StudyName) -> None:
        for name in names:
            self._jobs.pop(name, None)
            self._due.pop(name, None)
            self._failed.discard(name)

    def start_anew(self) -> None:
        """Another trainer is shown: what was begun is of no interest any more."""
        self._jobs, self._done, self._due, self._failed = {}, {}, {}, set()

    def turn(self, trainer: Studied) -> None:
        """Between two updates: one slice of what is due. Raises RuntimeError once for a study that fails."""
        now = time.monotonic()
        ready = (name for name in self._open(trainer) if name in self._jobs or now >= self._due.get(name, 0.0))
        self._advance(next(ready, None), trainer)

    def rest(self, trainer: Studied) -> bool:
        """Nothing else is to do: one slice of what is not up to date; say whether there was any. Errors as above."""
        name = next(self._open(trainer), None)
        self._advance(name, trainer)
        return name is not None

    def _open(self, trainer: Studied) -> Iterator[StudyName]:
        """What is begun or not up to date."""
        for name in sorted(self._wants - self._failed):
            if name in self._jobs or self._done.get(name) != self._key(name, trainer):
                yield name

    def _key(self, name: StudyName, trainer: Studied) -> _Key:
        asked: dict[StudyName, float | GoingOn] = {"spectrum": self._gain, "sampling": self._how, "forecast": self._how}
        return _Key(trainer, trainer.newest, asked.get(name))

    def _advance(self, name: StudyName | None, trainer: Studied) -> None:
        if name is None:
            return
        try:
            self._do_a_slice(name, trainer)
        except Exception as error:
            self._jobs.pop(name, None)
            self._failed.add(name)
            raise RuntimeError(f"the study “{name}” failed with {type(error).__name__}: {error}") from error

    def _do_a_slice(self, name: StudyName, trainer: Studied) -> None:
        started = time.monotonic()
        job = self._jobs.get(name)
        if job is None:
            begun = self._begin(name, trainer)
            if begun is None:
                self._due[name] = started + EVERY_S
                self._finish(name, self._key(name, trainer), None)
                return
            job = self._jobs[name] = _Job(begun, self._key(name, trainer))
        result = job.study.advance()
        ended = time.monotonic()
        job.spent += ended - started
        if result is not None:
            del self._jobs[name]
            self._due[name] = ended + max(EVERY_S, job.spent / SHARE)
            self._finish(name, job.key, result)

    def _finish(self, name: StudyName, key: _Key, result: Any) -> None:
        self._done[name] = key
        self._mailbox.post_study(name, result)

    def _begin(self, name: StudyName, trainer: Studied) -> Study[Any] | None:
        if name == "anatomy":
            return _anatomy(trainer)
        if name == "embedding":
            found = trainer.embedding_map()
            return None if found is None else EmbeddingStudy(found)
        if name in ("sampling", "forecast"):
            return trainer.sampling(self._how) if name == "sampling" else trainer.forecast(self._how)
        subject = trainer.subject()
        if subject is None:
            return None
        return InfluenceStudy(subject) if name == "influence" else SpectrumStudy(subject, gain=self._gain)


def _anatomy(trainer: Studied) -> Study[UpdateAnatomy] | None:
    """A study of one slice; None before the first update."""
    anatomy = trainer.anatomy()

    def slices() -> Generator[None, None, UpdateAnatomy]:
        assert anatomy is not None  # noqa: S101  # told below
        yield from ()
        return anatomy

    return None if anatomy is None else Study(slices())
