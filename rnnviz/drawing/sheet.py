"""Items of Qt's that are taken again at every drawing, so that a picture drawn anew makes and deletes none."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsRectItem, QGraphicsSimpleTextItem

from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import pen, set_text

Item = TypeVar("Item", bound=QGraphicsItem)


class Sheet:
    """Between ``begin`` and ``end`` items are asked for; each lies above those before it, what is left over is hidden.

    Deleting hundreds of items at every study, by ``QGraphicsScene.clear`` or with their parent, crashed PySide 6.10.
    """

    def __init__(self, root: QGraphicsItem) -> None:
        self._root = root
        self._kept: dict[type[QGraphicsItem], list[QGraphicsItem]] = {}
        self._taken: dict[type[QGraphicsItem], int] = {}
        self._level = 0

    def begin(self) -> None:
        """Start a drawing."""
        self._taken = {}
        self._level = 0

    def end(self) -> None:
        """Hide what this drawing has not used."""
        for kind, items in self._kept.items():
            for item in items[self._taken.get(kind, 0) :]:
                item.setVisible(False)

    def text(self, colour: str, font: QFont, words: str) -> QGraphicsSimpleTextItem:
        """A line of text."""
        item = self._take(QGraphicsSimpleTextItem)
        item.setFont(font)
        item.setBrush(QColor(colour))
        item.setScale(1.0)
        set_text(item, words)
        return item

    def path(self, line: QPen | None = None, fill: str | QColor | None = None) -> QGraphicsPathItem:
        """A path, filled in with ``setPath``."""
        item = self._take(QGraphicsPathItem)
        item.setPen(QPen(Qt.PenStyle.NoPen) if line is None else line)
        item.setBrush(QBrush() if fill is None else QBrush(QColor(fill)))
        return item

    def rect(self, colour: str, *, border: str | None = None) -> QGraphicsRectItem:
        """A filled rectangle."""
        item = self._take(QGraphicsRectItem)
        item.setBrush(QColor(colour))
        item.setPen(QPen(Qt.PenStyle.NoPen) if border is None else pen(border))
        return item

    def heat_map(self) -> HeatMap:
        """A picture of one byte a cell."""
        return self._take(HeatMap)

    def _take(self, kind: type[Item]) -> Item:
        items, taken = self._kept.setdefault(kind, []), self._taken.get(kind, 0)
        if taken == len(items):
            item = kind()
            item.setParentItem(self._root)
            items.append(item)
        found = items[taken]
        assert isinstance(found, kind)  # noqa: S101  # a list of one kind
        self._taken[kind] = taken + 1
        self._level += 1
        found.setZValue(self._level)
        found.setVisible(True)
        return found
