"""The window: arranges its parts and connects wishes with orders. Holds no numbers of its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QVBoxLayout, QWidget

from rnnviz.app.columns import Columns
from rnnviz.app.display import Display
from rnnviz.app.display import Parts as DisplayParts
from rnnviz.app.focus import FocusInView
from rnnviz.app.help_dialog import HelpDialog
from rnnviz.app.keeping import Looks
from rnnviz.app.keys import key_map, name_of
from rnnviz.app.laboratory import Laboratory, Parts
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.notice import Notice
from rnnviz.app.opening import ask_for_file, dropped_file, open_file
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.recording_card import RecordingCard
from rnnviz.app.run_form import RunForm
from rnnviz.app.score import Score
from rnnviz.app.speaking import Speaking
from rnnviz.app.take_away import Parts as TakeAwayParts
from rnnviz.app.take_away import TakeAway
from rnnviz.app.toolbar import Toolbar
from rnnviz.app.transport import Transport
from rnnviz.app.view_menu import ViewMenu
from rnnviz.app.window_keys import window_keys
from rnnviz.config import RunConfig
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import StudyName
from rnnviz.drawing.theme import THEMES, Theme
from rnnviz.exchange.messages import Failed
from rnnviz.panels import PANELS
from rnnviz.state.playback import Playback
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session
from rnnviz.tracks import TRACKS

SMALLEST = (1060, 600)


class MainWindow(QMainWindow):
    """Close it to end the session; whoever built the worker ends that."""

    def __init__(self, session: Session, layout: WindowLayout, on_close: Callable[[WindowLayout], None]) -> None:
        super().__init__()
        self._session = session
        self._on_close = on_close
        self._wants: frozenset[StudyName] = frozenset()
        self._expected: RunConfig | None = None  # settings of the very first run
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
        looks = Looks(self.current_layout, self.restore_layout, self.show_latest)
        self.take_away = TakeAway(session, TakeAwayParts(*parts, looks), self)
        self._arrange(layout)
        self._connect_session()
        self._connect_wishes()
        FocusInView(self)
        self._keys = window_keys(self)
        self._key_map = key_map(self._keys)
        self._view_menu = ViewMenu(self.toolbar.view_menu, self.score, self.column, layout)
        self._view_menu.rows_changed.connect(self._watch)
        self._watch()
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

    def switch_theme(self) -> None:
        """Dark becomes light, light dark."""
        self.set_theme("light" if self._theme.name == "dark" else "dark")

    def current_layout(self) -> WindowLayout:
        """Return what is worth remembering."""
        return WindowLayout(
            width=self.width(),
            height=self.height(),
            columns=self._columns.widths,
            hidden_tracks=self._view_menu.hidden_tracks,
            hidden_panels=self.column.hidden_panels,
            side=self.column.side,
            theme=self._theme.name,
        )

    def restore_layout(self, layout: WindowLayout) -> None:
        """Look as ``layout`` says; a window that fills the screen keeps its size."""
        self._view_menu.restore(layout)
        if layout.theme != self._theme.name:
            self.set_theme(layout.theme)
        if not self.isMaximized() and not self.isFullScreen():
            self.resize(layout.width, layout.height)
        self._columns.set_widths(layout.columns, layout.width)

    def begin(self, config: RunConfig) -> None:
        """Leave the present run for a new one and train it."""
        self.notice.hide()
        self._session.begin(config, train=True)

    def toggle(self) -> None:
        """Train or pause."""
        self.notice.hide()
        self._session.toggle()

    def step(self) -> None:
        """Do one update, then stand still."""
        self.notice.hide()
        self._session.step()

    def reset(self) -> None:
        """Begin the present run anew; a recording is refused in words."""
        self.notice.hide()
        if self._session.facts is not None and self._session.facts.recording:
            self.notice.show_remark("This is a recording: it was trained elsewhere and cannot be begun anew here.")
            return
        self._session.reset()

    def switch_cell(self, name: str) -> None:
        """Begin a new run that differs in the cell alone; pending settings are dropped."""
        if self._session.config is not None:
            self.form.undo()
            self.begin(self._session.config.changed(cell=name))

    def ask_for_file(self) -> None:
        """Let the user choose a file, and open it."""
        path = ask_for_file(self)
        if path is not None:
            self.open_file(path)

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
        self.score.show_words()
        self._display.show_latest()

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

    def escape(self) -> None:
        """Undo what is pending, and take the keys back from an input widget."""
        self.notice.hide()
        self.laboratory.escape()
        self.form.undo()
        self.setFocus()

    def show_help(self) -> None:
        """All keys, and how to read each view."""
        views = [(track.title, track.how_to_read) for track in TRACKS]
        views += [(panel.title, panel.how_to_read) for panel in PANELS]
        dialog = HelpDialog(self._keys, views, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _arrange(self, layout: WindowLayout) -> None:
        self._columns = Columns((self.form, self.card), self.score, self.column)
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
        column.addWidget(self._columns, 1)
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
        self._columns.set_widths(layout.columns, layout.width)

    def _connect_session(self) -> None:
        session = self._session
        session.run_started.connect(self._on_run_started)
        parts = DisplayParts(self.score, self.column, self.transport, self.toolbar, self.laboratory)
        self._display = Display(session, self.selection, parts)
        session.trace_changed.connect(self.speaking.show_trace)
        session.config_changed.connect(self._show_config)
        session.running_changed.connect(lambda running: self.toolbar.show_running(running=running))
        session.failed.connect(self._on_failed)
        session.recorded.connect(lambda recorded: self.card.show_rows(recorded.rows))

    def _connect_wishes(self) -> None:
        session, toolbar = self._session, self.toolbar
        toolbar.train_wished.connect(self.toggle)
        toolbar.update_wished.connect(self.step)
        toolbar.reset_wished.connect(self.reset)
        toolbar.back_wished.connect(session.go_back)
        toolbar.pause_chosen.connect(session.set_pause)
        toolbar.theme_wished.connect(self.switch_theme)
        toolbar.help_wished.connect(self.show_help)
        for source in (toolbar, self.form):
            source.change_wished.connect(self._change)
        self.column.setting_chosen.connect(self._change)
        self.column.token_chosen.connect(self._on_token_chosen)
        self.column.gain_chosen.connect(session.explore)
        self.column.wants_changed.connect(self._watch)
        self.form.begin_wished.connect(self.begin)
        self.notice.reset_wished.connect(self._begin_anew)
        self.score.token_chosen.connect(self._on_token_chosen)
        self.score.unit_chosen.connect(lambda unit: self.selection.choose(unit=unit))
        self.score.layer_chosen.connect(lambda layer: self.selection.choose(layer=layer))
        self.transport.token_chosen.connect(lambda token: self.selection.choose(token=token))
        self.transport.play_wished.connect(self.playback.toggle)
        self.playback.playing_changed.connect(self.transport.show_playing)

    def _watch(self) -> None:
        """Have computed what somebody looks at, and nothing else."""
        wants = frozenset[StudyName]() if self.isMinimized() else self.score.wants | self.column.wants
        if wants != self._wants:
            self._wants = wants
            self._session.watch(wants)

    def _begin_anew(self) -> None:
        if self._session.config is not None:
            self._session.reset(train=True)
        elif self._expected is not None:
            self._session.begin(self._expected, train=True)

    def _change(self, name: str, value: object) -> None:
        self._session.change(**{name: value})

    def _on_run_started(self, facts: RunFacts) -> None:
        self.notice.hide()
        self.laboratory.side_by_side.introduce()
        self._show_recorded(facts)
        self.score.start_run()
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

    def _on_token_chosen(self, token: int) -> None:
        self.setFocus()  # takes the keys back from an input widget
        self.selection.choose(token=token)

    def expect(self, config: RunConfig) -> None:
        """Show the settings with which a run is about to begin, and that there is nothing of it yet."""
        self._expected = config
        self._show_config(config)
        self.column.show_history()

    def _show_config(self, config: RunConfig) -> None:
        self.toolbar.show_config(config)
        self.form.show_config(config)
        self.column.show_config(config)

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


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    rule.setFixedHeight(1)
    return rule


def _colour_application(theme: Theme) -> None:
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.styleSheet() != (sheet := theme.style_sheet()):
        application.setPalette(theme.palette())
        application.setStyleSheet(sheet)
