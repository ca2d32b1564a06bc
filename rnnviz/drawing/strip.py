"""A heat map on the token axis: rows are units, columns are tokens."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.arrays import Array
from rnnviz.drawing.colour_map import Table
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import path_item, pen, rect_item, still
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

NARROWEST_GRID = 8  # pixels a column must have for lines between columns to help


class Strip:
    """Marks the chosen unit by two small arrow heads at its row."""

    def __init__(self, parent: QGraphicsItem, theme: Theme, table: Table) -> None:
        self.map = HeatMap(parent)
        self.map.set_table(table)
        self._grid = still(
            path_item(parent, pen(theme.panel))
        )  # a translucent pen would take ten times as long to paint
        self._frame = rect_item(parent, "transparent", border=theme.line)
        self._mark = path_item(parent, fill=theme.amber)
        self._axis = TokenAxis(0, 1, 1)
        self._top = 0.0
        self._height = 1.0
        self._units = 1
        self._marked = (-1, 0)  # unit and units that the mark stands for

    def place(self, axis: TokenAxis, top: float, height: float) -> None:
        """Cover the token columns from ``top`` on."""
        self._axis, self._top, self._height = axis, top, height
        rectangle = QRectF(axis.left, top, axis.width, height)
        self.map.place(rectangle)
        self._frame.setRect(rectangle)
        self._grid.setPath(self._grid_path())
        self._marked = (-1, 0)

    def show(self, cells: Array, unit: int) -> None:
        """Show bytes (T, H) and mark row ``unit``."""
        self.map.show_bytes(cells.T)
        self.mark(unit, cells.shape[1])

    def mark(self, unit: int, units: int) -> None:
        """Mark row ``unit`` of ``units``."""
        self._units = units
        if (unit, self._units) != self._marked:
            self._marked = unit, self._units
            self._mark.setPath(self._mark_path(unit))

    def unit_at(self, y: float) -> int | None:
        """The unit whose row holds ``y``, or None above or below the picture."""
        unit = int(np.floor((y - self._top) / self._height * self._units))
        return unit if 0 <= unit < self._units else None

    def _grid_path(self) -> QPainterPath:
        path = QPainterPath()
        if self._axis.step >= NARROWEST_GRID:
            for token in range(1, self._axis.tokens):
                x = self._axis.left + token * self._axis.step
                path.moveTo(x, self._top)
                path.lineTo(x, self._top + self._height)
        return path

    def _mark_path(self, unit: int) -> QPainterPath:
        middle = self._top + (unit + 0.5) * self._height / self._units
        path = QPainterPath()
        for x, back in ((self._axis.left - 1, -5), (self._axis.right + 1, 5)):
            path.moveTo(x, middle)
            path.lineTo(x + back, middle - 3.5)
            path.lineTo(x + back, middle + 3.5)
            path.closeSubpath()
        return path
