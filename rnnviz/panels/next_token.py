"""What the network expects after the chosen token."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainterPath, QResizeEvent

from rnnviz.analysis.tables import said
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Reading, Trace
from rnnviz.domain.views import Side
from rnnviz.drawing.canvas import Canvas
from rnnviz.drawing.items import label_font, mono_font, path_item, right_align, set_text, text_item, visible_token
from rnnviz.drawing.label_row import cut
from rnnviz.drawing.number_bars import NumberComparison
from rnnviz.drawing.reading_words import wrongest
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

ROWS = 6
MOST_LETTERS = 12  # of a word
ROW = 17.0


class NextTokenPanel(Panel):
    """The most probable labels as bars; the one that really came is named."""

    name = "next_token"
    title = "Next token"
    sides: frozenset[Side] = frozenset({"learning", "influence"})
    phases: frozenset[Phase] = frozenset({"loss"})
    how_to_read = (
        "The network's probabilities for what follows the chosen token, the largest first. The blue bar with ✓ is "
        "what really came; if it is not among the first six it stands in the last row with its rank. Of numbers: the "
        "predicted one as a bar from 0, green within the task's tolerance and else red, above the wanted one; of many "
        "the wrongest three."
    )
    stretch = 0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._canvas = Canvas(theme)
        self._canvas.setFixedHeight(int(ROWS * ROW + 6))
        self.body.addWidget(self._canvas)
        self._shown: tuple[Reading, int] | None = None
        self._build()

    def set_theme(self, theme: Theme) -> None:
        """Rebuild in other colours."""
        super().set_theme(theme)
        self._canvas.set_theme(theme)
        self._build()
        self._draw()

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Show the probabilities at the cursor."""
        if trace.reading is not None:
            self._shown = trace.reading, cursor.token
            self._draw()

    def numbers(self) -> Table:
        """All that is expected at the cursor, also what has no room in the picture."""
        return Table(self.title) if self._shown is None else said(self.title, *self._shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stretch the bars."""
        super().resizeEvent(event)
        self._draw()

    def _build(self) -> None:
        root = self._canvas.root
        self._numbers = NumberComparison(root, self.theme, ROWS // 2)
        self._bars = path_item(root, fill=self.theme.line)
        self._target_bar = path_item(root, fill=self.theme.positive)
        self._labels = [text_item(root, self.theme.text, mono_font(13)) for _ in range(ROWS)]
        self._shares = [text_item(root, self.theme.muted, label_font(8.5), changes=True) for _ in range(ROWS)]

    def _draw(self) -> None:
        if self._shown is None:
            return
        reading, token = self._shown
        wanted, read = reading.targets[token], visible_token(reading.tokens[token])
        if reading.probabilities is None:
            self._draw_numbers(reading, token)
            return
        self._numbers.clear()
        row = reading.probabilities[token]
        order = np.argsort(-row, kind="stable")
        shown = order[:ROWS].tolist()
        if wanted is None:
            self._draw_rows(row, shown, -1, reading)
            self.set_subtitle(f"after {read} there is nothing to predict")
            return
        target = reading.vocabulary.index(wanted)
        if target not in shown:
            shown[-1] = target
        rank = int(np.flatnonzero(order == target)[0]) + 1
        self._draw_rows(row, shown, target, reading)
        self.set_subtitle(f"after {read} came {visible_token(wanted)}: rank {rank} of {len(row)}")

    def _draw_numbers(self, reading: Reading, token: int) -> None:
        self._draw_rows(np.empty(0), [], -1, reading)
        if not reading.outputs:
            self._numbers.clear()
            self.set_subtitle("what was predicted is not in this recording")
            return
        if reading.targets[token] is None:
            self._numbers.clear()
            self.set_subtitle(f"after {visible_token(reading.tokens[token])} there is nothing to predict")
            return
        self._numbers.show(reading, token, self._canvas.width())
        said = wrongest(reading, token)
        if reading.given is None or reading.wanted is None:
            return
        errors = np.abs(reading.given[token][said] - reading.wanted[token][said])
        right = int(np.count_nonzero(errors <= reading.tolerance))
        self.set_subtitle(f"{right} of {len(said)} within ±{reading.tolerance:g}")

    def _draw_rows(self, row: Array, shown: list[int], target: int, reading: Reading) -> None:
        column = self._column([reading.vocabulary[index] for index in shown])
        widest = max(self._canvas.width() - column - 72, 10)
        bars, target_bar = QPainterPath(), QPainterPath()
        for place, label in enumerate(self._labels):
            index = shown[place] if place < len(shown) else None
            share = self._shares[place]
            if index is None:
                set_text(label, "")
                set_text(share, "")
                continue
            middle = ROW * (place + 0.5) + 2
            set_text(label, cut(visible_token(reading.vocabulary[index]), MOST_LETTERS))
            right_align(label, column, middle)
            width = float(row[index]) * widest
            (target_bar if index == target else bars).addRect(QRectF(column + 8, middle - 5, max(width, 1), 10))
            set_text(share, f"{row[index]:.1%}" + (" ✓" if index == target else ""))
            share.setBrush(QColor(self.theme.text if index == target else self.theme.muted))
            share.setPos(column + 8 + max(width, 1) + 5, middle - share.boundingRect().height() / 2)
        self._bars.setPath(bars)
        self._target_bar.setPath(target_bar)

    def _column(self, labels: list[str]) -> float:
        """Where labels end: room for the longest of them."""
        letters = max((min(len(visible_token(label)), MOST_LETTERS) for label in labels), default=1)
        return 8 + 8 * letters
