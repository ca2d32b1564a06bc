"""What the network forecasts some steps ahead, reading its own predictions, and how far off that is."""

import textwrap

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from rnnviz.analysis import tables_of_output as tables
from rnnviz.config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.continuation import FARTHEST, Forecast
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.values import Numbers
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import TICKS_HEIGHT, Axes, even_ticks, whole_ticks
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import label_font, pen, right_align
from rnnviz.drawing.slider_row import SliderRow
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, TOP = 34.0, 6.0
UPPER, LOWER, KEY = 128.0, 92.0, 15.0  # pixels
HEIGHT = TOP + UPPER + LOWER + 2 * TICKS_HEIGHT + 4 * KEY
RULES = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
ROOM = 0.08  # of the range, above and below
FAR = 3.0  # times the range of what came that a forecast may widen the picture


class ForecastPanel(Panel):
    """Above the series with the forecast, below the error at each horizon."""

    name = "forecast"
    title = "Forecast"
    sides: frozenset[Side] = frozenset({"output"})
    phases: frozenset[Phase] = frozenset({"forward"})
    how_to_read = (
        "Above: the displayed series; behind the cursor (amber) the network goes on by itself and reads its own "
        "predictions (teal), beside what really came (grey) and what simple rules say. Below: the root mean square "
        "error (RMSE) at every number of steps ahead, made behind every token of the second half that is held out, the "
        "same ones for network and rules, in the numbers as they are read: of a standardised series in its standard "
        "deviations. A click in the upper picture moves the cursor; at the first token the forecast "
        "is begun where its last step is the last number known."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"forecast"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._forecast: Forecast | None = None
        self._mute = ""
        self._series: Axes | None = None
        self._errors: Axes | None = None
        self._ahead = SliderRow(lambda steps: f"{steps} steps ahead", (1, FARTHEST), 12)
        self._ahead.chosen.connect(lambda steps: self.going_on_chosen.emit({"ahead": steps}))
        self._figure = Figure(theme, self._draw, lambda _: HEIGHT, self._words_at)
        self._figure.pressed.connect(self._on_pressed)
        self._caption = Caption()
        for part in (self._ahead, self._figure, self._caption):
            self.body.addWidget(part)
        self._describe()

    def applies_to(self, config: RunConfig, facts: RunFacts) -> bool:
        """Where numbers are predicted."""
        return isinstance(facts.predicts, Numbers)

    def numbers(self) -> Table:
        """The series, the forecasts and their errors."""
        return Table(self.title) if self._forecast is None else tables.forecast(self.title, self._forecast)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def start_run(self, facts: RunFacts) -> None:
        """Say why there is nothing to show, where that is so."""
        self._mute = facts.mute
        self._ahead.setEnabled(not facts.mute)
        self._describe()
        self._figure.redraw()

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the newest forecast."""
        if studies.forecast is not self._forecast:
            self._forecast = studies.forecast
            self._describe()
            self._figure.redraw()

    def _describe(self) -> None:
        found = self._forecast
        if found is None or self._mute:
            self.set_subtitle("" if self._mute else "each prediction is read as the next number")
            self._caption.say("")
            return
        name = f" · {found.names[0]}" if found.names else ""
        self.set_subtitle(f"behind token {found.origin}{name}")
        self._caption.say(in_words(found))

    def _draw(self) -> None:
        self._series = self._errors = None
        found = self._forecast
        if self._mute:
            sentence = f"This network cannot go on by itself: {self._mute}."
            self._figure.say("\n".join(textwrap.wrap(sentence, max(self._figure.width() // 7, 20))))
            return
        if found is None:
            self._figure.say()
            return
        self._draw_series(found)
        self._draw_errors(found)

    def _draw_series(self, found: Forecast) -> None:
        theme, known, steps = self.theme, found.known[:, 0], len(found.given)
        last = max(len(known) - 1, found.origin + steps)
        range_ = _around(known, np.concatenate([found.given[:, 0], *(row[:, 0] for row in found.rules.values())]))
        frame = QRectF(GUTTER, TOP, self._figure.width() - GUTTER - 3, UPPER)
        axes = self._series = Axes(self._figure.sheet, theme, frame, (0, last), range_)
        axes.tick_y(even_ticks(*range_, UPPER))
        axes.tick_x(whole_ticks(last, frame.width()))
        at = np.arange(len(known))
        axes.curve(at[: found.origin + 1], known[: found.origin + 1], pen(theme.text, 1.6))
        axes.curve(at[found.origin :], known[found.origin :], pen(theme.muted, 1.2))
        ahead = np.arange(found.origin, found.origin + steps + 1)
        for (_, row), style, colour in zip(found.rules.items(), RULES, self._colours(), strict=False):
            axes.curve(ahead, np.concatenate([known[found.origin, None], row[:, 0]]), pen(colour, 1.3, style))
        said = np.concatenate([known[found.origin, None], found.given[:, 0]])
        axes.curve(ahead, said, pen(theme.last, 2.0))
        dots = np.where(_inside(found.given[:, 0], range_), found.given[:, 0], np.nan)
        axes.dots(ahead[1:], dots, 2.2, self._figure.sheet.path(fill=theme.last))
        axes.upright(found.origin, pen(theme.amber, 1.4))
        self._draw_key(found, frame.bottom() + TICKS_HEIGHT + KEY / 2)

    def _colours(self) -> tuple[str, str]:
        return self.theme.direct, self.theme.gates[3]

    def _draw_key(self, found: Forecast, y: float) -> None:
        names = ["network", *found.rules]
        marks = ("—", "– –", "· ·")
        for row, (name, mark, colour) in enumerate(
            zip(names, marks, (self.theme.last, *self._colours()), strict=False)
        ):
            item = self._figure.sheet.text(colour, label_font(8, bold=True), f"{mark} {name}")
            right_align(item, 2 + item.boundingRect().width(), y + row * KEY)

    def _draw_errors(self, found: Forecast) -> None:
        theme, steps = self.theme, len(found.given)
        at = np.arange(1, steps + 1)
        highest = [row[np.isfinite(row)] for row in (found.errors, *found.rule_errors.values())]
        top = float(np.max(np.concatenate(highest), initial=0.0)) or 1.0
        ruled = np.concatenate(highest[1:]) if len(highest) > 1 else np.empty(0)
        top = min(top, FAR * float(ruled.max())) if ruled.size and ruled.max() > 0 else top
        first = TOP + UPPER + TICKS_HEIGHT + 3 * KEY
        frame = QRectF(GUTTER, first, self._figure.width() - GUTTER - 3, LOWER)
        axes = self._errors = Axes(self._figure.sheet, theme, frame, (0.5, steps + 0.5), (0, top * (1 + ROOM)))
        axes.tick_y(even_ticks(0, top * (1 + ROOM), LOWER))
        axes.tick_x([tick for tick in whole_ticks(steps, frame.width()) if tick[0] >= 1])
        for (_, row), style, colour in zip(found.rule_errors.items(), RULES, self._colours(), strict=False):
            axes.curve(at, row, pen(colour, 1.3, style))
        axes.curve(at, found.errors, pen(theme.last, 2.0))
        name = self._figure.sheet.text(theme.muted, label_font(8), "root mean square error, by steps ahead")
        right_align(name, frame.right(), frame.bottom() + TICKS_HEIGHT + 7)

    def _words_at(self, place: QPointF) -> str:
        found = self._forecast
        if found is None:
            return ""
        if self._series is not None and self._series.frame.contains(place):
            return _series_words(found, round(self._series.x_at(place)))
        if self._errors is not None and self._errors.frame.contains(place):
            return _error_words(found, round(self._errors.x_at(place)))
        return ""

    def _on_pressed(self, place: QPointF) -> None:
        if self._series is not None and self._forecast is not None and self._series.frame.contains(place):
            last = len(self._forecast.known) - 2
            self.token_chosen.emit(min(max(round(self._series.x_at(place)), 0), last))


def in_words(found: Forecast) -> str:
    """The errors of the first and of the last step, and over how many forecasts they are taken."""
    known = np.flatnonzero(np.isfinite(found.errors) & (found.origins > 0))
    if not known.size:
        return "No error: no number behind the second half is held out, or the forecast is not finite."
    steps = dict.fromkeys((int(known[0]), int(known[-1])))
    parts = []
    for step in steps:
        rules = "".join(f", “{name}” {row[step]:.2f}" for name, row in found.rule_errors.items())
        ahead = "1 step" if step == 0 else f"{step + 1} steps"
        many = "1 forecast" if found.origins[step] == 1 else f"{found.origins[step]} forecasts"
        parts.append(f"RMSE {ahead} ahead: network {found.errors[step]:.2f}{rules} ({many})")
    return "\n".join(parts)


def _series_words(found: Forecast, token: int) -> str:
    if not 0 <= token <= max(len(found.known) - 1, found.origin + len(found.given)):
        return ""
    lines = [f"token {token}"]
    if token < len(found.known):
        lines.append(f"{'read' if token <= found.origin else 'came'}: {found.known[token, 0]:.3g}")
    step = token - found.origin - 1
    if 0 <= step < len(found.given):
        lines.append(f"{step + 1} ahead, network: {found.given[step, 0]:.3g}")
        lines += [f"{name}: {row[step, 0]:.3g}" for name, row in found.rules.items()]
    return "\n".join(lines)


def _error_words(found: Forecast, step: int) -> str:
    if not 1 <= step <= len(found.errors):
        return ""
    rows = {"network": found.errors, **found.rule_errors}
    lines = [f"{name}: {row[step - 1]:.3g}" for name, row in rows.items()]
    return "\n".join([f"RMSE {step} ahead, {found.origins[step - 1]} forecasts", *lines])


def _around(known: Array, said: Array) -> tuple[float, float]:
    """A range that holds what is known, and of what was said what is not too far away."""
    low, high = float(np.min(known)), float(np.max(known))
    span = (high - low) or 1.0
    near = said[np.isfinite(said) & (said > low - FAR * span) & (said < high + FAR * span)]
    low, high = float(np.min(near, initial=low)), float(np.max(near, initial=high))
    room = ROOM * ((high - low) or 1.0)
    return low - room, high + room


def _inside(values: Array, range_: tuple[float, float]) -> Array:
    return np.asarray((values >= range_[0]) & (values <= range_[1]))
