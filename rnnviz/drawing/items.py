"""Small makers of Qt's own items, and paths from arrays."""

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontDatabase, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsRectItem, QGraphicsSimpleTextItem

from rnnviz.domain.arrays import Array

DASH = 3.0  # pixels on either side of a point


def label_font(points: float = 8.5, *, bold: bool = False) -> QFont:
    """Return the window's own font."""
    font = QFont()
    font.setPointSizeF(points)
    font.setBold(bold)
    return font


def mono_font(pixels: int) -> QFont:
    """Return the system's fixed-width font, for tokens."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(max(pixels, 1))
    return font


def pen(colour: str | QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen whose width is in pixels, however the item is stretched."""
    made = QPen(QColor(colour), width, style)
    made.setCosmetic(True)
    return made


def faint(colour: str, alpha: int) -> QColor:
    """Return ``colour`` with an opacity of ``alpha`` (0 … 255)."""
    made = QColor(colour)
    made.setAlpha(alpha)
    return made


def blended(colour: str, ground: str, alpha: int) -> QColor:
    """Return what `faint` looks like on ``ground``.

    Qt fills what is tall and translucent with several threads, and each of them interrupts the training.
    """
    over, under, share = QColor(colour), QColor(ground), alpha / 255

    def mixed(above: int, below: int) -> int:
        return round(share * above + (1 - share) * below)

    pairs = (over.red(), under.red()), (over.green(), under.green()), (over.blue(), under.blue())
    return QColor(*(mixed(*pair) for pair in pairs))


def path_item(parent: QGraphicsItem, line: QPen | None = None, fill: str | None = None) -> QGraphicsPathItem:
    """Return an empty path, filled in with ``setPath``."""
    item = QGraphicsPathItem(parent)
    item.setPen(QPen(Qt.PenStyle.NoPen) if line is None else line)
    if fill is not None:
        item.setBrush(QBrush(QColor(fill)))
    return item


def still(item: QGraphicsPathItem) -> QGraphicsPathItem:
    """Have Qt keep a picture of an item that seldom changes, and return it."""
    item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
    return item


def text_item(
    parent: QGraphicsItem, colour: str, font: QFont, text: str = "", *, changes: bool = False
) -> QGraphicsSimpleTextItem:
    """Return a line of text. One that ``changes`` with every trace is painted anew each time."""
    item = QGraphicsSimpleTextItem(text, parent)
    if not changes:
        # Kept as a picture: Qt would lay every text out again each time it is painted.
        item.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
    item.setFont(font)
    item.setBrush(QColor(colour))
    return item


def rect_item(parent: QGraphicsItem | None, colour: str, *, border: str | None = None) -> QGraphicsRectItem:
    """Return a filled rectangle."""
    item = QGraphicsRectItem(parent)
    item.setBrush(QColor(colour))
    item.setPen(QPen(Qt.PenStyle.NoPen) if border is None else pen(border))
    return item


def set_text(item: QGraphicsSimpleTextItem, text: str) -> None:
    """Change the text only where it differs: every change costs a repaint."""
    if item.text() != text:
        item.setText(text)


def centre(item: QGraphicsSimpleTextItem, x: float, y: float) -> None:
    """Put the middle of ``item`` at (x, y)."""
    box = item.boundingRect()
    item.setPos(x - box.width() / 2, y - box.height() / 2)


def right_align(item: QGraphicsSimpleTextItem, x: float, y: float) -> None:
    """Put the right edge of ``item`` at x and its middle at y."""
    box = item.boundingRect()
    item.setPos(x - box.width(), y - box.height() / 2)


def curve_path(x: Array, y: Array) -> QPainterPath:
    """Join the points by lines; interrupted where ``y`` is not finite. A single point is a short dash."""
    if len(x) == 1:
        x, y = np.array([x[0] - DASH, x[0] + DASH]), np.repeat(y, 2)
    path: QPainterPath = pyqtgraph.arrayToQPath(np.asarray(x, float), np.asarray(y, float), connect="finite")
    return path


def polygons_path(x: Array, y: Array) -> QPainterPath:
    """Return closed polygons, one a row of ``x`` and ``y`` (polygons, corners).

    Built in one call: hundreds of calls to moveTo and lineTo would each hand the interpreter's lock to and fro.
    """
    if not len(x):
        return QPainterPath()
    xs, ys = (np.concatenate([part, part[:, :1]], axis=1) for part in (x, y))
    connect = np.ones(xs.shape, np.int32)
    connect[:, -1] = 0
    path: QPainterPath = pyqtgraph.arrayToQPath(xs.ravel(), ys.ravel(), connect=connect.ravel(), finiteCheck=False)
    return path


def bars_path(left: Array, top: Array, width: float, height: Array) -> QPainterPath:
    """Return rectangles of one width, (n,) each; those of no height are left out."""
    if not len(left):
        return QPainterPath()
    left, top, height = (part[height > 0] for part in np.broadcast_arrays(left, top, height))
    bottom = top + height
    return polygons_path(
        np.stack([left, left + width, left + width, left], axis=1), np.stack([top, top, bottom, bottom], axis=1)
    )


def rows_path(left: float, top: Array, width: Array, height: float) -> QPainterPath:
    """Return rectangles of one height that begin at ``left``, (n,) each."""
    path = QPainterPath()
    for y, length in zip(top.tolist(), width.tolist(), strict=True):
        path.addRect(left, y, length, height)
    return path


def visible_token(label: str | None) -> str:
    """Return a label that leaves ink: white space gets a sign of its own, none at all a “?”."""
    if label is None:
        return "?"
    return {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"}.get(label, label)
