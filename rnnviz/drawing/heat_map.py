"""A picture of one byte a cell, stretched over a rectangle. Qt scales and paints it without Python."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from rnnviz.domain.arrays import Array
from rnnviz.drawing.colour_map import LEVELS, Table


class HeatMap(QGraphicsPixmapItem):
    """Rows run down, columns to the right. The picture keeps its own buffer and is only refilled."""

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._buffer = np.zeros((1, 4), np.uint8)
        self._image = QImage()
        self._table: Table = []
        self._cells: Array | None = None  # as they were given
        self._rectangle = QRectF(0, 0, 1, 1)

    def set_table(self, table: Table) -> None:
        """Colours of the bytes 0 … 255."""
        self._table = table
        self._image.setColorTable(table)

    def show_bytes(self, cells: Array) -> None:
        """Show ``cells`` (rows, columns) of uint8."""
        show_together([self], cells[None])

    @property
    def most_rows(self) -> int:
        """How many rows have a pixel each; more are to be averaged."""
        return max(int(self._rectangle.height()), 1)

    def show_fitting(self, given: Array, cells: Array) -> None:
        """Show ``cells``, the rows of ``given`` averaged until no more than ``most_rows`` are left."""
        self._cells = given
        rows, columns = cells.shape
        if (self._image.height(), self._image.width()) != (rows, columns):
            self._resize(rows, columns)
        self._buffer[:, :columns] = cells
        self.setPixmap(QPixmap.fromImage(self._image))

    def place(self, rectangle: QRectF) -> None:
        """Cover ``rectangle`` of the parent."""
        self._rectangle = rectangle
        self._stretch()
        if self._cells is not None:
            self.show_bytes(self._cells)  # more or fewer of its rows fit now

    def _resize(self, rows: int, columns: int) -> None:
        # Qt wants every row to begin at a multiple of four bytes.
        self._buffer = np.zeros((rows, (columns + 3) // 4 * 4), np.uint8)
        stride = self._buffer.shape[1]
        self._image = QImage(self._buffer.data, columns, rows, stride, QImage.Format.Format_Indexed8)
        self._image.setColorTable(self._table)
        self._stretch()

    def _stretch(self) -> None:
        if self._image.isNull():
            return
        rectangle = self._rectangle
        scale_y = rectangle.height() / self._image.height()
        self.setTransform(QTransform.fromScale(rectangle.width() / self._image.width(), scale_y))
        self.setPos(rectangle.topLeft())


def show_together(maps: Sequence[HeatMap], cells: Array) -> None:
    """Show ``cells`` (maps, rows, columns) of uint8 in maps of one height.

    In as few calls as for one map: numpy lets the interpreter's lock go in each, and the training takes it.
    """
    fitting = _fewer_rows(cells, maps[0].most_rows)
    for heat_map, given, shown in zip(maps, cells, fitting, strict=True):
        heat_map.show_fitting(given, shown)


def _fewer_rows(cells: Array, most: int) -> Array:
    """Average neighbouring rows of (…, rows, columns) where there are more than ``most``.

    A cell with a special colour wins. The mean of values, not of colours: blue and orange together are 0 and not grey.
    """
    rows = cells.shape[-2]
    if rows <= most:
        return cells
    means = (_averaging(rows, most) @ cells.astype(np.float32) + 0.5).astype(np.uint8)
    if cells.max() < LEVELS:
        return means
    highest = np.maximum.reduceat(cells, _first_rows(rows, most), axis=-2)
    return np.where(highest >= LEVELS, highest, means)


def _first_rows(rows: int, most: int) -> Array:
    return np.asarray(np.arange(most) * rows // most)


@lru_cache(maxsize=32)
def _averaging(rows: int, most: int) -> Array:
    """The matrix (most, rows) that takes means of neighbours: one product is faster than sums over runs."""
    starts = _first_rows(rows, most)
    counts = np.diff(starts, append=rows)
    groups = np.repeat(np.arange(most), counts)
    return np.asarray((groups == np.arange(most)[:, None]) / counts[:, None], np.float32)
