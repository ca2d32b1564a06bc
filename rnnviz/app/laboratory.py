"""Connects what goes beyond one run as it is: companions, the past, sub-steps, interventions."""

from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from rnnviz.analysis.soundness import newest_ordinary, newest_sound
from rnnviz.app.history_bar import HistoryBar
from rnnviz.app.intervention_bar import InterventionBar, answered, offer_menu
from rnnviz.app.keys import Key
from rnnviz.app.notice import Notice
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.app.side_by_side import Shown, SideBySide
from rnnviz.app.toolbar import Toolbar
from rnnviz.app.walk import Walk
from rnnviz.drawing.theme import Theme
from rnnviz.exchange.messages import Showing
from rnnviz.state.session import Session
from rnnviz.tracks.track import Offer

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
        shown = Shown(self._toolbar.fork_menu, self._notice, self._column)
        self.side_by_side = SideBySide(session, shown, window)
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
        """After a divergence: go on with a tenth of the rate from before the harm, or from the start."""
        session, config = self._session, self._session.config
        if config is None:
            return
        rate = config.rate * RATE_AFTER_DIVERGING
        updates, losses, norms = (session.history.column(name) for name in ("update", "loss", "grad_norm"))
        sound = newest_sound(updates, losses, norms, session.kept)
        if sound is None:
            session.begin(config.changed(rate=rate), train=True)
        else:
            session.branch_from(sound, train=True, rate=rate)

    def show_last_good(self) -> None:
        """After a divergence: show the newest update that is kept from before the harm."""
        history = self._session.history
        good = newest_ordinary(history.column("update"), history.column("loss"), self._session.kept)
        if good is not None:
            self.show_update(good)

    def escape(self) -> None:
        """Show everything at once again."""
        self.walk.steps.leave()

    def keys(self) -> tuple[Key, ...]:
        """All this by keyboard."""
        return (
            Key((".",), ".", "one sub-step on: forward, loss, backward, clip, update", self.walk.on),
            Key((",",), ",", "one sub-step back", self.walk.steps.back),
            *self.side_by_side.keys(),
            Key(("I",), "I", "change something inside the pass at the cursor", self._score.offer_at_cursor),
            Key(("V",), "V", "show what they changed, or the values", self.intervention_bar.toggle_changes),
            Key(("X",), "X", "undo all interventions", self.end_interventions),
            Key(("[",), "[", "back to the kept update before", self.previous_update),
            Key(("]",), "]", "on to the kept update after", self.next_update),
            Key(("L", "Ctrl+End"), "L, Ctrl End", "back to the present", self._session.show_live),
            Key(("G",), "G", "go on from the past update that is shown", self.go_on_from_here),
        )

    def _connect_companions(self) -> None:
        self._session.companions_changed.connect(lambda _: self._show_lanes())
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
        facts = self._session.facts
        if facts is not None and facts.recording:
            self._notice.show_remark("This is a recording: nothing inside its passes can be changed.")
        elif offers:
            menu = self.offer_menu(offers)
            menu.popup(at)
            menu.setActiveAction(menu.actions()[0])  # Enter takes the first

    def offer_menu(self, offers: tuple[Offer, ...]) -> QMenu:
        """A menu of what can be changed, to which more can be added."""
        return offer_menu(offers, self._take, self._window)

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

    def _on_showing_changed(self, showing: Showing) -> None:
        self.history.show_update(showing.update)
        self._show_lanes()

    def _show_lanes(self) -> None:
        labels = tuple(companion.facts.label for companion in self._session.companions)
        self.history.show_lanes(labels, self._session.showing.lane)

    def _on_walk(self, under_way: bool) -> None:  # noqa: FBT001  # connected to a signal
        self.bottom.setCurrentWidget(self.walk.bar if under_way else self.history)
