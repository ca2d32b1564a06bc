"""What the colours of a map of magnitudes stand for."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QLinearGradient
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.drawing.items import label_font, rect_item, right_align, text_item
from rnnviz.drawing.theme import Theme

GAP, SWATCH = 4.0, 8.0


def draw_magnitude_legend(root: QGraphicsItem, theme: Theme, place: QRectF, ends: tuple[str, str]) -> None:
    """From left to right: low end, colours, high end, exactly 0, not finite."""
    middle, right = place.center().y(), place.right()
    for name, colour in (("not finite", theme.nonfinite), ("exactly 0", theme.zero)):
        label = text_item(root, theme.muted, label_font(8), name)
        right_align(label, right, middle)
        right = label.x() - 3 - SWATCH
        rect_item(root, colour).setRect(right, middle - SWATCH / 2, SWATCH, SWATCH)
        right -= 2 * GAP
    high = text_item(root, theme.text, label_font(8), ends[1])
    right_align(high, right - GAP, middle)
    low = text_item(root, theme.text, label_font(8), ends[0])
    right_align(low, place.left() + low.boundingRect().width(), middle)
    start, stop = low.sceneBoundingRect().right() + GAP, high.sceneBoundingRect().left() - GAP
    bar = rect_item(root, theme.panel)
    bar.setRect(start, middle - SWATCH / 2, max(stop - start, 1), SWATCH)
    bar.setBrush(QBrush(_gradient(theme, start, stop)))


def _gradient(theme: Theme, start: float, stop: float) -> QLinearGradient:
    gradient = QLinearGradient(start, 0, stop, 0)
    for place, colour in enumerate(theme.sequential):
        gradient.setColorAt(place / (len(theme.sequential) - 1), QColor(colour))
    return gradient


def draw_copy_mark(root: QGraphicsItem, theme: Theme, gain: float, right: float, top: float) -> None:
    """Say in the picture that it is of a copy whose recurrent weights were multiplied; nothing where they were not."""
    if gain == 1:
        return
    words = text_item(root, theme.window, label_font(8, bold=True), copy_in_words(gain))
    box = words.boundingRect()
    ground = rect_item(root, theme.text)
    ground.setRect(right - box.width() - 8, top, box.width() + 8, box.height() + 2)
    words.setZValue(2)
    ground.setZValue(1)
    words.setPos(right - box.width() - 4, top + 1)


def copy_in_words(gain: float) -> str:
    """“copy × 1.40”."""
    return f"copy × {gain:.2f}"
