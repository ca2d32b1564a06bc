"""Connects what goes beyond one run as it is: companions, the past, sub-steps, interventions."""

from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QWidget

from rnnviz.app.fork_dialog import ForkDialog
from rnnviz.app.history_bar import HistoryBar
from rnnviz.app.intervention_bar import InterventionBar, answered, offer_menu
from rnnviz.app.keys import Key
from rnnviz.app.notice import Notice
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.app.toolbar import Toolbar
from rnnviz.app.walk import Walk
from rnnviz.config.budget import same_budget
from rnnviz.drawing.theme import Theme
from rnnviz.exchange.messages import Showing
from rnnviz.lessons import LESSONS
from rnnviz.lessons.lesson import Lesson
from rnnviz.state.companion import Companion
from rnnviz.state.session import Session
from rnnviz.tracks.track import Offer

COMPARED = ("rnn_tanh", "lstm", "gru")
RATE_AFTER_DIVERGING = 0.1  # of the rate that diverged


class Parts(NamedTuple):
    """What it shows things in."""

    score: Score
    column: PanelColumn
    toolbar: Toolbar
    notice: Notice


class Laboratory(QObject):
    """Owns the bars for sub-steps and history; the window arranges them."""

    def __init__(self, session: Session, parts: Parts, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._score, self._column, self._toolbar, self._notice = parts
        theme = self._score.theme
        self.history, self.walk = HistoryBar(theme), Walk(session, self._score, self._column, self)
        # One place for both: where the caption of a sub-step came in addition, the score would jump.
        self.bottom = QStackedWidget()
        for bar in (self.history, self.walk.bar):
            self.bottom.addWidget(bar)
        self.intervention_bar = InterventionBar()
        self._lesson: Lesson | None = None  # whose run has been ordered
        self._fill_menu()
        self._connect_companions()
        self._connect_history()
        self.walk.under_way.connect(self._on_walk)
        self._toolbar.sub_step_wished.connect(self.walk.on)
        self._connect_interventions()

    def set_theme(self, theme: Theme) -> None:
        """Give the bars other colours."""
        self.history.set_theme(theme)
        self.walk.bar.set_theme(theme)

    def show_history(self) -> None:
        """Show how far the run has come."""
        session = self._session
        last = session.history.last
        self.history.show_run(session.flow_map, 0 if last is None else last.update, session.kept)

    def ask_for_fork(self) -> None:
        """Open the dialog for a twin."""
        session = self._session
        if session.config is not None:
            past, replaces = session.showing.update, bool(session.companions)
            dialog = ForkDialog(session.config, self._window, past=past, replaces=replaces)
            dialog.fork_wished.connect(self._fork)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def compare_cells(self, *, same_size: bool) -> None:
        """Begin a run with a simple RNN, an LSTM and a GRU side by side, the present cell first."""
        config, facts = self._session.config, self._session.facts
        if config is None or facts is None:
            return
        others = [name for name in COMPARED if name != config.cell]
        sides = facts.reads, facts.predicts
        companions = tuple(
            same_budget(config, name, *sides) if same_size else config.changed(cell=name) for name in others
        )
        self._notice.hide()
        self._session.begin(config, train=True, companions=companions)

    def open_lesson(self, lesson: Lesson) -> None:
        """Begin what the lesson shows."""
        first, *others = lesson.configs
        self._lesson = lesson
        self._session.pause()
        self._session.begin(first, train=lesson.updates > 0, companions=tuple(others))
        self._column.choose_side(lesson.side)

    def introduce(self) -> None:
        """Say what the run that has just begun is to show, if it is a lesson's."""
        if self._lesson is not None:
            self._notice.show_remark(f"{self._lesson.title}. {self._lesson.about}")
        self._lesson = None

    def next_lane(self) -> None:
        """Show the next of the run and its companions."""
        if self._session.companions:
            self._session.show_lane((self._session.showing.lane + 1) % (len(self._session.companions) + 1))

    def previous_update(self) -> None:
        """Show the kept update before the one that is shown."""
        self.show_history()  # while training the bar is a second behind
        self.history.previous()

    def next_update(self) -> None:
        """Show the kept update after the one that is shown, or the present."""
        self.show_history()
        self.history.next()

    def go_on_from_here(self) -> None:
        """Begin a new run at the past update that is shown."""
        self._session.branch(train=True)

    def lower_the_rate(self) -> None:
        """After a divergence: go back to the last kept update and go on from there with a tenth of the rate."""
        config, kept = self._session.config, self._session.kept
        if config is None:
            return
        rate = config.rate * RATE_AFTER_DIVERGING
        if kept:
            self._session.branch_from(kept[-1], train=True, rate=rate)
        else:
            self._session.begin(config.changed(rate=rate), train=True)

    def show_last_good(self) -> None:
        """After a divergence: show the newest update that is kept from before."""
        if self._session.kept:
            self.show_update(self._session.kept[-1])

    def escape(self) -> None:
        """Show everything at once again."""
        self.walk.steps.leave()

    def keys(self) -> tuple[Key, ...]:
        """All this by keyboard."""
        return (
            Key((".",), ".", "one sub-step on: forward, loss, backward, clip, update", self.walk.on),
            Key((",",), ",", "one sub-step back", self.walk.steps.back),
            Key(("F",), "F", "fork: a twin that differs in one setting", self.ask_for_fork),
            Key(("B",), "B", "three cells side by side", lambda: self.compare_cells(same_size=False)),
            Key(("Shift+B",), "Shift B", "the same with equally many parameters", self._compare_same_size),
            Key(("T",), "T", "show the next of the networks that are trained side by side", self.next_lane),
            Key(("I",), "I", "change something inside the pass at the cursor", self._score.offer_at_cursor),
            Key(("V",), "V", "show what they changed, or the values", self.intervention_bar.toggle_changes),
            Key(("X",), "X", "undo all interventions", self.end_interventions),
            Key(("[",), "[", "back to the kept update before", self.previous_update),
            Key(("]",), "]", "on to the kept update after", self.next_update),
            Key(("L", "Ctrl+End"), "L, Ctrl End", "back to the present", self._session.show_live),
            Key(("G",), "G", "go on from the past update that is shown", self.go_on_from_here),
        )

    def _compare_same_size(self) -> None:
        self.compare_cells(same_size=True)

    def _fill_menu(self) -> None:
        menu = self._toolbar.fork_menu
        self._add_action("Fork here …\tF", "Train a twin that differs in one setting", self.ask_for_fork)
        cells = "A new run: the same task, seed and order of data for a simple RNN, an LSTM and a GRU"
        self._add_action("Three cells side by side\tB", cells, lambda: self.compare_cells(same_size=False))
        self._add_action("Three cells with equally many parameters\tShift+B", cells, self._compare_same_size)
        self._end = self._add_action("Train this run alone", "End the companions", self._session.end_companions)
        menu.addSeparator()
        for lesson in LESSONS.values():
            self._add_action(f"Lesson: {lesson.title}", lesson.about, lambda chosen=lesson: self.open_lesson(chosen))

    def _add_action(self, text: str, about: str, do: object) -> QAction:
        action = QAction(text, self)
        action.setToolTip(f"<p>{about}</p>")
        action.triggered.connect(lambda _=False: do())  # type: ignore[operator]  # any callable
        self._toolbar.fork_menu.addAction(action)
        return action

    def _connect_companions(self) -> None:
        self._session.companions_changed.connect(self._on_companions_changed)
        self._session.showing_changed.connect(self._on_showing_changed)
        self.history.lane_chosen.connect(self._session.show_lane)
        self._notice.last_good_wished.connect(self.show_last_good)
        self._notice.lower_rate_wished.connect(self.lower_the_rate)

    def _connect_history(self) -> None:
        self._session.kept_changed.connect(self._on_kept_changed)
        self._session.run_started.connect(lambda _: self.show_history())
        self.history.update_chosen.connect(self.show_update)
        self.history.branch_wished.connect(self.go_on_from_here)
        self.history.previous_wished.connect(self.previous_update)
        self.history.next_wished.connect(self.next_update)

    def _connect_interventions(self) -> None:
        bar = self.intervention_bar
        bar.reset_wished.connect(self.end_interventions)
        bar.changes_toggled.connect(lambda on: self._score.show_changes(on=on))
        self._session.interventions_changed.connect(bar.show_interventions)
        self._score.offers_wished.connect(self._offer)

    def end_interventions(self) -> None:
        """Show the pass as it is."""
        self._session.intervene(())

    def _offer(self, offers: tuple[Offer, ...], at: QPoint) -> None:
        if offers:
            offer_menu(offers, self._take, self._window).popup(at)

    def _take(self, offer: Offer) -> None:
        facts = self._session.facts
        chosen = answered(offer, () if facts is None else facts.vocabulary, self._window)
        if chosen is not None:
            self._session.intervene((*self._session.interventions, chosen))

    def show_update(self, update: int | None) -> None:
        """Show a kept update, or the present."""
        self.walk.steps.leave()
        if update is None:
            self._session.show_live()
        else:
            self._session.show_update(update)

    def _on_kept_changed(self) -> None:
        if not self._session.running:  # else twenty a second come, and the window asks for a picture now and then
            self.show_history()

    def _fork(self, changes: dict[str, object]) -> None:
        """Fork what is shown: the present, or an update of the past, which begins a run of its own."""
        self._session.branch()
        self._session.fork(**changes)

    def _on_companions_changed(self, companions: tuple[Companion, ...]) -> None:
        self._end.setEnabled(bool(companions))
        self._show_lanes()

    def _on_showing_changed(self, showing: Showing) -> None:
        self.history.show_update(showing.update)
        self._show_lanes()

    def _show_lanes(self) -> None:
        labels = tuple(companion.facts.label for companion in self._session.companions)
        self.history.show_lanes(labels, self._session.showing.lane)

    def _on_walk(self, under_way: bool) -> None:  # noqa: FBT001  # connected to a signal
        self.bottom.setCurrentWidget(self.walk.bar if under_way else self.history)
