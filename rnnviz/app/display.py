"""When what is drawn: a new trace at once, words and panels five times a second, plots over training in turns."""

from typing import NamedTuple

from PySide6.QtCore import QObject

from rnnviz.app.laboratory import Laboratory
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.app.toolbar import Toolbar
from rnnviz.app.transport import Transport
from rnnviz.app.turns import Turns
from rnnviz.domain.studies import Studies
from rnnviz.domain.trace import Trace
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session

PLOTS_EVERY = 7  # refreshes: a plot over training is drawn four times a second at most
WORDS_EVERY = 6  # refreshes: digits cannot be read faster
MAP_EVERY = 30  # refreshes: the map of the whole run is drawn once a second
STATUS_EVERY = 3  # refreshes: numbers that change faster cannot be read


class Parts(NamedTuple):
    """What is drawn on."""

    score: Score
    column: PanelColumn
    transport: Transport
    toolbar: Toolbar
    laboratory: Laboratory


class Display(QObject):
    """Hands what is new in ``session``, and the cursor of ``selection``, to the parts of the window."""

    def __init__(self, session: Session, selection: Selection, parts: Parts) -> None:
        super().__init__(parts.score)
        self._session, self._selection, self._parts = session, selection, parts
        self._refreshes = 0
        self._drawn = False  # whether this refresh has drawn a trace
        self._turns = Turns()
        self._ask_for_words = self._turns.add(self._show_words, WORDS_EVERY)
        self._ask_for_plots = [self._turns.add(show, PLOTS_EVERY) for show in parts.column.histories()]
        self._ask_for_map = self._turns.add(parts.laboratory.show_history, MAP_EVERY)
        session.trace_changed.connect(self._on_trace_changed)
        session.history_changed.connect(lambda _: self._on_history_changed())
        session.studies_changed.connect(self._show_studies)
        session.showing_changed.connect(lambda _: self._show_studies(session.studies))
        session.refreshed.connect(self._on_refreshed)
        session.running_changed.connect(self._on_running_changed)
        selection.cursor_changed.connect(self._on_cursor_changed)

    def show_latest(self) -> None:
        """Bring what is drawn less often than thirty times a second up to date."""
        self._show_beside()
        self._parts.toolbar.show_status(self._session)
        self._parts.column.show_history()
        self._parts.laboratory.show_history()

    def _on_trace_changed(self, trace: Trace) -> None:
        self._selection.fit(trace)
        self._drawn = True
        running = self._session.running
        self._parts.score.show_trace(trace, self._selection.cursor, words=not running)
        if running:
            self._ask_for_words()
        else:
            self._show_beside()

    def _show_words(self) -> None:
        self._parts.score.show_words()
        self._show_beside()

    def _on_cursor_changed(self) -> None:
        if self._session.trace is not None:
            self._parts.score.show_cursor(self._selection.cursor)
            self._show_beside()

    def _show_beside(self) -> None:
        trace, cursor = self._session.trace, self._selection.cursor
        if trace is None:  # another run has begun since it was asked for
            return
        self._parts.column.show_trace(trace, cursor)
        self._parts.column.show_studies()
        self._parts.transport.show_trace(trace, cursor)

    def _show_studies(self, studies: Studies) -> None:
        self._parts.score.show_studies(studies)
        self._parts.column.show_studies()

    def _on_history_changed(self) -> None:
        for ask in self._ask_for_plots:
            ask()

    def _on_running_changed(self, running: bool) -> None:  # noqa: FBT001  # a signal's
        if not running:  # also panels that are out of sight show where it stands
            self._parts.column.show_history()
            self._show_beside()

    def _on_refreshed(self) -> None:
        self._refreshes += 1
        if self._refreshes % STATUS_EVERY == 0:
            self._parts.toolbar.show_status(self._session)
        if self._session.running:
            self._ask_for_map()
        self._turns.pass_on(taken=self._drawn)
        self._drawn = False
