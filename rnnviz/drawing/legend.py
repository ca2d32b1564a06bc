"""What the colours of a map of magnitudes stand for."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QLinearGradient

from rnnviz.drawing.items import label_font, right_align
from rnnviz.drawing.sheet import Sheet
from rnnviz.drawing.theme import Theme

GAP, SWATCH = 4.0, 8.0


def draw_magnitude_legend(sheet: Sheet, theme: Theme, place: QRectF, ends: tuple[str, str]) -> None:
    """From left to right: low end, colours, high end, exactly 0, not finite."""
    middle, right = place.center().y(), place.right()
    for name, colour in (("not finite", theme.nonfinite), ("exactly 0", theme.zero)):
        label = sheet.text(theme.muted, label_font(8), name)
        right_align(label, right, middle)
        right = label.x() - 3 - SWATCH
        sheet.rect(colour).setRect(right, middle - SWATCH / 2, SWATCH, SWATCH)
        right -= 2 * GAP
    high = sheet.text(theme.text, label_font(8), ends[1])
    right_align(high, right - GAP, middle)
    low = sheet.text(theme.text, label_font(8), ends[0])
    right_align(low, place.left() + low.boundingRect().width(), middle)
    start, stop = low.sceneBoundingRect().right() + GAP, high.sceneBoundingRect().left() - GAP
    bar = sheet.rect(theme.panel)
    bar.setRect(start, middle - SWATCH / 2, max(stop - start, 1), SWATCH)
    bar.setBrush(QBrush(_gradient(theme, start, stop)))


def _gradient(theme: Theme, start: float, stop: float) -> QLinearGradient:
    gradient = QLinearGradient(start, 0, stop, 0)
    for place, colour in enumerate(theme.sequential):
        gradient.setColorAt(place / (len(theme.sequential) - 1), QColor(colour))
    return gradient


def draw_copy_mark(sheet: Sheet, theme: Theme, gain: float, right: float, top: float) -> None:
    """Say in the picture that it is of a copy whose recurrent weights were multiplied; nothing where they were not."""
    if gain == 1:
        return
    ground = sheet.rect(theme.text)
    words = sheet.text(theme.window, label_font(8, bold=True), copy_in_words(gain))
    box = words.boundingRect()
    ground.setRect(right - box.width() - 8, top, box.width() + 8, box.height() + 2)
    words.setPos(right - box.width() - 4, top + 1)


def copy_in_words(gain: float) -> str:
    """“copy × 1.40”."""
    return f"copy × {gain:.2f}"
