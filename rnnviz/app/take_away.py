"""The menu “Take it away”, its keys, and what they lead to."""

from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.app.export import Export, Sources
from rnnviz.app.filming import Around, Filming
from rnnviz.app.keeping import Keeping, Looks
from rnnviz.app.keys import Key
from rnnviz.app.laboratory import Laboratory
from rnnviz.app.notice import Notice
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.app.toolbar import Toolbar
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session


class Parts(NamedTuple):
    """What it takes from and shows things in."""

    score: Score
    column: PanelColumn
    toolbar: Toolbar
    notice: Notice
    laboratory: Laboratory
    selection: Selection
    looks: Looks


class TakeAway(QObject):
    """Owns the session files and the exports of the window."""

    def __init__(self, session: Session, parts: Parts, window: QWidget) -> None:
        super().__init__(window)
        self._toolbar = parts.toolbar
        self.keeping = Keeping(session, parts.selection, parts.looks, parts.notice, window)
        sources = Sources(parts.score, parts.column, parts.notice)
        self.export = Export(session, sources, self.keeping.asker, window)
        self.export.connect_right_clicks(parts.laboratory)
        self.filming = Filming(session, Around(parts.notice, self.keeping.asker, parts.looks.show_latest), window)
        self._recent, self._views = QMenu("Recent sessions", window), QMenu("A view", window)
        self._fill(parts.toolbar.export_menu)

    @property
    def bars(self) -> tuple[QWidget, ...]:
        """For the window to arrange: what a crash left behind, a film that is being made."""
        return self.keeping.bar, self.filming.bar

    def keys(self) -> tuple[Key, ...]:
        """All this by keyboard."""
        keeping, export = self.keeping, self.export
        return (
            Key(("Ctrl+S",), "Ctrl+S", "save the session", keeping.save),
            Key(("Ctrl+Shift+S",), "Ctrl+Shift+S", "save the session under another name", keeping.save_as),
            Key(("Ctrl+Shift+O",), "Ctrl+Shift+O", "open a session", keeping.ask_for_session),
            Key(("Ctrl+E",), "Ctrl+E", "take away: pictures, numbers, film, program", self._toolbar.show_export_menu),
            Key(("Ctrl+Shift+C",), "Ctrl+Shift+C", "copy a picture of the window", export.copy_window),
        )

    def _fill(self, menu: QMenu) -> None:
        keeping, export = self.keeping, self.export
        self._add(menu, "Save session\tCtrl+S", keeping.save)
        self._add(menu, "Save session as …\tCtrl+Shift+S", keeping.save_as)
        self._add(menu, "Open session …\tCtrl+Shift+O", keeping.ask_for_session)
        menu.addMenu(self._recent)
        self._recent.aboutToShow.connect(self._list_recent)
        menu.addSeparator()
        menu.addMenu(self._views)
        self._views.aboutToShow.connect(lambda: export.fill_with_views(self._views))
        self._add(menu, "Copy the window\tCtrl+Shift+C", export.copy_window)
        self._add(menu, "The window as PNG …", partial(export.ask_for_window, "png"))
        self._add(menu, "The window as PDF …", partial(export.ask_for_window, "pdf"))
        self._add(menu, "The trace as .npz …", export.ask_for_trace)
        self._add(menu, "This run as a PyTorch program …", export.ask_for_program)
        self._add(menu, "A film of the training …", self.filming.ask)
        menu.aboutToShow.connect(lambda: self._recent.setEnabled(bool(keeping.recent)))

    def _list_recent(self) -> None:
        self._recent.clear()
        for path in self.keeping.recent:
            action = self._add(self._recent, path.name, partial(self.keeping.open, path))
            action.setToolTip(str(path))

    def _add(self, menu: QMenu, words: str, do: object) -> QAction:
        action = menu.addAction(words)
        action.triggered.connect(lambda _=False: do())  # type: ignore[operator]  # any callable
        return action
