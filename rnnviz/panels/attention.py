"""Where the network looks while it writes: the attention weights as a picture, with their entropy."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsRectItem

from rnnviz.analysis import tables_of_output as tables
from rnnviz.analysis.attention import LookedAt, looked_at
from rnnviz.config import RunConfig
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Reading, Trace
from rnnviz.domain.views import Side
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.colour_map import magnitude_table, quantise
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import centre, label_font, right_align, rows_path
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, RIGHT, TOP, BELOW = 30.0, 3.0, 16.0, 34.0  # pixels around the map
ENTROPY = 46.0  # pixels of the bars beside it
GAP = 6.0
LEAST_ROW, MOST_ROW = 5.0, 17.0  # pixels
LETTER = 9.0  # pixels that a label needs
LETTERS = 3


class AttentionPanel(Panel):
    """Drawn anew with every trace; a cursor that moves moves only its mark."""

    name = "attention"
    title = "Attention"
    sides: frozenset[Side] = frozenset({"learning", "influence"})
    phases: frozenset[Phase] = frozenset({"forward"})
    how_to_read = (
        "A row is a token that is written, a column one that was read: the colour is how much the row looks at the "
        "column, from 0 to 1; every row adds up to 1. One bright place in a row: it knows where to look. The bars on "
        "the right are the entropy −Σ α ln α: none where it looks at one token, as wide as the frame where at all "
        "alike. In the unfolded network lines show the same for the token at the cursor. The way back of the gradient "
        "is as short: it reaches the states that were looked at directly. Point to read a value, click to choose the "
        "token of a row."
    )
    stretch = 0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._found: LookedAt | None = None
        self._reading: Reading | None = None
        self._cursor = Cursor()
        self._mark: QGraphicsRectItem | None = None
        self._figure = Figure(theme, self._draw, self._height, self._words_at)
        self._figure.pressed.connect(self._on_pressed)
        self._caption = Caption()
        self.body.addWidget(self._figure)
        self.body.addWidget(self._caption)
        self._describe()

    def applies_to(self, config: RunConfig, facts: RunFacts) -> bool:
        """Only a network with attention has any."""
        return config.attention != "off"

    def numbers(self) -> Table:
        """The weights, and the entropy of each row."""
        return Table(self.title) if self._found is None else tables.attention(self.title, self._found)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Show the weights of the whole sequence, and say the row of the cursor."""
        shape = self._shape
        self._found = None if trace.attention is None else looked_at(trace.attention)
        self._reading, self._cursor = trace.reading, cursor
        if shape != self._shape:
            self._figure.updateGeometry()
        self._describe()
        self._figure.redraw()

    @property
    def _shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (0, 0) if self._found is None else (self._found.weights.shape[0], self._found.weights.shape[1])

    @property
    def _row(self) -> int | None:
        """The row of the cursor; None at a token that is read."""
        row = -1 if self._found is None else self._cursor.token - self._found.written_from
        return row if 0 <= row < self._shape[0] else None

    def _describe(self) -> None:
        found = self._found
        if found is None:
            self.set_subtitle("α, 0 … 1")
            self._caption.say("")
            return
        self.set_subtitle("α, 0 … 1 · row: token written · column: token read")
        most = math.log(self._shape[1])
        mean = f"entropy of all rows {found.entropy.mean():.2f} of at most {most:.2f} nats"
        self._caption.say(mean if self._row is None else f"{self._row_in_words(self._row)} · {mean}")

    def _row_in_words(self, row: int) -> str:
        assert self._found is not None  # noqa: S101  # there is a row
        weights = self._found.weights[row]
        best = int(np.argmax(weights))
        return (
            f"token {row + self._found.written_from} looks most at {self._read(best)}, {weights[best]:.2f}; "
            f"its entropy {self._found.entropy[row]:.2f}"
        )

    def _read(self, token: int) -> str:
        label = "" if self._reading is None or self._reading.values is not None else self._reading.tokens[token]
        return f"token {token}" + (f" “{label}”" if label.strip() else "")

    def _draw(self) -> None:
        self._mark = None
        found = self._found
        if found is None:
            self._figure.say("nothing yet: there is attention where a sequence\nis read first and then answered")
            return
        place, sheet = self._place(), self._figure.sheet
        heat_map = sheet.heat_map()
        heat_map.set_table(magnitude_table(self.theme))
        heat_map.place(place)
        heat_map.show_bytes(quantise(found.weights, 0, 1))
        sheet.rect("transparent", border=self.theme.line).setRect(place)
        self._draw_labels(place)
        self._draw_entropy(place)
        self._mark = sheet.rect("transparent", border=self.theme.amber)
        self._place_mark(place)

    def _draw_labels(self, place: QRectF) -> None:
        """What was read below, what is said on the left; numbers of tokens where labels have no room."""
        rows, columns = self._shape
        reading, sheet, font = self._reading, self._figure.sheet, label_font(8)
        symbols = reading is not None and reading.values is None
        labels = reading.tokens if reading is not None and symbols else tuple(str(token) for token in range(columns))
        step = place.width() / columns
        every = 1 if symbols and step >= LETTER else max(1, math.ceil(3 * LETTER / step))
        for token in range(0, columns, every):
            words = labels[token][:LETTERS] if every == 1 else str(token)
            centre(sheet.text(self.theme.muted, font, words), place.left() + (token + 0.5) * step, place.bottom() + 8)
        said = () if reading is None else reading.predictions[columns : columns + rows]
        high = place.height() / rows
        for row in range(0, rows, max(1, math.ceil(LETTER / high))):
            y = place.top() + (row + 0.5) * high
            words = (said[row] or "")[:LETTERS] if said and reading is not None and reading.given is None else ""
            right_align(sheet.text(self.theme.muted, font, words or str(row + columns)), place.left() - 4, y)
        name = sheet.text(self.theme.muted, font, "read →")
        right_align(name, place.right(), place.bottom() + 22)
        sheet.text(self.theme.muted, font, "written ↓").setPos(2, 0)

    def _draw_entropy(self, place: QRectF) -> None:
        assert self._found is not None  # noqa: S101  # _draw has looked
        sheet, rows = self._figure.sheet, self._shape[0]
        frame = QRectF(place.right() + GAP, place.top(), ENTROPY, place.height())
        sheet.rect("transparent", border=self.theme.line).setRect(frame)
        high = place.height() / rows
        most = math.log(self._shape[1]) or 1.0
        widths = np.clip(self._found.entropy / most, 0, 1) * ENTROPY
        tops = frame.top() + np.arange(rows) * high
        bars = sheet.path(fill=self.theme.muted)
        bars.setPath(rows_path(frame.left(), tops, widths, max(high - 1, 1)))
        centre(sheet.text(self.theme.muted, label_font(8), "entropy"), frame.center().x(), frame.top() - 8)

    def _place_mark(self, place: QRectF) -> None:
        if self._mark is None:
            return
        rows, columns = self._shape
        if self._row is not None:
            high = place.height() / rows
            self._mark.setRect(place.left(), place.top() + self._row * high, place.width(), high)
        else:
            step = place.width() / columns
            self._mark.setRect(
                place.left() + min(self._cursor.token, columns - 1) * step, place.top(), step, place.height()
            )

    def _height(self, width: int) -> float:
        """Rows as high as columns are wide, within what can be read."""
        rows, columns = self._shape
        if not rows:
            return 48.0
        step = (width - GUTTER - RIGHT - GAP - ENTROPY) / columns
        return TOP + rows * min(max(step, LEAST_ROW), MOST_ROW) + BELOW

    def _place(self) -> QRectF:
        width = self._figure.width()
        across = max(width - GUTTER - RIGHT - GAP - ENTROPY, 10.0)
        return QRectF(GUTTER, TOP, across, self._height(width) - TOP - BELOW)

    def _cell_at(self, where: QPointF) -> tuple[int, int] | None:
        place = self._place()
        if self._found is None or not place.contains(where):
            return None
        rows, columns = self._shape
        row = int((where.y() - place.top()) / place.height() * rows)
        column = int((where.x() - place.left()) / place.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def _words_at(self, where: QPointF) -> str:
        cell = self._cell_at(where)
        if cell is None or self._found is None:
            return ""
        row, column = cell
        weight = self._found.weights[row, column]
        return f"token {row + self._found.written_from} looks at {self._read(column)}: α = {weight:.3f}"

    def _on_pressed(self, where: QPointF) -> None:
        cell = self._cell_at(where)
        if cell is not None and self._found is not None:
            self.token_chosen.emit(cell[0] + self._found.written_from)
