"""What the window shows now, and the orders it gives. The only reader of the mailbox."""

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rnnviz.config import RunConfig
from rnnviz.config.run_config import LIVE_FIELDS
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import RunFacts
from rnnviz.domain.trace import Trace
from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox, Message
from rnnviz.exchange.messages import Changed, Failed, Started
from rnnviz.state.history import History
from rnnviz.state.pace import Pace

REFRESH_MS = 33
TRACE_EVERY = 2  # refreshes: a new trace about 15 times a second


class Session(QObject):
    """Collects what the worker posted, thirty times a second, and tells the views what is new."""

    run_started = Signal(object)  # RunFacts
    trace_changed = Signal(object)  # Trace
    history_changed = Signal(object)  # History
    config_changed = Signal(object)  # RunConfig: of the run, now in force
    running_changed = Signal(bool)
    failed = Signal(object)  # Failed
    refreshed = Signal()  # after every look into the mailbox

    def __init__(self, control: Control, mailbox: Mailbox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._mailbox = mailbox
        self._histories: dict[int, History] = {}
        self._running = False
        self._refreshes = 0
        self._watched = True
        self._pace = Pace()
        self.nothing_to_run = False  # the very first run was refused
        self.config: RunConfig | None = None
        self.facts: RunFacts | None = None
        self.trace: Trace | None = None
        self.history = History()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    @property
    def running(self) -> bool:
        """Whether the worker has been told to train on and on."""
        return self._running

    @property
    def updates_per_second(self) -> float:
        """How many updates came in during the last second."""
        return self._pace.per_second

    @property
    def can_go_back(self) -> bool:
        """Whether there was a run before the present one."""
        return len(self._histories) > 1

    def open(self, config: RunConfig) -> None:
        """Begin the first run and start looking into the mailbox."""
        self._timer.start()
        self.begin(config)

    def close(self) -> None:
        """Stop looking."""
        self._timer.stop()

    def begin(self, config: RunConfig, *, train: bool = False) -> None:
        """Leave the present run for a new one; the present one can be gone back to.

        ``train`` the new one whatever the present one does; if it is refused the present one goes on as it was.
        """
        self._control.begin(config, train=train)

    def go_back(self) -> None:
        """Return to the run before, as it was left."""
        self._control.go_back()

    def reset(self, *, train: bool = False) -> None:
        """Begin the present run anew."""
        if self.config is not None:
            self.begin(self.config, train=train)

    def change(self, **changes: Any) -> None:
        """Change what may change while running."""
        unknown = set(changes) - set(LIVE_FIELDS)
        if unknown:
            raise ValueError(f"{sorted(unknown)} cannot change while running, expected some of {LIVE_FIELDS}")
        self._control.change(**changes)

    def run(self) -> None:
        """Train on and on."""
        self._control.run()
        self._set_running(running=True)

    def pause(self) -> None:
        """Stop after the update under way."""
        self._control.pause()
        self._set_running(running=False)

    def toggle(self) -> None:
        """Train or pause."""
        (self.pause if self._running else self.run)()

    def step(self) -> None:
        """Do one update, then stand still."""
        self._control.step()
        self._set_running(running=False)

    def run_for(self, updates: int) -> None:
        """Do so many updates, then stand still."""
        self._control.run(updates)

    def set_pause(self, seconds: float) -> None:
        """Slow motion: seconds from one update to the next."""
        self._control.set_pause(seconds)

    def set_watched(self, *, watched: bool) -> None:
        """Say whether anybody can see the window; where nobody can, no traces are asked for."""
        self._watched = watched

    def refresh(self) -> None:
        """Look into the mailbox once."""
        parcel = self._mailbox.collect()
        before = len(self.history)
        for message in parcel.messages:
            self._take(message)
        self._pace.count(sum(isinstance(message, UpdateRecord) for message in parcel.messages))
        if len(self.history) != before:
            self.history_changed.emit(self.history)
        if parcel.trace is not None:
            self.trace = parcel.trace
            self.trace_changed.emit(parcel.trace)
        self._refreshes += 1
        if self._watched and self._refreshes % TRACE_EVERY == 0:
            self._mailbox.request_trace()
        self.refreshed.emit()

    def _take(self, message: Message) -> None:
        match message:
            case UpdateRecord():
                self.history.append(message)
            case Started():
                self._start(message)
            case Changed(config):
                self.config = config
                self.config_changed.emit(config)
            case Failed(kind):
                self.nothing_to_run = self.config is None
                if kind != "refused" or self.nothing_to_run:
                    self._set_running(running=False)
                self.failed.emit(message)

    def _start(self, started: Started) -> None:
        kept = [run for run in self._histories if run == started.run or self._histories[run] is self.history]
        self._histories = {run: self._histories[run] for run in kept}
        self.history = self._histories.setdefault(started.run, History())
        self.nothing_to_run = False
        self.config, self.facts, self.trace = started.config, started.facts, None
        if started.train:
            self._set_running(running=True)
        self.run_started.emit(started.facts)
        self.config_changed.emit(started.config)
        self.history_changed.emit(self.history)

    def _set_running(self, *, running: bool) -> None:
        if running != self._running:
            self._running = running
            self.running_changed.emit(running)
