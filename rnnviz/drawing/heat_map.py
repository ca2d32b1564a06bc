"""A picture of one byte a cell, stretched over a rectangle. Qt scales and paints it without Python."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPixmapItem

from rnnviz.domain.arrays import Array
from rnnviz.drawing.colour_map import Table


class HeatMap(QGraphicsPixmapItem):
    """Rows run down, columns to the right. The picture keeps its own buffer and is only refilled."""

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._buffer = np.zeros((1, 4), np.uint8)
        self._image = QImage()
        self._table: Table = []
        self._rectangle = QRectF(0, 0, 1, 1)

    def set_table(self, table: Table) -> None:
        """Colours of the bytes 0 … 255."""
        self._table = table
        self._image.setColorTable(table)

    def show_bytes(self, cells: Array) -> None:
        """Show ``cells`` (rows, columns) of uint8."""
        rows, columns = cells.shape
        if (self._image.height(), self._image.width()) != (rows, columns):
            self._resize(rows, columns)
        self._buffer[:, :columns] = cells
        self.setPixmap(QPixmap.fromImage(self._image))

    def place(self, rectangle: QRectF) -> None:
        """Cover ``rectangle`` of the parent."""
        self._rectangle = rectangle
        self._stretch()

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
        # Averaging is right where several rows share a pixel, blurring is wrong where a row has several.
        shrinks = scale_y < 1
        mode = Qt.TransformationMode.SmoothTransformation if shrinks else Qt.TransformationMode.FastTransformation
        self.setTransformationMode(mode)
