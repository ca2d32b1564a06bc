"""Numbers in every column: one or two as bars around a zero line, more as a column of pixels or a small picture."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.arrays import Array
from rnnviz.drawing.colour_map import CLEAR, openness_table, quantise, signed_table
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import bars_path, path_item, still
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

MOST_BARS = 2
WIDEST = 60.0  # pixels of the bars of a token
Frame = tuple[int, int]  # rows and columns of a picture that a token's numbers are


class NumberBars:
    """Each channel on a scale of its own, up to its largest value; the zero line is shared."""

    def __init__(self, root: QGraphicsItem, theme: Theme, axis: TokenAxis, place: QRectF) -> None:
        self._axis, self._place = axis, place
        self._zero = still(path_item(root, fill=theme.line))
        self._above, self._below = path_item(root, fill=theme.positive), path_item(root, fill=theme.negative)
        self._shown: Array | None = None

    def show(self, values: Array) -> None:
        """Show numbers (T, D); what is not finite has no bar."""
        if self._shown is not None and np.array_equal(values, self._shown, equal_nan=True):
            return
        self._shown = values
        finite = np.where(np.isfinite(values), values, 0.0)
        largest = np.abs(finite).max(axis=0)
        shares = finite / np.where(largest > 0, largest, 1.0)
        zero = 0.5 if (finite < 0).any() else 1.0  # from the top
        tall = self._place.height() * zero
        width = min(self._axis.step * 0.7, WIDEST) / values.shape[1]
        channels = np.arange(values.shape[1])
        left = self._axis.middle(np.arange(len(values)))[:, None] + (channels - values.shape[1] / 2) * width
        middle = self._place.top() + tall
        gap = min(1.0, width / 4) if values.shape[1] > 1 else 0.0
        heights = np.abs(shares) * tall
        for item, chosen, tops in ((self._above, shares > 0, middle - heights), (self._below, shares < 0, middle)):
            there = np.broadcast_to(tops, shares.shape)[chosen]
            item.setPath(bars_path(left[chosen], there, width - gap, heights[chosen]))
        line = np.array([middle - 0.5])
        self._zero.setPath(bars_path(np.array([self._place.left()]), line, self._place.width(), np.ones(1)))

    def light(self, opacity: float) -> None:
        """Fade everything, or light it."""
        for item in (self._zero, self._above, self._below):
            item.setOpacity(opacity)

    def remove(self) -> None:
        """Take everything off the scene."""
        for item in (self._zero, self._above, self._below):
            item.scene().removeItem(item)


class NumberPixels:
    """A column of pixels a token, the first number at the bottom; or a picture a token, its first number at the top.

    Blue and orange where a number is negative, else from dark (0 or the smallest) to bright.
    """

    def __init__(self, root: QGraphicsItem, theme: Theme, place: QRectF, frame: Frame | None) -> None:
        self._theme, self._frame = theme, frame
        self._map = HeatMap(root)
        self._map.place(place)
        self._shown: Array | None = None

    def show(self, values: Array, low: float, high: float) -> None:
        """Show numbers (T, D) between ``low`` and ``high``; nothing where all of a token's are NaN."""
        if self._shown is not None and np.array_equal(values, self._shown, equal_nan=True):
            return
        self._shown = values
        self._map.set_table(signed_table(self._theme) if low < 0 else openness_table(self._theme))
        cells = quantise(values, low, high)
        cells[np.isnan(values).all(axis=1)] = CLEAR
        if self._frame is None:
            self._map.show_bytes(np.ascontiguousarray(cells.T[::-1]))
            return
        rows, columns = self._frame
        spaced = np.full((rows, len(cells), columns + 1), CLEAR, np.uint8)
        spaced[:, :, :columns] = cells.reshape(len(cells), rows, columns).transpose(1, 0, 2)
        self._map.show_bytes(spaced.reshape(rows, -1))

    def light(self, opacity: float) -> None:
        """Fade everything, or light it."""
        self._map.setOpacity(opacity)

    def remove(self) -> None:
        """Take everything off the scene."""
        self._map.scene().removeItem(self._map)


class NumberRow:
    """The numbers that are read, in a strip of ``height`` pixels from ``top``."""

    def __init__(
        self,
        root: QGraphicsItem,
        theme: Theme,
        axis: TokenAxis,
        strip: tuple[float, float],
        kind: tuple[int, Frame | None],
    ) -> None:
        place, (count, frame) = QRectF(axis.left, strip[0], axis.width, strip[1]), kind
        self._bars = NumberBars(root, theme, axis, place) if count <= MOST_BARS else None
        self._pixels = None if count <= MOST_BARS else NumberPixels(root, theme, place, frame)

    def show(self, values: Array) -> None:
        """Show numbers (T, D)."""
        if self._bars is not None:
            self._bars.show(values)
        if self._pixels is not None:
            self._pixels.show(values, *colour_range(values))

    def light(self, opacity: float) -> None:
        """Fade everything, or light it."""
        for part in (self._bars, self._pixels):
            if part is not None:
                part.light(opacity)

    def remove(self) -> None:
        """Take everything off the scene."""
        for part in (self._bars, self._pixels):
            if part is not None:
                part.remove()


def colour_range(values: Array) -> tuple[float, float]:
    """−m … m for numbers of both signs, else the smallest to the largest; never empty."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if low < 0:
        return -max(-low, high), max(-low, high)
    return (low, high) if high > low else (0.0, high or 1.0)


def row_height(count: int, available: float) -> float:
    """Pixels that ``count`` numbers a token deserve, at most a third of what is there."""
    wanted = 26.0 if count <= MOST_BARS else min(max(2.0 * count, 30.0), 72.0)
    return max(min(wanted, available * 0.3), 17.0)
