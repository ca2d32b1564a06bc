"""The score, and what the pointer does on it: choose a token, tell a value, offer a change."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import (
    QToolTip,
)

from rnnviz.app.score_row import ScoreRow
from rnnviz.app.score_view import ScoreView
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.trace import Trace
from rnnviz.drawing.theme import Theme
from rnnviz.tracks.track import Offer, Picture, Track


class Score(ScoreView):
    """Emits wishes; what is chosen is decided elsewhere and comes back through ``show_cursor``."""

    token_chosen = Signal(int)
    unit_chosen = Signal(int)
    layer_chosen = Signal(int)
    offers_wished = Signal(object, object)  # tuple[Offer, ...] and where on the screen they are wanted
    menu_wished = Signal(object, object, object)  # the same, with the Track that is pointed at in between

    def __init__(self, tracks: Iterable[type[Track]], theme: Theme) -> None:
        super().__init__(tracks, theme)
        self._hovered: tuple[QPointF, QPoint] | None = None  # in the scene and on the screen
        self.setMouseTracking(True)

    def show_trace(self, trace: Trace, cursor: Cursor, *, words: bool = True) -> None:
        """Show a new trace, and its value under the pointer where one is told."""
        super().show_trace(trace, cursor, words=words)
        if self._hovered is not None and QToolTip.isVisible():
            place, at = self._hovered
            self._tell(place, self._row_at(place), at)

    def offer_at_cursor(self) -> None:
        """Offer everything that can be changed at the chosen token and unit."""
        picture = self._picture
        if picture is None:
            return
        cursor = picture.cursor
        place = QPointF(self._axis.middle(cursor.token), self._rows[0].top)
        at = self.viewport().mapToGlobal(self.mapFromScene(place))
        self.offers_wished.emit(self._all_offers(picture, cursor.token, cursor.unit), at)

    def _all_offers(self, picture: Picture, token: int, unit: int) -> tuple[Offer, ...]:
        return tuple(offer for row in self._rows for offer in row.track.offers(picture, token, unit, None))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be changed where the pointer is; where a row has nothing, what its column has."""
        place = self.mapToScene(event.pos())
        row, token, picture = self._row_at(place), self._axis.token_at(place.x()), self._picture
        if row is None or picture is None:
            return
        if token is None:
            self.menu_wished.emit((), row.track, event.globalPos())
            return
        inside = place.y() - row.top
        pointed = row.track.unit_at(inside)
        unit = picture.cursor.unit if pointed is None else pointed
        self._choose(place, row)
        own = row.track.offers(picture, token, unit, inside)
        offers = own or self._all_offers(picture, token, unit)
        self.menu_wished.emit(offers, row.track, event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what is under the pointer."""
        place = self.mapToScene(event.position().toPoint())
        row = self._row_at(place)
        self._choose(place, row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor, or tell the value under the pointer."""
        place = self.mapToScene(event.position().toPoint())
        row = self._row_at(place)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(place, row)
        else:
            self._hovered = place, event.globalPosition().toPoint()
            self._tell(place, row, self._hovered[1])

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered any more."""
        super().leaveEvent(event)
        self._hovered = None

    def value_at(self, place: QPointF) -> str:
        """What is under ``place`` in words; empty where there is nothing."""
        row, token = self._row_at(place), self._axis.token_at(place.x())
        if row is None or token is None or self._picture is None:
            return ""
        return row.track.value_at(self._picture, token, place.y() - row.top)

    def _choose(self, place: QPointF, row: ScoreRow | None) -> None:
        token = self._axis.token_at(place.x())
        if token is None or row is None:
            return
        inside = place.y() - row.top
        if not 0 <= inside < row.height:
            return
        self.token_chosen.emit(token)
        unit, layer = row.track.unit_at(inside), row.track.layer_at(inside)
        if unit is not None:
            self.unit_chosen.emit(unit)
        if layer is not None:
            self.layer_chosen.emit(layer)

    def _tell(self, place: QPointF, row: ScoreRow | None, at: QPoint) -> None:
        words = row.help.toolTip() if row is not None and row.on_help(place) else self.value_at(place)
        if words:
            QToolTip.showText(at, words, self)
        else:
            QToolTip.hideText()

    def _row_at(self, place: QPointF) -> ScoreRow | None:
        below = [row for row in self._rows if row.title.y() <= place.y()]
        return below[-1] if below else None
