"""One row of the score: a track under its heading, with the cursor and the veil over it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.phase import Phase
from rnnviz.drawing.items import label_font, path_item, rect_item, set_text, text_item
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import Picture, Track

MARGIN = 14.0  # pixels, as all that follows
HEADING = 19.0
GAP = 7.0  # between two rows


class ScoreRow:
    """Its items are children of ``backdrop``. Places are those of the scene."""

    def __init__(self, track: Track, backdrop: QGraphicsItem, theme: Theme) -> None:
        self.track = track
        track.root.setParentItem(backdrop)
        self.title = text_item(backdrop, theme.text, label_font(9, bold=True), track.title)
        self.subtitle = text_item(backdrop, theme.muted, label_font(8.5))
        self.help = text_item(backdrop, theme.muted, label_font(9, bold=True), "?")
        self.cursor = rect_item(
            backdrop, theme.amber, border=theme.amber
        )  # the chosen column, as far as the track goes
        self.veil = path_item(backdrop, fill=theme.window)  # over the columns that a pass has not reached yet
        self.height = 0.0  # of the track, without the heading
        self._subtitled = "", 0.0  # the subtitle before it was cut, and the room it had
        self.veil.setOpacity(0.85)
        self.veil.hide()
        self.cursor.setBrush(Qt.BrushStyle.NoBrush)  # a tint would change the colours that are to be read
        self.help.setToolTip(f"<p>{track.how_to_read}</p>")

    @property
    def items(self) -> tuple[QGraphicsItem, ...]:
        """All that is in the scene of it."""
        return self.track.root, self.title, self.subtitle, self.help, self.cursor, self.veil

    @property
    def top(self) -> float:
        """Where the track begins, under the heading."""
        return self.track.root.y()

    def rect(self, width: float) -> QRectF:
        """Where it lies in a score of ``width`` pixels, its heading included."""
        return QRectF(0, self.title.y() - GAP / 2, width, HEADING + self.height + GAP)

    def place(self, axis: TokenAxis, top: float, height: float) -> None:
        """Put the heading at ``top`` and the track, ``height`` pixels, below it."""
        self.title.setPos(MARGIN, top)
        right = self.title.sceneBoundingRect().right()
        self.subtitle.setPos(right + 24, top + 1)
        self.help.setPos(right + 7, top)
        self.track.root.setPos(0, top + HEADING)
        self.height = height
        self.track.place(axis, height)

    def set_subtitle(self, picture: Picture, right: float) -> None:
        """Say what the track says of ``picture``, cut where it would pass ``right``."""
        words, room = self.track.subtitle(picture), right - self.subtitle.x()
        if (words, room) == self._subtitled:
            return
        self._subtitled = words, room
        set_text(
            self.subtitle, QFontMetricsF(self.subtitle.font()).elidedText(words, Qt.TextElideMode.ElideRight, room)
        )

    def place_cursor(self, axis: TokenAxis, token: int) -> None:
        """Frame the column of ``token``."""
        self.cursor.setRect(QRectF(axis.left + token * axis.step, self.top, axis.step, self.height))

    def hide_ahead(self, axis: TokenAxis, picture: Picture | None, phase: Phase | None, share: float) -> None:
        """Veil the columns that a pass has not reached which is through ``share`` of the sequence, 0 to 1."""
        hidden = (1 - share) * axis.width
        path = QPainterPath()
        for top, height, direction in self.track.sweeps(picture, self.height) if picture else ():
            to_the_right = (phase == "forward") == (direction == "forward")
            left = axis.right - hidden if to_the_right else axis.left
            path.addRect(QRectF(left, self.top + top, hidden, height))
        self.veil.setVisible(hidden > 0)
        self.veil.setPath(path)

    def on_help(self, place: QPointF) -> bool:
        """Whether ``place`` is on the question mark, or nearly."""
        return self.help.sceneBoundingRect().adjusted(-4, -3, 4, 3).contains(place)
