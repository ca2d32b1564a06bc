"""A picture that is drawn anew as a whole: seldom, only while it can be seen, and as high as its width asks for."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGraphicsScene, QGraphicsSceneHelpEvent, QSizePolicy, QToolTip

from rnnviz.drawing.canvas import Canvas
from rnnviz.drawing.items import label_font
from rnnviz.drawing.sheet import Sheet
from rnnviz.drawing.theme import Theme

WAITING = "nothing yet: computed about\ntwice a second while shown"
USUAL_WIDTH = 270


class _QuietScene(QGraphicsScene):
    """Leaves tool tips to the figure, which tells values at once and not after a delay."""

    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        """Keep the value that is shown."""
        event.accept()


class Figure(Canvas):
    """``draw`` fills the ``sheet``; ``height`` is what a width asks for; ``words_at`` is what hovering tells.

    Qt asks for the height while it lays the column out, so that a scroll bar that comes and goes moves nothing.
    """

    pressed = Signal(QPointF)

    def __init__(
        self,
        theme: Theme,
        draw: Callable[[], None],
        height: Callable[[int], float],
        words_at: Callable[[QPointF], str] | None = None,
    ) -> None:
        self._draw, self._height, self._words_at = draw, height, words_at
        self._stale = True
        self.waiting = WAITING  # what is said while there is nothing
        super().__init__(theme, _QuietScene)
        self.theme = theme
        self.sheet = Sheet(self.root)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(words_at is not None)

    def hasHeightForWidth(self) -> bool:
        """Say so to the layout."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As the owner says."""
        return int(self._height(width))

    def sizeHint(self) -> QSize:
        """In a column of the usual width."""
        return QSize(USUAL_WIDTH, self.heightForWidth(USUAL_WIDTH))

    def minimumSizeHint(self) -> QSize:
        """Leave the width to the column."""
        return QSize(120, 40)

    def recolour(self, theme: Theme) -> None:
        """Take other colours and draw anew."""
        self.theme = theme
        self.setBackgroundBrush(QColor(theme.panel))
        self.redraw()

    def redraw(self) -> None:
        """Draw anew, now or when it is shown.

        A fault is told by ``sys.excepthook``: raised through Qt while that lays out the window, it ends the program.
        """
        self._stale = not self.isVisible()
        if self._stale:
            return
        try:
            self._fill(self._draw)
        except Exception as error:  # noqa: BLE001  # whatever it is; it is told
            sys.excepthook(type(error), error, error.__traceback__)
            self._fill(lambda: self.say("a fault in the window keeps this\nfrom being drawn"))

    def _fill(self, draw: Callable[[], None]) -> None:
        self.sheet.begin()
        draw()
        self.sheet.end()

    def say(self, sentence: str | None = None) -> None:
        """Write why there is nothing to see; lines are broken where ``sentence`` breaks them. `waiting` if left out."""
        self.sheet.text(self.theme.muted, label_font(8.5), self.waiting if sentence is None else sentence).setPos(8, 8)

    def words_at(self, place: QPointF) -> str:
        """What hovering at ``place`` tells; empty where there is nothing."""
        return "" if self._words_at is None else self._words_at(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw to the new size."""
        super().resizeEvent(event)
        self.redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self.redraw()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell the owner."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self.mapToScene(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the value under the pointer."""
        words = self.words_at(self.mapToScene(event.position().toPoint()))
        if words:
            QToolTip.showText(event.globalPosition().toPoint(), words, self)
        else:
            QToolTip.hideText()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered any more."""
        super().leaveEvent(event)
        QToolTip.hideText()
