"""The thread that writes a recording. Whoever hands something to it never waits, and never gets an error."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnnviz.domain.records import UpdateRecord
from rnnviz.recording.about import Facts, Standing
from rnnviz.recording.capture import Capture
from rnnviz.recording.limits import Limits
from rnnviz.recording.store import Store

LOG = logging.getLogger("rnnviz.recording")
EVERY_S = 0.25  # from one commit to the next: what a kill may cost
PATIENCE_S = 30.0  # at the end, for what is still waiting


@dataclass
class _Waiting:
    """What was handed over and is not taken yet."""

    updates: list[Callable[[], UpdateRecord]]
    traces: list[Capture]
    size: int = 0
    dropped_updates: int = 0
    dropped_traces: int = 0
    remark: str = ""


class RecordingWriter:
    """Raises OSError or sqlite3.Error when the file cannot be made, and nothing afterwards."""

    def __init__(self, path: Path, facts: Facts, limits: Limits = Limits()) -> None:  # noqa: B008  # frozen
        self._limits = limits
        self._store = Store(path, facts, limits)
        self._lock = threading.Lock()
        self._waiting = _Waiting([], [])
        self._closing = threading.Event()
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="rnnviz-recording", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """Where the recording is: another name than was asked for, if that was taken."""
        return self._store.path

    @property
    def standing(self) -> Standing:
        """What has been written, dropped and thinned out."""
        return self._store.standing

    @property
    def ready(self) -> bool:
        """Whether another trace would be written soon."""
        return not self._waiting.traces and self.failure is None

    def add_update(self, record: Callable[[], UpdateRecord]) -> None:
        """Have the row of an update written; ``record`` is called on the writer's thread."""
        with self._lock:
            if len(self._waiting.updates) < self._limits.waiting_updates and self.failure is None:
                self._waiting.updates.append(record)
            else:
                self._waiting.dropped_updates += 1

    def add_trace(self, capture: Capture) -> bool:
        """Have a trace written; False where it was dropped."""
        with self._lock:
            fits = capture.size <= self._limits.trace and self._waiting.size + capture.size <= self._limits.waiting
            if not fits or self.failure is not None:
                self._waiting.dropped_traces += 1
                return False
            self._waiting.traces.append(capture)
            self._waiting.size += capture.size
            return True

    def remark(self, sentence: str) -> None:
        """Say in the file why something is missing."""
        with self._lock:
            self._waiting.remark = sentence

    def close(self) -> None:
        """Write what is waiting and mark the end."""
        self._closing.set()
        self._thread.join(PATIENCE_S)

    def end_soon(self) -> None:
        """The same without waiting for it."""
        self._closing.set()

    def _work(self) -> None:
        try:
            while not self._closing.wait(EVERY_S):
                self._write()
            self._write()
            self._store.close()
        except Exception as error:  # noqa: BLE001  # the training goes on, whatever it is
            self.failure = error
            with self._lock:
                self._waiting = _Waiting([], [])
            LOG.warning("%s: the recording stopped with %s: %s", self.path, type(error).__name__, error)

    def _write(self) -> None:
        with self._lock:
            taken, self._waiting = self._waiting, _Waiting([], [])
        if not (taken.updates or taken.traces or taken.remark or taken.dropped_traces or taken.dropped_updates):
            return
        self._store.begin()
        self._store.count(dropped_updates=taken.dropped_updates, dropped_traces=taken.dropped_traces)
        if taken.remark:
            self._store.remark(taken.remark)
        self._store.add_updates([record() for record in taken.updates])
        for capture in taken.traces:
            self._store.add_trace(capture)
        self._store.commit()
