"""How far back losses reach: the influence matrix as a curve over the distance between loss and state."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from rnnviz.analysis.flow import HORIZON_SHARE, horizon, log10_in_words
from rnnviz.analysis.memory import is_loss, mean_by_lag, mean_look_back, nearest_row, row_by_lag
from rnnviz.analysis.tables import by_lag
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.influence import Influence
from rnnviz.domain.phase import Phase
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import TICKS_HEIGHT, Axes, decade_ticks, decades_around, whole_ticks
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import label_font, pen, right_align
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, TOP = 38.0, 6.0
PLOT_HEIGHT = 118.0
HEIGHT = TOP + PLOT_HEIGHT + TICKS_HEIGHT + 16


class MemoryPanel(Panel):
    """The mean over all losses, and the one of the cursor's token."""

    name = "memory"
    title = "How far back"
    sides: frozenset[Side] = frozenset({"influence"})
    phases: frozenset[Phase] = frozenset({"backward"})
    how_to_read = (
        "Across: how many tokens a state lies before a loss, in a layer marked ← behind it. Up: how strongly the loss "
        "asks that state to change, on a log scale: a straight line down is exponential vanishing, a flat line is "
        "memory. Thick: the arithmetic mean over all losses that have a state so far back (for the farthest that is a "
        "single one); thin: the loss of the chosen token alone. Squares at the bottom: exactly 0."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"influence"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._influence: Influence | None = None
        self._cursor = Cursor()
        self._mean: Array = np.empty(0)
        self._own: Array = np.empty(0)
        self._loss_token, self._is_loss = 0, False
        self._axes: Axes | None = None
        self._figure = Figure(theme, self._draw, lambda _: HEIGHT, self._words_at)
        self._caption = Caption()
        self.body.addWidget(self._figure)
        self.body.addWidget(self._caption)
        self._caption.say("")
        self.set_subtitle(_subtitle(None))

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the cursor's layer."""
        known = studies.influence is self._influence
        if known and (cursor.layer, cursor.token) == (self._cursor.layer, self._cursor.token):
            return
        self._influence, self._cursor = studies.influence, cursor
        self._measure()
        self._figure.redraw()

    def numbers(self) -> Table:
        """Both curves."""
        if self._influence is None:
            return Table(self.title)
        layer = min(self._cursor.layer, len(self._influence.log10_norms) - 1)
        return by_lag(self.title, self._influence, layer, self._cursor.token)

    def _measure(self) -> None:
        influence = self._influence
        if influence is None:
            self._mean, self._own = np.empty(0), np.empty(0)
            self._caption.say("")
            self.set_subtitle(_subtitle(None))
            return
        layer = min(self._cursor.layer, len(influence.log10_norms) - 1)
        row = nearest_row(influence, self._cursor.token)
        self._mean, self._own = mean_by_lag(influence, layer), row_by_lag(influence, layer, row)
        self._loss_token, self._is_loss = int(influence.loss_tokens[row]), is_loss(influence, row)
        across = "t − s" if influence.backward(layer) else "s − t"
        self.set_subtitle(f"{_subtitle(mean_look_back(self._mean), across)} · {influence.name(layer)}")
        self._caption.say(self._in_words())

    def _in_words(self) -> str:
        one = f"the loss of token {self._loss_token}"
        mean = _reach("losses reach", "the losses", self._mean)
        own = _reach(f"{one} reaches", one, self._own) if self._is_loss else f"token {self._loss_token} has no loss"
        left_out = "" if self._loss_token == self._cursor.token else f"; token {self._cursor.token} was left out"
        return f"{mean}, {own}: at {HORIZON_SHARE:.0%} of the peak{left_out}"

    def _draw(self) -> None:
        self._axes = None
        if not len(self._mean):
            self._figure.say()
            return
        low, high = decades_around(np.concatenate([self._mean, self._own]), 3)
        frame = QRectF(GUTTER, TOP, self._figure.width() - GUTTER - 3, PLOT_HEIGHT)
        last = len(self._mean) - 1
        axes = self._axes = Axes(self._figure.sheet, self.theme, frame, (0, max(last, 1)), (low, high))
        axes.tick_y(decade_ticks(low, high, PLOT_HEIGHT))
        axes.tick_x(whole_ticks(last, frame.width()))
        theme, lags = self.theme, np.arange(last + 1)
        self._draw_horizon(axes)
        axes.curve(lags[: len(self._own)], self._own, pen(theme.last, 1.2))
        axes.curve(lags, self._mean, pen(theme.backward, 2.2))
        axes.marks(lags[: len(self._own)], self._own, theme.last, 1)
        axes.marks(lags, self._mean, theme.backward)
        name = self._figure.sheet.text(theme.muted, label_font(8), "tokens back")
        right_align(name, frame.right(), frame.bottom() + TICKS_HEIGHT + 7)
        self._draw_key(frame)

    def _draw_horizon(self, axes: Axes) -> None:
        back = horizon(self._mean[::-1])
        if back is not None:
            axes.upright(back, pen(self.theme.muted, 1, Qt.PenStyle.DashLine))

    def _draw_key(self, frame: QRectF) -> None:
        y, x = frame.bottom() + TICKS_HEIGHT + 7, 2.0
        for words, colour in (("mean", self.theme.backward), (f"token {self._loss_token}", self.theme.last)):
            item = self._figure.sheet.text(colour, label_font(8, bold=True), f"— {words}")
            right_align(item, x + item.boundingRect().width(), y)
            x += item.boundingRect().width() + 8

    def _words_at(self, place: QPointF) -> str:
        if self._axes is None or not self._axes.frame.contains(place):
            return ""
        lag = min(max(round(self._axes.x_at(place)), 0), len(self._mean) - 1)
        lines = [f"{lag} tokens back", f"mean of all losses: {log10_in_words(float(self._mean[lag]))}"]
        if lag < len(self._own):
            lines.append(f"loss of token {self._loss_token}: {log10_in_words(float(self._own[lag]))}")
        return "\n".join(lines)


def _subtitle(look_back: float | None, across: str = "s − t") -> str:
    name = f"‖∂ℓₛ/∂hₜ‖₂ over {across}, mean over s, log"
    return name if look_back is None else f"mean look-back {look_back:.3g} tokens · {name}"


def _reach(subject: str, name: str, by_lag: Array) -> str:
    back = horizon(by_lag[::-1])
    if back is None:
        return f"the gradient of {name} is not finite"
    return f"{subject} back {back} of {len(by_lag) - 1} tokens"
