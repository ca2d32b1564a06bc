"""Predicted numbers of one token against the wanted ones: a sentence and two bars for each."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.trace import Reading
from rnnviz.drawing.items import label_font, path_item, set_text, text_item
from rnnviz.drawing.reading_words import number_said, wrongest
from rnnviz.drawing.theme import Theme

EACH = 34.0  # pixels of one number
MARGIN = 8.0


class NumberComparison:
    """Items under ``root`` for ``most`` numbers, one below the other; bars run from 0 on one scale."""

    def __init__(self, root: QGraphicsItem, theme: Theme, most: int) -> None:
        self._zero = path_item(root, fill=theme.muted)
        self._wanted = path_item(root, fill=theme.text)
        self._close, self._off = path_item(root, fill=theme.right), path_item(root, fill=theme.wrong)
        self._font = label_font(8.5)
        self._words = [text_item(root, theme.text, self._font, changes=True) for _ in range(most)]
        for place, item in enumerate(self._words):
            item.setPos(MARGIN, EACH * place)

    def clear(self) -> None:
        """Show nothing."""
        for words in self._words:
            set_text(words, "")
        for item in (self._zero, self._wanted, self._close, self._off):
            item.setPath(QPainterPath())

    def show(self, reading: Reading, token: int, width: float) -> None:
        """Show the numbers that are wanted at ``token``, the wrongest ones if they are many."""
        self.clear()
        if reading.given is None or reading.wanted is None:
            return
        shown = wrongest(reading, token)[: len(self._words)]
        given, wanted = reading.given[token][shown], reading.wanted[token][shown]
        room, metrics = max(width - 2 * MARGIN, 10.0), QFontMetricsF(self._font)
        ends = np.array([0.0, *given[np.isfinite(given)].tolist(), *wanted.tolist()])
        low, high = float(ends.min()), float(ends.max())
        scale = room / ((high - low) or 1.0)
        paths = {item: QPainterPath() for item in (self._zero, self._wanted, self._close, self._off)}
        for place, (index, said, truth) in enumerate(zip(shown, given.tolist(), wanted.tolist(), strict=True)):
            words = number_said("" if len(reading.outputs) == 1 else reading.outputs[index], said, truth)
            set_text(self._words[place], metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, room))
            top, zero = EACH * place + 18, MARGIN - low * scale
            bar = self._close if abs(said - truth) <= reading.tolerance else self._off
            for item, value, y in ((bar, said, top), (self._wanted, truth, top + 6)):
                if np.isfinite(value):
                    paths[item].addRect(QRectF(min(zero, zero + value * scale), y, max(abs(value) * scale, 1), 5))
            paths[self._zero].addRect(QRectF(zero - 0.5, top - 1, 1, 13))
        for item, path in paths.items():
            item.setPath(path)
