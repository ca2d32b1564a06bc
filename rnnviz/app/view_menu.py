"""The menu of views: which rows of the score and which panels are shown."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.panel_column import ALL, PanelColumn
from rnnviz.app.score import Score
from rnnviz.tracks import TRACKS


class ViewMenu(QObject):
    """Fills ``menu``, and shows in ``score`` and ``column`` what is ticked and belongs to the chosen side."""

    rows_changed = Signal()  # of the score

    def __init__(self, menu: QMenu, score: Score, column: PanelColumn, layout: WindowLayout) -> None:
        super().__init__(menu)
        self._menu, self._score, self._column = menu, score, column
        self._hidden_tracks = set(layout.hidden_tracks)
        self._actions: dict[tuple[str, str], QAction] = {}  # “track” or “panel”, and its name
        column.side_chosen.connect(lambda _: self._show_tracks())
        self._fill(layout)

    @property
    def hidden_tracks(self) -> frozenset[str]:
        """Names of the rows that are not ticked."""
        return frozenset(self._hidden_tracks)

    def restore(self, layout: WindowLayout) -> None:
        """Tick what ``layout`` shows, and choose its side."""
        for (kind, name), action in self._actions.items():
            action.setChecked(name not in (layout.hidden_tracks if kind == "track" else layout.hidden_panels))
        self._column.choose_side(layout.side)

    def _fill(self, layout: WindowLayout) -> None:
        for track in TRACKS:
            shown = track.name not in self._hidden_tracks
            self._add("track", track.name, track.title, self._track_shower(track.name), shown=shown)
        self._menu.addSeparator()
        for name, panel in self._column.panels.items():
            shown = name not in layout.hidden_panels
            self._column.show_panel(name, shown=shown)
            self._add("panel", name, panel.title, self._panel_shower(name), shown=shown)
        self._column.choose_side(layout.side)
        self._show_tracks()

    def _add(self, kind: str, name: str, title: str, show: Callable[[bool], None], *, shown: bool) -> None:
        action = QAction(title, self, checkable=True, checked=shown)
        self._actions[kind, name] = action
        action.toggled.connect(show)
        self._menu.addAction(action)

    def _panel_shower(self, name: str) -> Callable[[bool], None]:
        return lambda shown: self._column.show_panel(name, shown=shown)

    def _track_shower(self, name: str) -> Callable[[bool], None]:
        def show(shown: bool) -> None:  # noqa: FBT001  # connected to a signal
            (self._hidden_tracks.discard if shown else self._hidden_tracks.add)(name)
            self._show_tracks()

        return show

    def _show_tracks(self) -> None:
        side = self._column.side
        self._score.set_visible_tracks(
            track.name for track in TRACKS if track.name not in self._hidden_tracks and side in {*track.sides, ALL}
        )
        self.rows_changed.emit()
