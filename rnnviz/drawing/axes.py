"""A small plot of Qt's own items: a frame, two straight axes with ticks, curves, dots and marks."""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from rnnviz.domain.arrays import Array
from rnnviz.drawing.decades import Decades, power_of_ten
from rnnviz.drawing.items import bars_path, centre, curve_path, label_font, pen, polygons_path, right_align
from rnnviz.drawing.sheet import Sheet
from rnnviz.drawing.theme import Theme

INSIDE = 3.0  # pixels between the frame and the ends of the axes
MARK = 4.0  # pixels a square has
TICKS_HEIGHT = 15.0
Range = tuple[float, float]
Tick = tuple[float, str]


class Axes:
    """Numbers to pixels. Values of a log axis are given as log10."""

    def __init__(self, sheet: Sheet, theme: Theme, frame: QRectF, x: Range, y: Range) -> None:
        self._sheet, self._theme = sheet, theme
        self.frame, self._x, self._y = frame, x, y
        sheet.rect(theme.panel, border=theme.line).setRect(frame)

    def across(self, x: Array | float) -> Array:
        """Pixels from the left."""
        share = (np.asarray(x, float) - self._x[0]) / (self._x[1] - self._x[0])
        return np.asarray(self.frame.left() + INSIDE + share * (self.frame.width() - 2 * INSIDE))

    def down(self, y: Array | float) -> Array:
        """Pixels from the top; large values are high up."""
        share = (np.asarray(y, float) - self._y[0]) / (self._y[1] - self._y[0])
        return np.asarray(self.frame.bottom() - INSIDE - share * (self.frame.height() - 2 * INSIDE))

    def x_at(self, place: QPointF) -> float:
        """The number on the x axis at ``place``."""
        share = (place.x() - self.frame.left() - INSIDE) / (self.frame.width() - 2 * INSIDE)
        return self._x[0] + share * (self._x[1] - self._x[0])

    def tick_x(self, ticks: Iterable[Tick], *, lines: bool = False) -> None:
        """Labels under the frame, kept between its ends."""
        grid = QPainterPath()
        for value, label in ticks:
            x = float(self.across(value))
            item = self._sheet.text(self._theme.muted, label_font(8), label)
            half = item.boundingRect().width() / 2
            middle = min(max(x, self.frame.left() + half), self.frame.right() - half)
            centre(item, middle, self.frame.bottom() + TICKS_HEIGHT / 2)
            grid.moveTo(x, self.frame.top() if lines else self.frame.bottom())
            grid.lineTo(x, self.frame.bottom() + (0 if lines else 3))
        self._sheet.path(pen(self._theme.line)).setPath(grid)

    def tick_y(self, ticks: Iterable[Tick]) -> None:
        """Labels left of the frame and lines through it."""
        grid = QPainterPath()
        for value, label in ticks:
            y = float(self.down(value))
            right_align(self._sheet.text(self._theme.muted, label_font(8), label), self.frame.left() - 4, y)
            grid.moveTo(self.frame.left(), y)
            grid.lineTo(self.frame.right(), y)
        self._sheet.path(pen(self._theme.line)).setPath(grid)

    def curve(self, x: Array, y: Array, line: QPen) -> QGraphicsPathItem:
        """A line, interrupted where ``y`` is not finite or leaves the axis."""
        y = np.asarray(y, float)
        inside = (y >= self._y[0]) & (y <= self._y[1])
        item = self._sheet.path(line)
        item.setPath(curve_path(self.across(x), self.down(np.where(inside, y, np.nan))))
        return item

    def upright(self, x: float, line: QPen) -> None:
        """A line from bottom to top."""
        path = QPainterPath(QPointF(float(self.across(x)), self.frame.bottom()))
        path.lineTo(float(self.across(x)), self.frame.top())
        self._sheet.path(line).setPath(path)

    def marks(self, x: Array, log10_y: Array, colour: str, row: int = 0) -> None:
        """Squares for what has no place on a log axis: exact zeros at the bottom, the rest at the top."""
        log10_y = np.asarray(log10_y, float)
        self._squares(x[np.isneginf(log10_y)], self.frame.bottom() - (row + 1) * (MARK + 1), colour)
        self._squares(x[~(log10_y < np.inf)], self.frame.top() + 2, self._theme.nonfinite)

    def dots(self, x: Array, y: Array, radius: float, fill: QGraphicsPathItem) -> None:
        """Small discs, drawn into ``fill``; what is not finite is left out."""
        known = np.isfinite(x) & np.isfinite(y)
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        xs = self.across(x[known])[:, None] + radius * np.cos(angles)
        ys = self.down(y[known])[:, None] + radius * np.sin(angles)
        path = polygons_path(xs, ys)
        path.setFillRule(Qt.FillRule.WindingFill)  # two discs that overlap leave no hole
        fill.setPath(path)

    def _squares(self, x: Array, top: float, colour: str) -> None:
        left = self.across(x) - MARK / 2
        self._sheet.path(fill=colour).setPath(bars_path(left, np.array(top), MARK, np.full(len(x), MARK)))


def decade_ticks(low: int, high: int, height: float) -> list[Tick]:
    """Whole powers of ten that fit above each other in ``height`` pixels."""
    ticks = Decades(low, high).ticks(most=max(2, int(height // 18)))
    return [(float(exponent), power_of_ten(exponent)) for exponent in ticks]


def whole_ticks(last: int, width: float) -> list[Tick]:
    """0 … ``last`` in round steps, as many as fit beside each other in ``width`` pixels."""
    most = max(2, int(width // 34))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 10**9) if last // step + 1 <= most)
    return [(float(value), str(value)) for value in range(0, last + 1, step)]


def even_ticks(low: float, high: float, height: float) -> list[Tick]:
    """Round numbers from ``low`` to ``high``, as many as fit above each other in ``height`` pixels."""
    rough = (high - low) / max(int(height // 22), 2)
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * (1 - 1e-9))
    numbers = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return [(float(number), f"{number:.4g}".replace("-", "−")) for number in numbers + 0.0]


def decades_around(log10_values: Array, least: int = 2, most: int = 40) -> tuple[int, int]:
    """Whole decades that hold the finite ones of ``log10_values``; of too many the upper ones."""
    finite = log10_values[np.isfinite(log10_values)]
    if not finite.size:
        return -least, 0
    high = int(np.ceil(finite.max()))
    low = max(int(np.floor(finite.min())), high - most)
    return min(low, high - least), high
