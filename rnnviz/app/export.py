"""Pictures and numbers of views: from the menus of the toolbar and of the right mouse button."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.app.asking import Asker
from rnnviz.app.laboratory import Laboratory
from rnnviz.app.notice import Notice
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.app.views import PICTURES, View, shown_views, view_of_panel, view_of_track, window_painting
from rnnviz.drawing.pictures import image_of
from rnnviz.exchange.messages import Written
from rnnviz.exchange.orders import WriteProgram
from rnnviz.files.trace_file import write_trace
from rnnviz.files.whole import write_whole
from rnnviz.panels.panel import Panel
from rnnviz.state.session import Session
from rnnviz.tracks.track import Offer, Track

NAMES = {"png": "PNG", "svg": "SVG", "pdf": "PDF", "csv": "Numbers as CSV"}


class Sources(NamedTuple):
    """What there is to take, and where it is said that it was taken."""

    score: Score
    column: PanelColumn
    notice: Notice


class Export(QObject):
    """Writes where the user says; what goes wrong is said in the window."""

    def __init__(self, session: Session, sources: Sources, asker: Asker, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._asker, self._window = session, asker, window
        self._score, self._column, self._notice = sources
        session.written.connect(self.tell)

    def connect_right_clicks(self, laboratory: Laboratory) -> None:
        """Add to what the score offers, and offer it on panels."""
        self._score.menu_wished.connect(partial(self._on_track, laboratory))
        for panel in self._column.panels.values():
            panel.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            panel.customContextMenuRequested.connect(partial(self._on_panel, panel))

    def fill(self, menu: QMenu, view: View) -> None:
        """Add everything that can be had of ``view``."""
        _add(menu, "Copy picture", partial(self.copy, view))
        for form, words in NAMES.items():
            if form == "csv":
                menu.addSeparator()
            action = _add(menu, f"{words} …", partial(self.ask_and_write, view, form))
            action.setEnabled(form != "csv" or bool(view.numbers()))

    def fill_with_views(self, menu: QMenu) -> None:
        """A menu of its own for every view that is shown."""
        for old in menu.findChildren(QMenu):
            old.deleteLater()
        menu.clear()
        for view in shown_views(self._score, self._column):
            self.fill(menu.addMenu(view.title), view)

    def copy(self, view: View) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(image_of(view.painting()))
        self._notice.show_remark(f"“{view.title}” is on the clipboard.")

    def copy_window(self) -> None:
        """Put a picture of the whole window on the clipboard."""
        QGuiApplication.clipboard().setImage(image_of(window_painting(self._window, self._score)))
        self._notice.show_remark("A picture of the window is on the clipboard.")

    def ask_and_write(self, view: View, form: str) -> None:
        """Write ``view`` as one of FORMATS; the numbers are those of the moment at which it was asked for."""
        data = view.written(form)
        self._write(f"{self._stem}-{view.name}.{form}", form, lambda path: _write_bytes(path, data))

    def ask_for_window(self, form: str) -> None:
        """Write a picture of the whole window."""
        data = PICTURES[form](window_painting(self._window, self._score))
        self._write(f"{self._stem}.{form}", form, lambda path: _write_bytes(path, data))

    def ask_for_trace(self) -> None:
        """Write the trace that is shown."""
        trace = self._session.trace
        if trace is None:
            self._notice.show_remark("There is no trace to write yet.")
        else:
            self._write(f"{self._stem}-trace.npz", "npz", lambda path: write_trace(path, trace))

    def ask_for_program(self) -> None:
        """Have the run written as a PyTorch program."""
        path = self._asker.where("Write the program to", f"{self._stem}.py", "py")
        if path is not None and self._session.config is not None:
            self._session.keep(WriteProgram(path))

    def tell(self, written: Written) -> None:
        """Say that the worker has written a program."""
        if written.what == "program":
            self._notice.show_remark(f"Written: {written.path}, and {written.path.with_suffix('.npz').name} beside it")

    @property
    def _stem(self) -> str:
        config, trace = self._session.config, self._session.trace
        run = "rnnviz" if config is None else f"{config.task}-{config.cell}"
        return run if trace is None or trace.update is None else f"{run}-{trace.update}"

    def _write(self, name: str, form: str, write: Callable[[Path], None]) -> None:
        path = self._asker.where("Write to", name, form)
        if path is None:
            return
        try:
            write(path)
        except OSError as error:
            self._notice.show_remark(f"{path}: cannot be written: {error.strerror or error}")
        else:
            self._notice.show_remark(f"Written: {path}")

    def _on_track(self, laboratory: Laboratory, offers: tuple[Offer, ...], track: Track, at: QPoint) -> None:
        menu = laboratory.offer_menu(offers)
        if offers:
            menu.addSeparator()
        view = view_of_track(self._score, track)
        self.fill(menu.addMenu(f"Take away: {view.title}") if offers else menu, view)
        menu.popup(at)
        menu.setActiveAction(menu.actions()[0])  # Enter takes the first

    def _on_panel(self, panel: Panel, at: QPoint) -> None:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu, view_of_panel(panel))
        menu.popup(panel.mapToGlobal(at))


def _add(menu: QMenu, words: str, do: Callable[[], object]) -> QAction:
    action = menu.addAction(words)
    action.triggered.connect(lambda _=False: do())
    return action


def _write_bytes(path: Path, data: bytes) -> None:
    write_whole(path, lambda file: file.write(data))
