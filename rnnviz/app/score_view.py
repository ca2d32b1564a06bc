"""How the score is drawn: all tracks under each other on the same token columns, with one cursor through all."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainterPath, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsSceneHelpEvent,
    QGraphicsView,
)

from rnnviz.analysis.difference import differences
from rnnviz.analysis.flow import log10_range
from rnnviz.app.score_row import GAP, HEADING, MARGIN, ScoreRow
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.trace import Trace
from rnnviz.drawing.decades import Decades
from rnnviz.drawing.items import label_font, path_item, rect_item, set_text, text_item
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import Picture, Track

GUTTER = 92.0
SWEEP_MS = 900  # how long a pass takes to run through the sequence when it is shown as a sub-step


class _Scene(QGraphicsScene):
    """Leaves tool tips to the score, which tells values at once and not after a delay.

    Only this event is answered in Python: a view that overrides ``viewportEvent`` would hold the interpreter's lock
    while it is painted, and the training would run at half its speed.
    """

    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        """Keep the value that is shown."""
        event.accept()


class ScoreView(QGraphicsView):
    """Builds the rows that apply to the layer that is shown, and fits them into its height."""

    def __init__(self, tracks: Iterable[type[Track]], theme: Theme) -> None:
        super().__init__()
        self._kinds = {kind.name: kind for kind in tracks}
        self._wanted = list(self._kinds)
        self._rows: list[ScoreRow] = []
        self._shapes: list[object] = []
        self._picture: Picture | None = None
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

    def start_run(self) -> None:
        """Another run begins: its gradients have a range of their own."""
        self._decades = Decades()

    def show_trace(self, trace: Trace, cursor: Cursor, *, words: bool = True) -> None:
        """Show a new trace; without ``words`` the lines beside the titles stay as they are."""
        self._decades.follow(log10_range(trace.layers))
        changes = differences(trace) if self._with_changes else ()
        self._picture = Picture(trace, cursor, self._decades, self._studies, changes)
        self._show(words=words)

    def show_words(self) -> None:
        """Bring the lines beside the titles up to date."""
        if self._picture is not None:
            for row in self._rows:
                row.set_subtitle(self._picture, self._axis.right)

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
        others = [item for other in self._rows if other is not row for item in other.items]
        return row.rect(self.viewport().width()), others

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
            for item in row.items:
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
                row.set_subtitle(picture, self._axis.right)
        self._place_padding()
        self._place_cursor(picture.cursor)

    def _applicable(self, picture: Picture) -> list[str]:
        return [name for name in self._wanted if self._kinds[name].applies_to(picture.layer)]

    def _build_rows(self, picture: Picture) -> None:
        for row in self._rows:
            for item in row.items:
                self.scene().removeItem(item)
        self._rows = [
            ScoreRow(self._kinds[name](self._theme), self._backdrop, self._theme) for name in self._applicable(picture)
        ]
        for row in self._rows:
            row.track.show_phase(self._phase)
        self._shapes = []

    def _place(self) -> None:
        picture = self._picture
        width, height = self.viewport().width(), self.viewport().height()
        if picture is None or not self._rows:
            self.setSceneRect(QRectF(0, 0, width, height - 0.5))
            return
        self._axis = TokenAxis(GUTTER, max(width - GUTTER - MARGIN, 40), picture.trace.tokens)
        needs = [row.track.needs(picture) for row in self._rows]
        least = sum(needed + HEADING + GAP for needed in needs) + GAP
        spare = max(height - least, 0) / sum(row.track.weight for row in self._rows)
        top = GAP
        for row, needed in zip(self._rows, needs, strict=True):
            # Whole pixels: sharper, and several times faster to paint.
            body = float(int(needed + spare * row.track.weight))
            row.place(self._axis, top, body)
            row.track.show(picture)
            row.set_subtitle(picture, self._axis.right)
            top += HEADING + body + GAP
        bar = self.verticalScrollBar()
        fitted = bar.maximum() == bar.minimum()
        self.setSceneRect(QRectF(0, 0, width, max(top, height) - 0.5))
        if fitted:  # a scene that grows would be shown around its middle
            bar.setValue(bar.minimum())
        self._backdrop.setRect(QRectF(0, 0, width, max(top, height)))
        self._place_padding()
        self._place_cursor(picture.cursor)

    def _on_sweep(self, share: float) -> None:
        """Hide the columns that the pass has not reached yet."""
        for row in self._rows:
            row.hide_ahead(self._axis, self._picture, self._phase, share)

    def _place_padding(self) -> None:
        """Veil the columns that only fill up the sequence."""
        padding = 0 if self._picture is None else self._picture.trace.padding
        path = QPainterPath()
        for row in self._rows if padding else ():
            left = self._axis.right - padding * self._axis.step
            path.addRect(QRectF(left, row.top, self._axis.right - left, row.height))
        self._padding.setPath(path)

    def _place_cursor(self, cursor: Cursor) -> None:
        for row in self._rows:
            row.place_cursor(self._axis, cursor.token)
