"""The window: arranges its parts and connects wishes with orders. Holds no numbers of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from rnnviz.app.help_dialog import HelpDialog
from rnnviz.app.keeping import Looks
from rnnviz.app.keys import Key, key_map, name_of
from rnnviz.app.laboratory import Laboratory, Parts
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.notice import Notice
from rnnviz.app.opening import ask_for_file, dropped_file, open_file
from rnnviz.app.panel_column import ALL, TABS, PanelColumn
from rnnviz.app.recording_card import RecordingCard
from rnnviz.app.run_form import RunForm
from rnnviz.app.score import Score
from rnnviz.app.speaking import Speaking
from rnnviz.app.take_away import Parts as TakeAwayParts
from rnnviz.app.take_away import TakeAway
from rnnviz.app.toolbar import Toolbar
from rnnviz.app.transport import Transport
from rnnviz.app.turns import Turns
from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.trace import Trace
from rnnviz.drawing.theme import THEMES, Theme
from rnnviz.exchange.messages import Failed
from rnnviz.panels import PANELS
from rnnviz.state.playback import Playback
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session
from rnnviz.tracks import TRACKS

PLOTS_EVERY = 7  # refreshes: a plot over training is drawn four times a second at most
WORDS_EVERY = 3  # traces: digits cannot be read faster
MAP_EVERY = 30  # refreshes: the map of the whole run is drawn once a second
STATUS_EVERY = 3  # refreshes: numbers that change faster cannot be read
SMALLEST = (1060, 600)


class MainWindow(QMainWindow):
    """Close it to end the session; whoever built the worker ends that."""

    def __init__(self, session: Session, layout: WindowLayout, on_close: Callable[[WindowLayout], None]) -> None:
        super().__init__()
        self._session = session
        self._on_close = on_close
        self._refreshes = 0
        self._traces = 0
        self._drawn = False  # whether this refresh has drawn a trace
        self._turns = Turns()
        self._hidden_tracks = set(layout.hidden_tracks)
        self._views: dict[tuple[str, str], QAction] = {}  # of the menu of views: “track” or “panel”, and its name
        self._wants: frozenset[StudyName] = frozenset()
        self.setWindowTitle("rnnviz")
        theme = THEMES[layout.theme]
        _colour_application(theme)  # before there are widgets: each of them would be styled again
        self.selection = Selection(self)
        self.playback = Playback(self.selection, self)
        self.form: RunForm = RunForm()
        self.toolbar, self.transport, self.notice = Toolbar(theme), Transport(theme), Notice()
        self.card = RecordingCard()
        self.score = Score(TRACKS, theme)
        self.column = PanelColumn(PANELS, theme, session, self.selection)
        self.laboratory = Laboratory(session, Parts(self.score, self.column, self.toolbar, self.notice), self)
        self.speaking = Speaking(session, self.column, self.selection)
        parts = self.score, self.column, self.toolbar, self.notice, self.laboratory, self.selection
        self._ask_for_panels = self._turns.add(self._show_beside)
        self._ask_for_plots = [self._turns.add(show, PLOTS_EVERY) for show in self.column.histories()]
        self._ask_for_map = self._turns.add(self.laboratory.show_history, MAP_EVERY)
        self.take_away = TakeAway(session, TakeAwayParts(*parts, Looks(self.current_layout, self.restore_layout)), self)
        self._arrange(layout)
        self._connect_session()
        self._connect_wishes()
        self._keys = self._build_keys()
        self._key_map = key_map(self._keys)
        self._fill_view_menu(layout)
        self.set_theme(layout.theme)
        self.toolbar.show_status(session)

    @property
    def session(self) -> Session:
        """What it shows."""
        return self._session

    def set_theme(self, name: str) -> None:
        """Take other colours everywhere."""
        self._theme = THEMES[name]
        _colour_application(self._theme)
        self.toolbar.set_theme(self._theme)
        self.form.set_theme(self._theme)
        self.transport.set_theme(self._theme)
        self.score.set_theme(self._theme)
        self.column.set_theme(self._theme)
        self.laboratory.set_theme(self._theme)

    def current_layout(self) -> WindowLayout:
        """Return what is worth remembering."""
        first, second, third = self._splitter.sizes()
        return WindowLayout(
            width=self.width(),
            height=self.height(),
            columns=(first, second, third),
            hidden_tracks=frozenset(self._hidden_tracks),
            hidden_panels=self.column.hidden_panels,
            side=self.column.side,
            theme=self._theme.name,
        )

    def restore_layout(self, layout: WindowLayout) -> None:
        """Look as ``layout`` says; a window that fills the screen keeps its size."""
        for (kind, name), action in self._views.items():
            action.setChecked(name not in (layout.hidden_tracks if kind == "track" else layout.hidden_panels))
        self.column.choose_side(layout.side)
        if layout.theme != self._theme.name:
            self.set_theme(layout.theme)
        if not self.isMaximized() and not self.isFullScreen():
            self.resize(layout.width, layout.height)
        self._splitter.setSizes(list(layout.columns or _columns(layout.width)))

    def begin(self, config: RunConfig) -> None:
        """Leave the present run for a new one and train it."""
        self.notice.hide()
        self._session.begin(config, train=True)

    def open_file(self, path: Path) -> None:
        """Open whatever is in ``path``: see `opening`."""
        self.notice.hide()
        open_file(self, path)

    def open_recording(self, path: Path) -> None:
        """Leave the present run for a recording."""
        self._session.open_recording(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file."""
        if dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file."""
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_file(path)

    def show_latest(self) -> None:
        """Bring what is drawn less often than thirty times a second up to date."""
        self._show_beside()
        self.toolbar.show_status(self._session)
        self.column.show_history()
        self.laboratory.show_history()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no input widget wanted."""
        action = self._key_map.get(name_of(event))
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def changeEvent(self, event: QEvent) -> None:
        """A minimised window asks for no traces and no studies."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._session.set_watched(watched=not self.isMinimized())
            self._watch()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop looking, remember the layout."""
        self.playback.stop()
        self.take_away.filming.close()
        self._session.close()
        self._on_close(self.current_layout())
        super().closeEvent(event)

    def show_help(self) -> None:
        """All keys, and how to read each view."""
        views = [(track.title, track.how_to_read) for track in TRACKS]
        views += [(panel.title, panel.how_to_read) for panel in PANELS]
        dialog = HelpDialog(self._keys, views, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _arrange(self, layout: WindowLayout) -> None:
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        form_box = QWidget()
        inside = QHBoxLayout(form_box)
        inside.setContentsMargins(12, 8, 4, 4)
        inside.addWidget(self.form)
        inside.addWidget(self.card)
        form_box.setMinimumWidth(200)
        self.column.setMinimumWidth(250)
        for index, part in enumerate((form_box, self.score, self.column)):
            self._splitter.addWidget(part)
            self._splitter.setStretchFactor(index, 1 if part is self.score else 0)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(_rule())
        column.addWidget(self.notice)
        for bar in self.take_away.bars:
            column.addWidget(bar)
        column.addWidget(self.laboratory.intervention_bar)
        column.addWidget(self.speaking.bar)
        column.addWidget(self._splitter, 1)
        column.addWidget(_rule())
        column.addWidget(self.transport)
        column.addWidget(self.laboratory.bottom)
        self.setCentralWidget(central)
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        # Keys belong to the window until an input widget is chosen; else Qt gives them to the first box it finds.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()
        self.resize(layout.width, layout.height)
        self._splitter.setSizes(list(layout.columns or _columns(layout.width)))

    def _connect_session(self) -> None:
        session = self._session
        session.run_started.connect(self._on_run_started)
        session.trace_changed.connect(self._on_trace_changed)
        session.trace_changed.connect(self.speaking.show_trace)
        session.config_changed.connect(self._show_config)
        session.history_changed.connect(self._on_history_changed)
        session.running_changed.connect(lambda running: self.toolbar.show_running(running=running))
        session.failed.connect(self._on_failed)
        session.recorded.connect(lambda recorded: self.card.show_rows(recorded.rows))
        session.refreshed.connect(self._on_refreshed)
        session.studies_changed.connect(self._on_studies_changed)
        session.showing_changed.connect(lambda _: self._on_studies_changed(session.studies))
        self.selection.cursor_changed.connect(self._on_cursor_changed)

    def _connect_wishes(self) -> None:
        session, toolbar = self._session, self.toolbar
        toolbar.train_wished.connect(self._toggle)
        toolbar.update_wished.connect(self._step)
        toolbar.reset_wished.connect(self._reset)
        toolbar.back_wished.connect(session.go_back)
        toolbar.pause_chosen.connect(session.set_pause)
        toolbar.theme_wished.connect(self._other_theme)
        toolbar.help_wished.connect(self.show_help)
        for source in (toolbar, self.form):
            source.change_wished.connect(self._change)
        self.column.setting_chosen.connect(self._change)
        self.column.token_chosen.connect(self._on_token_chosen)
        self.column.gain_chosen.connect(session.explore)
        self.column.wants_changed.connect(self._watch)
        self.column.side_chosen.connect(lambda _: self._show_tracks())
        self.form.begin_wished.connect(self.begin)
        self.notice.reset_wished.connect(self._begin_anew)
        self.score.token_chosen.connect(self._on_token_chosen)
        self.score.unit_chosen.connect(lambda unit: self.selection.choose(unit=unit))
        self.score.layer_chosen.connect(lambda layer: self.selection.choose(layer=layer))
        self.transport.token_chosen.connect(lambda token: self.selection.choose(token=token))
        self.transport.play_wished.connect(self.playback.toggle)
        self.playback.playing_changed.connect(self.transport.show_playing)

    def _build_keys(self) -> tuple[Key, ...]:
        choose, move = self.selection.choose, self.selection.move
        cells = [
            Key(
                (str(place),),
                str(place),
                f"a new run with {cell.title}",
                self._cell_switcher(cell.name),
            )
            for place, cell in enumerate(CELLS.values(), start=1)
        ]
        return (
            Key(("Space",), "Space", "train or pause", self._toggle),
            Key(("U",), "U", "one update", self._step),
            Key(("R",), "R", "begin this run anew", self._reset),
            Key(("Ctrl+Z",), "Ctrl+Z", "back to the run before, as it was left", self._session.go_back),
            Key(("S",), "S", "tempo: full speed, slow motion", self.toolbar.next_tempo),
            Key(("C",), "C", "gradient clipping on or off", self.toolbar.toggle_clipping),
            Key(("Left",), "←", "one token back", lambda: move(tokens=-1)),
            Key(("Right",), "→", "one token on", lambda: move(tokens=1)),
            Key(("Home", "Shift+Left"), "Home, Shift ←", "first token", lambda: choose(token=0)),
            Key(("End", "Shift+Right"), "End, Shift →", "last token", lambda: choose(token=self.selection.tokens - 1)),
            Key(("P",), "P", "play along the tokens", self.playback.toggle),
            Key(("Up",), "↑", "the unit above", lambda: move(units=-1)),
            Key(("Down",), "↓", "the unit below", lambda: move(units=1)),
            Key(("PgUp", "Shift+Up"), "PgUp, Shift ↑", "the layer above", lambda: move(layers=1)),
            Key(("PgDown", "Shift+Down"), "PgDn, Shift ↓", "the layer below", lambda: move(layers=-1)),
            *cells,
            *(
                Key((f"F{place}",), f"F{place}", f"look at: {title.lower()}", self._side_chooser(side))
                for place, (side, title) in enumerate(TABS.items(), start=2)
            ),
            *self.laboratory.keys(),
            *self.speaking.keys(),
            *self.take_away.keys(),
            Key(("Return", "Enter"), "Enter", "start the new run that the settings propose", self.form.start),
            Key(("Esc",), "Esc", "undo pending settings, dismiss a notice", self._escape),
            Key(("Ctrl+O",), "Ctrl+O", "open a file: a text to learn from, a recording", self._ask_for_file),
            Key(("D",), "D", "dark or light", self._other_theme),
            Key(("?", "Shift+?", "F1"), "?", "this page", self.show_help),
            Key(("Ctrl+Q",), "Ctrl+Q", "quit", self.close),
        )

    def _fill_view_menu(self, layout: WindowLayout) -> None:
        menu, hidden = self.toolbar.view_menu, self._hidden_tracks
        for track in TRACKS:
            self._add_view(
                ("track", track.name), track.title, self._track_shower(track.name), shown=track.name not in hidden
            )
        menu.addSeparator()
        for name, panel in self.column.panels.items():
            shown = name not in layout.hidden_panels
            self.column.show_panel(name, shown=shown)
            self._add_view(("panel", name), panel.title, self._panel_shower(name), shown=shown)
        self.column.choose_side(layout.side)
        self._show_tracks()

    def _add_view(self, name: tuple[str, str], title: str, show: Callable[[bool], Any], *, shown: bool) -> None:
        action = QAction(title, self, checkable=True, checked=shown)
        self._views[name] = action
        action.toggled.connect(show)
        self.toolbar.view_menu.addAction(action)

    def _side_chooser(self, side: str) -> Callable[[], None]:
        return lambda: self.column.choose_side(side)

    def _panel_shower(self, name: str) -> Callable[[bool], None]:
        return lambda shown: self.column.show_panel(name, shown=shown)

    def _track_shower(self, name: str) -> Callable[[bool], None]:
        def show(shown: bool) -> None:  # noqa: FBT001  # connected to a signal
            (self._hidden_tracks.discard if shown else self._hidden_tracks.add)(name)
            self._show_tracks()

        return show

    def _show_tracks(self) -> None:
        side = self.column.side
        self.score.set_visible_tracks(
            track.name for track in TRACKS if track.name not in self._hidden_tracks and side in {*track.sides, ALL}
        )
        self._watch()

    def _watch(self) -> None:
        """Have computed what somebody looks at, and nothing else."""
        wants = frozenset[StudyName]() if self.isMinimized() else self.score.wants | self.column.wants
        if wants != self._wants:
            self._wants = wants
            self._session.watch(wants)

    def _toggle(self) -> None:
        self.notice.hide()
        self._session.toggle()

    def _ask_for_file(self) -> None:
        path = ask_for_file(self)
        if path is not None:
            self.open_file(path)

    def _reset(self) -> None:
        self.notice.hide()
        if self._session.facts is not None and self._session.facts.recording:
            self.notice.show_remark("This is a recording: it was trained elsewhere and cannot be begun anew here.")
            return
        self._session.reset()

    def _step(self) -> None:
        self.notice.hide()
        self._session.step()

    def _begin_anew(self) -> None:
        self._session.reset(train=True)

    def _change(self, name: str, value: object) -> None:
        self._session.change(**{name: value})

    def _switch_cell(self, name: str) -> None:
        if self._session.config is not None:
            self.form.undo()
            self.begin(self._session.config.changed(cell=name))

    def _cell_switcher(self, name: str) -> Callable[[], None]:
        return lambda: self._switch_cell(name)

    def _escape(self) -> None:
        self.notice.hide()
        self.laboratory.escape()
        self.form.undo()
        self.setFocus()

    def _other_theme(self) -> None:
        self.set_theme("light" if self._theme.name == "dark" else "dark")

    def _on_run_started(self, facts: RunFacts) -> None:
        self.notice.hide()
        self.laboratory.side_by_side.introduce()
        self._show_recorded(facts)
        self.column.start_run(facts)
        self.form.setToolTip(facts.task_note)
        self.transport.show_fixed(fixed=bool(facts.fixed))
        if facts.fixed:
            self.notice.show_remark(f"{facts.task_note} It is not trained; the settings are for a new run.")
        self.toolbar.show_status(self._session)  # at once: what can be gone back to has changed

    def _show_recorded(self, facts: RunFacts) -> None:
        """Of a recording nothing can be set: what it is stands where the settings were."""
        self.form.setVisible(not facts.recording)
        self.card.setVisible(facts.recording)
        self.toolbar.show_recorded(recorded=facts.recording)
        self.laboratory.history.show_recorded(recorded=facts.recording)
        if facts.recording:
            self.score.clear("No sequence of this recording has been traced yet.")

    def _on_trace_changed(self, trace: Trace) -> None:
        self.selection.fit(trace)
        self._traces += 1
        self._drawn = True
        running = self._session.running
        words = self._traces % WORDS_EVERY == 0 or not running
        self.score.show_trace(trace, self.selection.cursor, words=words)
        if not running:
            self._show_beside()
        elif words:
            self._ask_for_panels()

    def _on_token_chosen(self, token: int) -> None:
        self.setFocus()  # takes the keys back from an input widget
        self.selection.choose(token=token)

    def _on_cursor_changed(self) -> None:
        trace = self._session.trace
        if trace is not None:
            self.score.show_cursor(self.selection.cursor)
            self._show_beside()

    def _show_beside(self) -> None:
        trace, cursor = self._session.trace, self.selection.cursor
        if trace is None:  # another run has begun since it was asked for
            return
        self.column.show_trace(trace, cursor)
        self.column.show_studies()
        self.transport.show_trace(trace, cursor)

    def _on_studies_changed(self, studies: Studies) -> None:
        self.score.show_studies(studies)
        self.column.show_studies()

    def expect(self, config: RunConfig) -> None:
        """Show the settings with which a run is about to begin, and that there is nothing of it yet."""
        self._show_config(config)
        self.column.show_history()

    def _show_config(self, config: RunConfig) -> None:
        self.toolbar.show_config(config)
        self.form.show_config(config)
        self.column.show_config(config)

    def _on_history_changed(self) -> None:
        for ask in self._ask_for_plots:
            ask()

    def _on_failed(self, failed: Failed) -> None:
        if failed.kind == "ended":
            self.notice.show_remark(failed.sentence)
        else:
            self.notice.show_failure(failed)
        if failed.kind == "diverged" and failed.post_mortem is not None:
            self.selection.choose(token=failed.post_mortem.token, layer=failed.post_mortem.layer)
        if self._session.config is not None:
            self._show_config(self._session.config)  # a refused setting is not left on the screen
        else:
            self.score.show_remark("There is no run: choose settings and start one.")

    def _on_refreshed(self) -> None:
        self._refreshes += 1
        if self._refreshes % STATUS_EVERY == 0:
            self.toolbar.show_status(self._session)
        if self._session.running:
            self._ask_for_map()
        self._turns.pass_on(taken=self._drawn)
        self._drawn = False


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    rule.setFixedHeight(1)
    return rule


def _columns(width: int) -> tuple[int, int, int]:
    """Settings and panels take what they need, more on a wide window; the score takes the rest."""
    settings = 238 if width < 1400 else 250
    panels = max(270, round(width * 0.27))
    return settings, width - settings - panels, panels


def _colour_application(theme: Theme) -> None:
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.styleSheet() != (sheet := theme.style_sheet()):
        application.setPalette(theme.palette())
        application.setStyleSheet(sheet)
