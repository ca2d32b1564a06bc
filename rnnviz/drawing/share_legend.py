"""What the colours of probabilities stand for, and letters that can be read on them."""

from functools import cache

from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QLinearGradient

from rnnviz.drawing.colour_map import LEVELS, magnitude_table
from rnnviz.drawing.items import label_font, right_align
from rnnviz.drawing.sheet import Sheet
from rnnviz.drawing.theme import Theme

GAP, SWATCH = 4.0, 8.0
INKS = ("#000000", "#ffffff")  # one of the two has a contrast of 4.58 or more on every colour


def draw_share_legend(sheet: Sheet, theme: Theme, place: QRectF, name: str) -> None:
    """From left to right: the name, 0, colours, 1."""
    middle = place.center().y()
    words = sheet.text(theme.muted, label_font(8), f"{name} 0")
    right_align(words, place.left() + words.boundingRect().width(), middle)
    one = sheet.text(theme.muted, label_font(8), "1")
    right_align(one, place.right(), middle)
    start, stop = words.sceneBoundingRect().right() + GAP, one.sceneBoundingRect().left() - GAP
    bar = sheet.rect(theme.panel)
    bar.setRect(start, middle - SWATCH / 2, max(stop - start, 1), SWATCH)
    gradient = QLinearGradient(start, 0, stop, 0)
    for step, colour in enumerate(theme.sequential):
        gradient.setColorAt(step / (len(theme.sequential) - 1), QColor(colour))
    bar.setBrush(QBrush(gradient))


def on_share(theme: Theme, share: float) -> tuple[QColor, str]:
    """The colour of a probability, and that of letters on it: of the two extremes the one with more contrast."""
    return _levels(theme)[round(min(max(share, 0.0), 1.0) * (LEVELS - 1))]


@cache
def _levels(theme: Theme) -> tuple[tuple[QColor, str], ...]:
    grounds = [QColor.fromRgba(colour) for colour in magnitude_table(theme)[:LEVELS]]
    return tuple((ground, max(INKS, key=lambda ink: _contrast(QColor(ink), ground))) for ground in grounds)


def _contrast(one: QColor, other: QColor) -> float:
    """(L₁ + 0.05) / (L₂ + 0.05) of the WCAG, the lighter above."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
