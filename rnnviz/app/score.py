"""The score: all tracks under each other on the same token columns, with one cursor through all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QMouseEvent, QPainterPath, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSceneHelpEvent,
    QGraphicsSimpleTextItem,
    QGraphicsView,
    QToolTip,
)

from rnnviz.analysis.difference import differences
from rnnviz.analysis.flow import log10_range
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.trace import Trace
from rnnviz.drawing.decades import Decades
from rnnviz.drawing.items import label_font, path_item, rect_item, set_text, text_item
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import Offer, Picture, Track

GUTTER = 92.0
MARGIN = 14.0
HEADING = 19.0
GAP = 7.0
SWEEP_MS = 900  # how long a pass takes to run through the sequence when it is shown as a sub-step


@dataclass
class _Row:
    """A track with its heading."""

    track: Track
    title: QGraphicsSimpleTextItem
    subtitle: QGraphicsSimpleTextItem
    help: QGraphicsSimpleTextItem
    cursor: QGraphicsRectItem  # the chosen column, as far as this track goes
    veil: QGraphicsPathItem  # over the columns that a pass has not reached yet
    height: float = 0.0  # of the track, without the heading
    subtitled: tuple[str, float] = ("", 0.0)  # the subtitle before it was cut, and the room it had

    @property
    def items(self) -> tuple[QGraphicsItem, ...]:
        """All that is in the scene of it."""
        return self.track.root, self.title, self.subtitle, self.help, self.cursor, self.veil


class _Scene(QGraphicsScene):
    """Leaves tool tips to the score, which tells values at once and not after a delay.

    Only this event is answered in Python: a view that overrides ``viewportEvent`` would hold the interpreter's lock
    while it is painted, and the training would run at half its speed.
    """

    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        """Keep the value that is shown."""
        event.accept()


class Score(QGraphicsView):
    """Emits wishes; what is chosen is decided elsewhere and comes back through ``show_cursor``."""

    token_chosen = Signal(int)
    unit_chosen = Signal(int)
    layer_chosen = Signal(int)
    offers_wished = Signal(object, object)  # tuple[Offer, ...] and where on the screen they are wanted
    menu_wished = Signal(object, object, object)  # the same, with the Track that is pointed at in between

    def __init__(self, tracks: Iterable[type[Track]], theme: Theme) -> None:
        super().__init__()
        self._kinds = {kind.name: kind for kind in tracks}
        self._wanted = list(self._kinds)
        self._rows: list[_Row] = []
        self._shapes: list[object] = []
        self._picture: Picture | None = None
        self._hovered: tuple[QPointF, QPoint] | None = None  # in the scene and on the screen
        self._remark = "Nothing to show yet: the network is being built …"
        self._axis = TokenAxis(GUTTER, 1, 1)
        self._decades = Decades()
        self._studies = Studies()
        self._with_changes = True
        self._phase: Phase | None = None
        self._sweep = QVariantAnimation(self)
        self._sweep.setDuration(SWEEP_MS)
        self._sweep.setStartValue(0.0)
        self._sweep.setEndValue(1.0)
        self._sweep.valueChanged.connect(self._on_sweep)
        self._sweep.stateChanged.connect(lambda *_: self._on_sweep(1.0))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Score: the sequence through time, one column a token")
        self.setScene(_Scene(self))
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Take what the window gives."""
        return QSize(640, 560)

    def minimumSizeHint(self) -> QSize:
        """Small enough for the smallest window."""
        return QSize(320, 240)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._theme

    def set_theme(self, theme: Theme) -> None:
        """Rebuild everything in other colours."""
        self._theme = theme
        self._rebuild()

    def set_visible_tracks(self, names: Iterable[str]) -> None:
        """Show only these; the others do not exist and cost nothing."""
        chosen = set(names)
        self._wanted = [name for name in self._kinds if name in chosen]
        self._rebuild()

    def show_trace(self, trace: Trace, cursor: Cursor, *, words: bool = True) -> None:
        """Show a new trace; without ``words`` the lines beside the titles stay as they are."""
        self._decades.follow(log10_range(trace.layers))
        changes = differences(trace) if self._with_changes else ()
        self._picture = Picture(trace, cursor, self._decades, self._studies, changes)
        self._show(words=words)
        if self._hovered is not None and QToolTip.isVisible():
            place, at = self._hovered
            self._tell(place, self._row_at(place), at)

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor through the trace that is shown."""
        if self._picture is not None:
            changes = self._picture.changes
            self._picture = Picture(self._picture.trace, cursor, self._decades, self._studies, changes)
            self._show()

    def show_changes(self, *, on: bool) -> None:
        """Show what interventions changed, or the values with them."""
        self._with_changes = on
        if self._picture is not None:
            self.show_trace(self._picture.trace, self._picture.cursor)

    def offer_at_cursor(self) -> None:
        """Offer everything that can be changed at the chosen token and unit."""
        picture = self._picture
        if picture is None:
            return
        cursor = picture.cursor
        place = QPointF(self._axis.middle(cursor.token), self._rows[0].track.root.y())
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
        inside = place.y() - row.track.root.y()
        pointed = row.track.unit_at(inside)
        unit = picture.cursor.unit if pointed is None else pointed
        self._choose(place, row)
        own = row.track.offers(picture, token, unit, inside)
        offers = own or self._all_offers(picture, token, unit)
        self.menu_wished.emit(offers, row.track, event.globalPos())

    @property
    def shown_tracks(self) -> tuple[Track, ...]:
        """The rows that there are, from above."""
        return tuple(row.track for row in self._rows)

    @property
    def picture(self) -> Picture | None:
        """What the rows show."""
        return self._picture

    def part_of(self, track: Track) -> tuple[QRectF, list[QGraphicsItem]]:
        """Where a row lies in the scene, its heading included, and the items of all other rows."""
        row = next(row for row in self._rows if row.track is track)
        top, width = row.title.y() - GAP / 2, self.viewport().width()
        others = [item for other in self._rows if other is not row for item in other.items]
        return QRectF(0, top, width, HEADING + row.height + GAP), others

    def show_studies(self, studies: Studies) -> None:
        """Show what tracks asked for beside the trace."""
        self._studies = studies
        if self._picture is not None:
            self.show_cursor(self._picture.cursor)

    @property
    def wants(self) -> frozenset[StudyName]:
        """What the tracks that are shown ask for."""
        return frozenset().union(*(self._kinds[name].wants for name in self._wanted))

    def show_phase(self, phase: Phase | None) -> None:
        """Light one sub-step of the update: forward runs from left to right, backward from right to left."""
        self._phase = phase
        for row in self._rows:
            row.track.show_phase(phase)
        self._sweep.stop()
        if phase in {"forward", "backward"}:
            self._sweep.start()
            self._on_sweep(0.0)  # the first time Qt does not tell the value that it begins with

    def clear(self, sentence: str) -> None:
        """Show nothing, and say why."""
        self._picture = None
        for row in self._rows:
            for item in (row.track.root, row.title, row.subtitle, row.help, row.cursor, row.veil):
                self.scene().removeItem(item)
        self._rows, self._shapes = [], []
        self.show_remark(sentence)

    def show_remark(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self._remark = sentence
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the tracks into the new size."""
        super().resizeEvent(event)
        self._place()

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
        return row.track.value_at(self._picture, token, place.y() - row.track.root.y())

    def _choose(self, place: QPointF, row: _Row | None) -> None:
        token = self._axis.token_at(place.x())
        if token is None or row is None:
            return
        inside = place.y() - row.track.root.y()
        if not 0 <= inside < row.height:
            return
        self.token_chosen.emit(token)
        unit, layer = row.track.unit_at(inside), row.track.layer_at(inside)
        if unit is not None:
            self.unit_chosen.emit(unit)
        if layer is not None:
            self.layer_chosen.emit(layer)

    def _tell(self, place: QPointF, row: _Row | None, at: QPoint) -> None:
        on_help = row is not None and row.help.sceneBoundingRect().adjusted(-4, -3, 4, 3).contains(place)
        words = row.help.toolTip() if row is not None and on_help else self.value_at(place)
        if words:
            QToolTip.showText(at, words, self)
        else:
            QToolTip.hideText()

    def _row_at(self, place: QPointF) -> _Row | None:
        below = [row for row in self._rows if row.title.y() <= place.y()]
        return below[-1] if below else None

    def _rebuild(self) -> None:
        self.scene().clear()
        self.setBackgroundBrush(QColor(self._theme.window))
        self._rows, self._shapes = [], []
        backdrop = rect_item(None, self._theme.window)  # scene.clear() has taken the old ones
        self.scene().addItem(backdrop)
        self._empty = text_item(backdrop, self._theme.muted, label_font(10))
        self._empty.setPos(GUTTER, 40)
        self._backdrop = backdrop
        self._padding = path_item(backdrop, fill=self._theme.window)
        self._padding.setOpacity(0.72)
        self._padding.setZValue(1)
        self._show()

    def _show(self, *, words: bool = True) -> None:
        picture = self._picture
        nothing = picture is not None and not self._applicable(picture)
        self._empty.setVisible(picture is None or nothing)
        set_text(
            self._empty, "This cell has none of the chosen rows; the eye offers others." if nothing else self._remark
        )
        if picture is None:
            return
        if [row.track.name for row in self._rows] != self._applicable(picture):
            self._build_rows(picture)
        shapes = [row.track.shape_of(picture) for row in self._rows]
        if shapes != self._shapes:
            self._shapes = shapes
            self._place()
            return
        for row in self._rows:
            row.track.show(picture)
            if words:
                self._set_subtitle(row, picture)
        self._place_padding()
        self._place_cursor(picture.cursor)

    def _applicable(self, picture: Picture) -> list[str]:
        return [name for name in self._wanted if self._kinds[name].applies_to(picture.layer)]

    def _build_rows(self, picture: Picture) -> None:
        for row in self._rows:
            for item in row.items:
                self.scene().removeItem(item)
        self._rows = [self._build_row(self._kinds[name](self._theme)) for name in self._applicable(picture)]
        for row in self._rows:
            row.track.show_phase(self._phase)
        self._shapes = []

    def _build_row(self, track: Track) -> _Row:
        track.root.setParentItem(self._backdrop)
        row = _Row(
            track,
            text_item(self._backdrop, self._theme.text, label_font(9, bold=True), track.title),
            text_item(self._backdrop, self._theme.muted, label_font(8.5)),
            text_item(self._backdrop, self._theme.muted, label_font(9, bold=True), "?"),
            rect_item(self._backdrop, self._theme.amber, border=self._theme.amber),
            path_item(self._backdrop, fill=self._theme.window),
        )
        row.veil.setOpacity(0.85)
        row.veil.hide()
        row.cursor.setBrush(Qt.BrushStyle.NoBrush)  # a tint would change the colours that are to be read
        row.help.setToolTip(f"<p>{track.how_to_read}</p>")
        return row

    def _place(self) -> None:
        picture = self._picture
        if picture is None or not self._rows:
            return
        width, height = self.viewport().width(), self.viewport().height()
        self._axis = TokenAxis(GUTTER, max(width - GUTTER - MARGIN, 40), picture.trace.tokens)
        needs = [row.track.needs(picture) for row in self._rows]
        least = sum(needed + HEADING + GAP for needed in needs) + GAP
        spare = max(height - least, 0) / sum(row.track.weight for row in self._rows)
        top = GAP
        for row, needed in zip(self._rows, needs, strict=True):
            # Whole pixels: sharper, and several times faster to paint.
            body = float(int(needed + spare * row.track.weight))
            row.title.setPos(MARGIN, top)
            row.subtitle.setPos(row.title.sceneBoundingRect().right() + 24, top + 1)
            row.help.setPos(row.title.sceneBoundingRect().right() + 7, top)
            row.track.root.setPos(0, top + HEADING)
            row.height = body
            row.track.place(self._axis, body)
            row.track.show(picture)
            self._set_subtitle(row, picture)
            top += HEADING + body + GAP
        bar = self.verticalScrollBar()
        fitted = bar.maximum() == bar.minimum()
        self.setSceneRect(QRectF(0, 0, width, max(top, height) - 0.5))
        if fitted:  # a scene that grows would be shown around its middle
            bar.setValue(bar.minimum())
        self._backdrop.setRect(QRectF(0, 0, width, max(top, height)))
        self._place_padding()
        self._place_cursor(picture.cursor)

    def _set_subtitle(self, row: _Row, picture: Picture) -> None:
        room = self._axis.right - row.subtitle.x()
        words = row.track.subtitle(picture)
        if (words, room) == row.subtitled:
            return
        row.subtitled = words, room
        fitting = QFontMetricsF(row.subtitle.font()).elidedText(words, Qt.TextElideMode.ElideRight, room)
        set_text(row.subtitle, fitting)

    def _on_sweep(self, share: float) -> None:
        """Hide the columns that the pass has not reached yet."""
        axis = self._axis
        hidden = (1 - share) * axis.width
        for row in self._rows:
            path = QPainterPath()
            for top, height, direction in row.track.sweeps(self._picture, row.height) if self._picture else ():
                to_the_right = (self._phase == "forward") == (direction == "forward")
                left = axis.right - hidden if to_the_right else axis.left
                path.addRect(QRectF(left, row.track.root.y() + top, hidden, height))
            row.veil.setVisible(hidden > 0)
            row.veil.setPath(path)

    def _place_padding(self) -> None:
        """Veil the columns that only fill up the sequence."""
        padding = 0 if self._picture is None else self._picture.trace.padding
        path = QPainterPath()
        for row in self._rows if padding else ():
            left = self._axis.right - padding * self._axis.step
            path.addRect(QRectF(left, row.track.root.y(), self._axis.right - left, row.height))
        self._padding.setPath(path)

    def _place_cursor(self, cursor: Cursor) -> None:
        left = self._axis.left + cursor.token * self._axis.step
        for row in self._rows:
            row.cursor.setRect(QRectF(left, row.track.root.y(), self._axis.step, row.height))
