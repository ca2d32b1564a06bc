"""A small picture of Qt's own items, one unit a pixel."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsRectItem, QGraphicsScene, QGraphicsView

from rnnviz.drawing.theme import Theme


class Canvas(QGraphicsView):
    """Items hang under ``root``; ``set_theme`` throws them away, the owner builds them anew."""

    def __init__(self, theme: Theme, scene: type[QGraphicsScene] = QGraphicsScene) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setScene(scene(self))
        self.root = QGraphicsRectItem()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Clear the picture and take other colours."""
        self.clear()
        self.setBackgroundBrush(QColor(theme.panel))

    def clear(self) -> None:
        """Throw all items away."""
        self.scene().clear()
        self.root = QGraphicsRectItem()
        self.scene().addItem(self.root)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep one unit a pixel."""
        super().resizeEvent(event)
        self.setSceneRect(QRectF(0, 0, self.viewport().width(), self.viewport().height()))
