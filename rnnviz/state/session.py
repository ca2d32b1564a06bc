"""What the window shows now, and the orders that depend on it. The only reader of the mailbox."""

import dataclasses
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rnnviz.config import RunConfig
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.trace import Trace
from rnnviz.exchange.mailbox import Message, News, Parcel
from rnnviz.exchange.messages import (
    Changed,
    CompanionRecord,
    CompanionsChanged,
    Failed,
    Inspected,
    Intervened,
    Opened,
    Past,
    Reach,
    Recorded,
    Showing,
    Started,
    Written,
)
from rnnviz.exchange.orders import Orders, Show
from rnnviz.state.companion import Companion
from rnnviz.state.flow_map import FlowMap
from rnnviz.state.giving_orders import GivesOrders
from rnnviz.state.history import History
from rnnviz.state.pace import Pace
from rnnviz.state.runs import Runs

REFRESH_MS = 33
TRACE_EVERY = 2  # refreshes
TRACES_PER_S = 1000 / (REFRESH_MS * TRACE_EVERY)  # about 15


class Session(GivesOrders):
    """Collects what the worker posted, thirty times a second, and tells the views what is new."""

    run_started = Signal(object)  # RunFacts
    trace_changed = Signal(object)  # Trace
    history_changed = Signal(object)  # History
    config_changed = Signal(object)  # RunConfig: of the run, now in force
    running_changed = Signal(bool)
    failed = Signal(object)  # Failed
    studies_changed = Signal(object)  # Studies
    companions_changed = Signal(object)  # tuple[Companion, ...]
    showing_changed = Signal(object)  # Showing: which lane, and whether the present or the past
    interventions_changed = Signal(object)  # tuple[Intervention, ...] in force
    recorded = Signal(object)  # Recorded: how the recording stands that is shown
    kept_changed = Signal(object)  # tuple[int, ...]: updates that can be gone back to
    inspected = Signal(object)  # CheckpointFacts: what is in a file of weights
    opened = Signal(object)  # Opened: the run that has just started is from a file
    written = Signal(object)  # Written: a file that was ordered is there
    refreshed = Signal()  # after every look into the mailbox

    def __init__(self, orders: Orders, news: News, parent: QObject | None = None) -> None:
        super().__init__(orders, parent)
        self._news = news
        self._runs = Runs()
        self._running = False
        self._refreshes = 0
        self._watched = True
        self._pace = Pace()
        self.nothing_to_run = False  # the very first run was refused
        self.config: RunConfig | None = None
        self.facts: RunFacts | None = None
        self.trace: Trace | None = None
        self.studies = Studies()
        self.answered: frozenset[StudyName] = frozenset()  # studies that were told, or told that there is none
        self.showing = Showing(0, None)
        self.kept: tuple[int, ...] = ()
        self.interventions: tuple[Intervention, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    @property
    def history(self) -> History:
        """The records of the present run."""
        return self._runs.present.history

    @property
    def flow_map(self) -> FlowMap:
        """The gradients of the present run."""
        return self._runs.present.flow_map

    @property
    def companions(self) -> tuple[Companion, ...]:
        """What is trained beside the present run."""
        return self._runs.present.companions

    @property
    def shown_record(self) -> UpdateRecord | None:
        """The record of the newest update of what is shown: the run, a companion, or the past."""
        lane, past = self.showing.lane, self.showing.update is not None
        history = self.companions[lane - 1].history if lane else self.history
        return self.showing.record if past else history.last or self.showing.record

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
        return len(self._runs) > 1

    def open(self, config: RunConfig) -> None:
        """Begin the first run and start looking into the mailbox."""
        self.start()
        self.begin(config)

    def start(self) -> None:
        """Start looking into the mailbox."""
        self._timer.start()

    def close(self) -> None:
        """Stop looking."""
        self._timer.stop()

    @property
    def fixed(self) -> str:
        """Why what is shown cannot be trained; empty where it can."""
        return "" if self.facts is None else self.facts.fixed

    def show_update(self, update: int) -> None:
        """Show the run as it was at a kept update, and pause."""
        self._set_running(running=False)
        self._orders.wish(Show(update=update))

    def show_live(self) -> None:
        """Return from the past to where the training stands."""
        self._orders.wish(Show(self.showing.lane))

    def branch(self, *, train: bool = False, **changes: Any) -> None:
        """Go on from the past update that is shown, if one is, as `branch_from` does from any."""
        if self.showing.update is not None:
            self.branch_from(self.showing.update, train=train, **changes)

    def open_file(self, path: Path) -> None:
        """Leave the present run for the one of a session file; refused, the present one goes on."""
        self._timer.start()
        self._orders.open_session(path)

    def reset(self, *, train: bool = False) -> None:
        """Begin the present run anew, and what is trained beside it."""
        if self.config is not None and not self._refuse_training():
            companions = tuple(companion.facts.config for companion in self.companions)
            self.begin(self.config, train=train, companions=companions)

    def run(self) -> None:
        """Train on and on."""
        if not self._refuse_training():
            self._orders.run()
            self._set_running(running=True)

    def pause(self) -> None:
        """Stop after the update under way."""
        self._orders.pause()
        self._set_running(running=False)

    def toggle(self) -> None:
        """Train or pause."""
        (self.pause if self._running else self.run)()

    def step(self) -> None:
        """Do one update, then stand still."""
        if not self._refuse_training():
            self._orders.step()
            self._set_running(running=False)

    def set_watched(self, *, watched: bool) -> None:
        """Say whether anybody can see the window; where nobody can, no traces are asked for."""
        self._watched = watched

    def refresh(self) -> None:
        """Look into the mailbox once."""
        self._refreshes += 1
        slow = self.updates_per_second < TRACES_PER_S  # then each of them is traced
        if self._watched and (slow or self._refreshes % TRACE_EVERY == 0):
            self._news.request_trace()
        parcel = self._news.collect()
        before = len(self.history)
        for message in parcel.messages:
            self._take(message)
        self._pace.count(sum(isinstance(message, UpdateRecord) for message in parcel.messages))
        if len(self.history) != before or any(isinstance(message, CompanionRecord) for message in parcel.messages):
            self.history_changed.emit(self.history)
        self._take_newest(parcel)
        self.refreshed.emit()

    def _take_newest(self, parcel: Parcel) -> None:
        if parcel.kept is not None:
            self.kept = parcel.kept
            self.kept_changed.emit(parcel.kept)
        if parcel.trace is not None:
            self.trace = parcel.trace
            if self.showing == Showing(0, None) and parcel.trace.written is None:
                self.flow_map.add(parcel.trace.untouched or parcel.trace)
            self.trace_changed.emit(parcel.trace)
        if parcel.studies:
            self.studies = dataclasses.replace(self.studies, **parcel.studies)
            self.answered |= parcel.studies.keys()
            self.studies_changed.emit(self.studies)

    def _take(self, message: Message) -> None:
        match message:
            case UpdateRecord():
                self.history.append(message)
            case CompanionRecord(place, record):
                self.companions[place].history.append(record)
            case Reach(lane, tokens, of):
                history = self.history if lane == 0 else self.companions[lane - 1].history
                history.reach = None if tokens is None else (tokens, of)
            case Started():
                self._start(message)
            case Past(trace):
                self.flow_map.add_past(trace)
            case Changed(config):
                self.config = config
                self.config_changed.emit(config)
            case Failed():
                self._fail(message)
            case Inspected() | Recorded() | Opened() | Written():
                self._take_news_of_files(message)
            case _:
                self._take_what_is_shown(message)

    def _take_news_of_files(self, message: Inspected | Recorded | Opened | Written) -> None:
        match message:
            case Recorded():
                self.recorded.emit(message)
            case Inspected(found):
                self.inspected.emit(found)
            case Opened():
                self._runs.present.recall(message)
                self._set_running(running=False)
                self._tell_companions()
                self.opened.emit(message)
            case Written():
                self.written.emit(message)

    def _refuse_training(self) -> bool:
        """Say why what is shown cannot be trained, where it cannot."""
        if self.fixed:
            self.failed.emit(Failed("refused", self.fixed))
        return bool(self.fixed)

    def _take_what_is_shown(self, message: CompanionsChanged | Showing | Intervened) -> None:
        match message:
            case CompanionsChanged(facts):
                self._runs.present.accompany(facts)
                self._tell_companions()
            case Showing():
                self._show(message)
            case Intervened(interventions):
                self.interventions = interventions
                self.interventions_changed.emit(interventions)

    def _fail(self, failed: Failed) -> None:
        self.nothing_to_run = self.config is None
        if failed.kind == "lost":
            self._runs.lose()
        if failed.kind in {"diverged", "crashed", "ended", "lost"} or self.nothing_to_run:
            self._set_running(running=False)
        self.failed.emit(failed)

    def _start(self, started: Started) -> None:
        self._runs.start(started)
        self.nothing_to_run = False
        self.config, self.facts, self.trace, self.studies = started.config, started.facts, None, Studies()
        self.answered = frozenset()
        self.kept, self.interventions = (), ()
        self.interventions_changed.emit(())
        if started.train or started.facts.fixed:
            self._set_running(running=started.train)
        self.run_started.emit(started.facts)
        self.config_changed.emit(started.config)
        self._show(Showing(0, None))
        self._tell_companions()

    def _tell_companions(self) -> None:
        self.companions_changed.emit(self.companions)
        self.history_changed.emit(self.history)

    def _show(self, showing: Showing) -> None:
        self.showing = showing
        self.studies = Studies()
        self.answered = frozenset()
        self.showing_changed.emit(showing)

    def _set_running(self, *, running: bool) -> None:
        if running != self._running:
            self._running = running
            self.running_changed.emit(running)
