"""Session files of the window: saved, opened, kept every minute, recovered."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from rnnviz.app.asking import Asker
from rnnviz.app.autosaves import Autosaves, Leftover
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.notice import Notice
from rnnviz.app.open_session import PATTERNS, SUFFIX
from rnnviz.app.recent import add_recent, load_recent
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.trace import Trace
from rnnviz.exchange.messages import Failed, Opened, Written
from rnnviz.exchange.orders import SaveSession
from rnnviz.exchange.view_state import ViewState
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session

AUTOSAVE_MS = 60_000


class Looks(NamedTuple):
    """How the window looks, how to make it look so again, and how to have all of it up to date."""

    layout: Callable[[], WindowLayout]
    restore: Callable[[WindowLayout], None]
    show_latest: Callable[[], None]  # before it is photographed


class RecoveryBar(QFrame):
    """Offers the session that a crash left behind."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._text = QLabel()
        self._text.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 8, 6)
        row.addWidget(self._text, 1)
        self.recover, self.forget = QPushButton("Recover"), QPushButton("Delete it")
        for button in (self.recover, self.forget):
            row.addWidget(button)
        self.hide()

    def offer(self, what: str, when: str) -> None:
        """Ask, after saying ``what`` has happened."""
        self._text.setText(f"{what} The session that was kept at {when} is still there.")
        self.show()


class Keeping(QObject):
    """Saves to the file that the run came from or went to last."""

    def __init__(self, session: Session, selection: Selection, looks: Looks, notice: Notice, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._selection, self._looks, self._notice = session, selection, looks, notice
        self._window, self.asker, self.bar = window, Asker(window), RecoveryBar()
        self._path: Path | None = None
        self._cursor: Cursor | None = None  # to be chosen as soon as there is a trace to choose in
        self._recent: Path | None = None
        self._autosaves: Autosaves | None = None
        self._leftover: Leftover | None = None
        self._saved_at = 0  # updates that the newest autosave has
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave)
        session.run_started.connect(lambda _: self._name(None))
        session.opened.connect(self._on_opened)
        session.written.connect(self._on_written)
        session.trace_changed.connect(self._on_trace)
        session.failed.connect(self._on_failed)
        self.bar.recover.clicked.connect(self.recover)
        self.bar.forget.clicked.connect(self.forget)

    def keep_in(self, folder: Path) -> None:
        """Keep the list of recent files and a session of every minute there; offer what a crash left behind."""
        self._recent = folder / "recent.json"
        try:
            self._autosaves = Autosaves(folder / "autosave")
            self._leftover = self._autosaves.leftover()
        except OSError as error:
            self._notice.show_remark(f"Sessions cannot be kept in {folder}: {error.strerror or error}.")
            return
        self._timer.start()
        if self._leftover is not None:
            self.bar.offer("rnnviz was not closed properly.", self._leftover.when)

    def end(self) -> None:
        """The program ends as it should, and the worker has ended: nothing is left to recover."""
        self._timer.stop()
        if self._autosaves is not None:
            self._autosaves.end()
        if self._leftover is not None:
            self._leftover.lock.unlock()
        self._autosaves = self._leftover = None

    @property
    def recent(self) -> list[Path]:
        """Files that were saved or opened last and are still there."""
        return [] if self._recent is None else [path for path in load_recent(self._recent) if path.is_file()]

    def save(self) -> None:
        """Save where it was saved before, or ask."""
        if self._path is None:
            self.save_as()
        else:
            self._save(self._path)

    def save_as(self) -> None:
        """Ask where to save."""
        config = self._session.config
        if config is None:
            self._notice.show_remark("There is no run to save yet.")
            return
        path = self.asker.where("Save the session", f"{config.task}-{config.cell}{SUFFIX}", SUFFIX[1:])
        if path is not None:
            self._save(path)

    def ask_for_session(self) -> None:
        """Ask which session to open."""
        path = self.asker.which("Open a session", f"Sessions ({' '.join(PATTERNS)})")
        if path is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Go over to the run in ``path``."""
        self._notice.hide()
        self._session.open_file(path)

    def autosave(self) -> None:
        """Keep the session, if it has changed since the last time."""
        last = self._session.history.last
        updates = 0 if last is None else last.update
        facts = self._session.facts
        trained = facts is not None and not (facts.recording or facts.fixed)
        if self._autosaves is not None and trained and updates not in {0, self._saved_at}:
            self._saved_at = updates
            self._session.keep(SaveSession(self._autosaves.path, self.view(), quietly=True))

    def recover(self) -> None:
        """Open what the crash left behind."""
        self.bar.hide()
        if self._leftover is not None:
            self.open(self._leftover.path)

    def forget(self) -> None:
        """Delete what the crash left behind."""
        self.bar.hide()
        if self._leftover is not None:
            self._leftover.forget()
            self._leftover = None

    def view(self) -> ViewState:
        """How the window looks at the run now."""
        flow, layout = self._session.flow_map, self._looks.layout().model_dump(mode="json")
        return ViewState(self._selection.cursor, layout, flow.updates, flow.norms, flow.apart)

    def _save(self, path: Path) -> None:
        self._session.keep(SaveSession(path, self.view()))

    def _on_written(self, written: Written) -> None:
        if written.what == "session":
            self._name(written.path)
            self._remember(written.path)
            self._notice.show_remark(f"The session is saved: {written.path}")

    def _on_opened(self, opened: Opened) -> None:
        self._cursor = opened.view.cursor
        with suppress(ValidationError):  # of another version: the window stays as it is
            self._looks.restore(WindowLayout.model_validate(opened.view.layout))
        if self._leftover is not None and opened.path == self._leftover.path:
            self.forget()
            self._notice.show_remark("The session is recovered. Save it to keep it (Ctrl+S).")
            return
        self._name(opened.path)
        self._remember(opened.path)
        if opened.remark:
            self._notice.show_remark(opened.remark)

    def _on_failed(self, failed: Failed) -> None:
        self._saved_at = 0
        if failed.kind != "lost" or self._autosaves is None:
            return
        lost = self._autosaves.set_aside()
        if lost is not None:
            if self._leftover is not None:  # it is offered at the next start
                self._leftover.lock.unlock()
            self._leftover = lost
        if self._leftover is not None:
            self.bar.offer("The run was lost with the process that trained it.", self._leftover.when)

    def _on_trace(self, _: Trace) -> None:
        if self._cursor is not None:
            cursor, self._cursor = self._cursor, None
            self._selection.choose(cursor.token, cursor.layer, cursor.unit)

    def _name(self, path: Path | None) -> None:
        self._path = path
        self._window.setWindowTitle("rnnviz" if path is None else f"{path.name} – rnnviz")

    def _remember(self, path: Path) -> None:
        if self._recent is not None:
            try:
                add_recent(self._recent, path)
            except OSError as error:
                self._notice.show_remark(f"The list of recent files was not saved: {error.strerror or error}.")
