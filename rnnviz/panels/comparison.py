"""Networks side by side in measured numbers, as textbooks compare them in words."""

import textwrap
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.table import Column, Table
from rnnviz.domain.views import Side
from rnnviz.drawing.items import label_font
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel
from rnnviz.state.companion import Companion
from rnnviz.state.history import History

ARROW = "→\N{NO-BREAK SPACE}"
MEASURES = ("weights", "ms each", "loss", "held out", "‖grad.‖", "reach")
ALONE = "B: cells · F: a twin"  # short enough for the narrowest column
MARGIN = 6  # pixels beside a name
NEWEST = 50  # updates over which loss, norm and time are averaged


class ComparisonPanel(Panel):
    """One column for the run, one for each companion."""

    name = "comparison"
    title = "Side by side"
    sides: frozenset[Side] = frozenset({"learning", "clipping"})
    how_to_read = (
        "What textbooks say in words, measured here: how many numbers each network learns, how long one of its updates "
        "takes, its loss on the training batches and the norm of its gradient before clipping (these three are means "
        "of the last 50 updates), the newest loss on held-out data, and how many tokens back the last loss's gradient "
        "reaches at 1 % of its peak: its long-range dependencies. Times are of this machine, where all of them share "
        "one core."
    )
    stretch = 0
    phases: frozenset[Phase] = frozenset()  # it compares whole updates

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._table = QTableWidget(len(MEASURES), 0)
        self._table.setVerticalHeaderLabels(list(MEASURES))
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for header in (self._table.horizontalHeader(), self._table.verticalHeader()):
            header.setFont(label_font(8))
        self._table.setShowGrid(False)
        rows = self._table.verticalHeader()
        rows.setMinimumSectionSize(1)
        rows.setFixedWidth(max(rows.fontMetrics().horizontalAdvance(name) for name in MEASURES) + MARGIN + 2)
        self._table.horizontalHeader().setMinimumSectionSize(1)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self._table)
        self._parameters, self._unit = 0, ""
        self._title = "this run"
        self._names: list[str] = []
        self._told: list[tuple[str, int, History]] = []
        self.set_subtitle(ALONE)

    def start_run(self, facts: RunFacts) -> None:
        """Learn the size of the run's own network."""
        self._parameters, self._unit = facts.parameters, facts.unit

    def show_config(self, config: RunConfig) -> None:
        """Name the run by its cell."""
        self._title = CELLS[config.cell].title

    def show_history(self, history: History, companions: Sequence[Companion] = ()) -> None:
        """Fill in what was measured."""
        shown = [(f"this run: {self._title}", self._parameters, history)]
        shown += [(companion.facts.label, companion.facts.parameters, companion.history) for companion in companions]
        self._told = shown
        self._table.setColumnCount(len(shown))
        self._table.setVisible(bool(companions))
        self._names = [label for label, _, _ in shown]
        for column, (_, parameters, past) in enumerate(shown):
            for row, words in enumerate((f"{parameters:,}", *measured(past))):
                self._fill(row, column, words)
        self._fit()
        self.set_subtitle(f"last {NEWEST} updates" if companions else ALONE)

    def numbers(self) -> Table:
        """A row a network, unrounded."""
        if not self._told:
            return Table(self.title)
        weights = np.array([parameters for _, parameters, _ in self._told])
        rows = np.array([means(past) for _, _, past in self._told])
        reach = np.array([(np.nan, np.nan) if past.reach is None else past.reach for _, _, past in self._told], float)
        last = f"mean of the last {NEWEST} updates"
        named = (
            (f"time of an update, {last}", "s"),
            (f"loss of the batch, {last}", self._unit),
            ("newest held-out loss", self._unit),
            (f"‖gradient‖₂ before clipping, {last}", "1"),
        )
        return Table(
            self.title,
            (
                Column("network", "", tuple(label for label, _, _ in self._told)),
                Column("weights", "1", weights),
                *(Column(name, unit, values) for (name, unit), values in zip(named, rows.T, strict=True)),
                Column("reach", "tokens", reach[:, 0]),
                Column("of", "tokens", reach[:, 1]),
            ),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the networks' names where the columns end."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self._names:
            return
        self._table.setFont(label_font(8 if len(self._names) < 4 else 7))
        header = self._table.horizontalHeader()
        width = (self.width() - self._table.verticalHeader().width()) // len(self._names) - MARGIN
        letters = max(width // header.fontMetrics().horizontalAdvance("n"), 4)
        for place, name in enumerate(self._names):
            lines = textwrap.wrap(name.replace("→ ", ARROW), letters, break_long_words=False)
            item = QTableWidgetItem("\n".join(lines))
            item.setForeground(QColor(self.theme.companion(place - 1) if place else self.theme.text))
            self._table.setHorizontalHeaderItem(place, item)
        rows = sum(self._table.rowHeight(row) for row in range(len(MEASURES)))
        self._table.setFixedHeight(header.sizeHint().height() + rows + 2 * self._table.frameWidth() + 1)

    def _fill(self, row: int, column: int, words: str) -> None:
        item = self._table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._table.setItem(row, column, item)
        item.setText(words)


def measured(history: History) -> tuple[str, ...]:
    """Time in ms, loss, held-out loss, gradient norm and reach in tokens, in words."""
    if not len(history):
        return ("–",) * (len(MEASURES) - 1)
    seconds, loss, held_out, norm = means(history)
    validation = "–" if np.isnan(held_out) else _number(held_out)
    reach = "–" if history.reach is None else f"{history.reach[0]}/{history.reach[1]}"
    return _number(seconds * 1e3), _number(loss), validation, _number(norm), reach


def means(history: History) -> tuple[float, float, float, float]:
    """Seconds, loss and gradient norm of the last updates on average, the newest held-out loss third; NaN for none."""
    if not len(history):
        return (np.nan,) * 4
    seconds, loss, norm = (float(np.mean(history.column(name)[-NEWEST:])) for name in ("seconds", "loss", "grad_norm"))
    held_out = history.validation
    return seconds, loss, float(held_out[-1, 1]) if len(held_out) else np.nan, norm


def _number(value: float) -> str:
    """Three digits; very large and small ones as “1.2e-5”: columns may be 40 pixels wide."""
    words = f"{value:.3g}"
    if "e" not in words:
        return words
    factor, exponent = f"{value:.1e}".split("e")
    return f"{factor}e{int(exponent)}"
