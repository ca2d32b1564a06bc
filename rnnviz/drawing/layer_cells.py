"""The cells of one layer, unfolded through time: a few live units in each, the lanes of state and gradient between."""

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import LayerTrace
from rnnviz.drawing.colour_map import CLEAR, magnitude_colour, magnitude_table, quantise, quantise_log, signed_table
from rnnviz.drawing.decades import Decades
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import path_item, pen, polygons_path, rect_item, still
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

CLASSES = 8  # heights and colours of backward arrows
NARROWEST_CELL = 6.0  # pixels a column must have for cells with arrows between them
FLOW = 8.0  # pixels of the strip that stands for the wedges where columns are narrower


class Place(NamedTuple):
    """Which layer stands where."""

    layer: int
    top: float
    height: float
    turned: bool  # it reads from right to left


class LayerCells:
    """The cells of one layer with the lanes between them."""

    def __init__(self, root: QGraphicsItem, theme: Theme, axis: TokenAxis, place: Place) -> None:
        self.index, self.top, self.height, self.turned = place
        top, height = self.top, self.height
        self._axis, self._theme = axis, theme
        self._root = rect_item(root, "transparent")
        self._half = axis.step * 0.25  # half the width of a cell, as wide as its live pixels
        self.forward_y, self.backward_y = top + height * 0.22, top + height * 0.78
        self._forward = still(path_item(self._root, pen(theme.positive)))
        self._backward = [self._arrow_class(level) for level in range(CLASSES)]
        self._levels: Array | None = None  # class of every token's wedge, −1 for 0, −2 for not finite
        self._nonfinite = path_item(self._root, fill=theme.nonfinite)
        self._frames = still(path_item(self._root, pen(theme.line), fill=theme.raised))
        self._pixels, self._flow = HeatMap(self._root), HeatMap(self._root)
        self._pixels.set_table(signed_table(theme))
        self._flow.set_table(magnitude_table(theme))
        self._dense = axis.step < NARROWEST_CELL
        self._flow.setVisible(self._dense)
        if not self._dense:
            self._forward.setPath(self._forward_path())
            self._frames.setPath(self._frame_path())
        below = FLOW + 4 if self._dense else 4
        self._pixels.place(QRectF(axis.left, top + 4, axis.width, max(height - 4 - below, 1)))
        self._flow.place(QRectF(axis.left, top + height - FLOW, axis.width, FLOW))

    def remove(self) -> None:
        """Take everything off the scene."""
        self._root.scene().removeItem(self._root)

    def light(self, forward: float, backward: float) -> None:
        """Fade or light the cells with the forward lane, and the backward lane."""
        for ahead in (self._forward, self._pixels):
            ahead.setOpacity(forward)
        for back in (*self._backward, self._nonfinite, self._flow):
            back.setOpacity(backward)

    def show(self, layer: LayerTrace, hidden: Array, decades: Decades) -> None:
        """Show ``hidden`` (T, H) in the cells, and the layer's gradients where it has them."""
        self._pixels.show_bytes(self._pixel_bytes(hidden))
        if layer.hidden_grads is not None:
            self._show_gradients(layer.log10_hidden_grads, decades)

    def _arrow_class(self, level: int) -> QGraphicsPathItem:
        item = path_item(self._root)
        item.setBrush(magnitude_colour(self._theme, 0.25 + 0.75 * (level + 0.5) / CLASSES))
        return item

    def _pixel_bytes(self, hidden: Array) -> Array:
        """A few units as 2 columns × some rows a cell, clear columns between the cells."""
        rows = int(np.clip((self.height - 8) // 8, 1, 6))
        units = np.linspace(0, hidden.shape[1] - 1, 2 * rows).round().astype(int)
        tokens = len(hidden)
        if self._dense:
            return quantise(hidden[:, units], -1, 1).T
        cells = np.full((rows, tokens, 4), CLEAR, np.uint8)
        cells[:, :, 1:3] = quantise(hidden[:, units], -1, 1).reshape(tokens, rows, 2).transpose(1, 0, 2)
        return cells.reshape(rows, tokens * 4)

    def _show_gradients(self, log10_values: Array, decades: Decades) -> None:
        """Wedge t shows ‖∂L/∂h_t‖, in the gap through which it came; a strip of colours where there is none."""
        if self._dense:
            low, high = decades.low, decades.high
            self._flow.show_bytes(quantise_log(log10_values, low, high)[None])
            return
        shares = decades.share(np.where(np.isfinite(log10_values), log10_values, np.nan))
        levels = np.minimum(np.nan_to_num(shares) * CLASSES, CLASSES - 1).astype(int)
        levels[~np.isfinite(log10_values)] = -2
        levels[np.isneginf(log10_values)] = -1
        if self._levels is not None and np.array_equal(levels, self._levels):
            return
        before, self._levels = self._levels, levels
        gaps = np.arange(len(shares) - 1)
        if self.turned:  # the gap on the left of cell t
            levels, before = levels[1:], None if before is None else before[1:]
        for level, item in enumerate(self._backward):
            drawn = levels[gaps] == level
            if before is None or not np.array_equal(drawn, before[gaps] == level):
                item.setPath(self._wedges(gaps[drawn], level))
        self._nonfinite.setPath(self._wedges(gaps[levels[gaps] == -2], CLASSES))

    def _forward_path(self) -> QPainterPath:
        """Arrows that are all alike: what the state carries is in the cells."""
        path = QPainterPath()
        for gap in range(self._axis.tokens - 1):
            left, right = self._gap(gap)
            head = min(3.0, (right - left) * 0.45)
            tip, tail = (left, left + head) if self.turned else (right, right - head)
            path.moveTo(left, self.forward_y)
            path.lineTo(right, self.forward_y)
            path.moveTo(tail, self.forward_y - head)
            path.lineTo(tip, self.forward_y)
            path.lineTo(tail, self.forward_y + head)
        return path

    def _wedges(self, gaps: Array, level: int) -> QPainterPath:
        """Arrow heads against the direction of reading, the taller the larger the gradient."""
        half = min(1.5 + 4.5 * (level + 1) / CLASSES, self.height / 4)
        left, right = self._gap(gaps)
        left, right = (right, left) if self.turned else (left, right)
        y = np.full(len(gaps), self.backward_y)
        return polygons_path(np.stack([left, right, right], axis=1), np.stack([y, y - half, y + half], axis=1))

    def _gap(self, gap: Any) -> tuple[Any, Any]:
        """Where the space between cell ``gap`` (a number or an array) and the next begins and ends."""
        return self._axis.middle(gap) + self._half + 0.5, self._axis.middle(gap + 1) - self._half - 0.5

    def _frame_path(self) -> QPainterPath:
        path = QPainterPath()
        for token in range(self._axis.tokens):
            x = self._axis.middle(token) - self._half
            path.addRect(QRectF(x, self.top, 2 * self._half, self.height))
        return path
