"""Why gradients vanish or explode: the products of the one-token Jacobians, and what a gain would change."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from rnnviz.analysis.flow import log10_in_words
from rnnviz.analysis.products import realised
from rnnviz.analysis.tables import products
from rnnviz.cells import CELLS
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.spectrum import LayerSpectrum, Spectrum
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.trace import layer_name
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import TICKS_HEIGHT, Axes, decade_ticks, decades_around, whole_ticks
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.gain_slider import GainSlider
from rnnviz.drawing.items import label_font, pen, right_align
from rnnviz.drawing.legend import copy_in_words, draw_copy_mark
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, TOP = 38.0, 6.0
PLOT_HEIGHT = 118.0
HEIGHT = TOP + PLOT_HEIGHT + TICKS_HEIGHT + 18
NAMES = ("largest", "mean", "gradient")
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
DEEPEST_MEAN = 10  # decades by which the mean may stretch the scale of the other two


class SpectrumPanel(Panel):
    """The curves are of the cursor's layer; the slider asks for another copy."""

    name = "spectrum"
    title = "Why: spectrum"
    sides: frozenset[Side] = frozenset({"causes"})
    phases: frozenset[Phase] = frozenset({"backward"})
    how_to_read = (
        "The chain rule multiplies one Jacobian per token; the picture is their product from each token to the last. "
        "Solid: the largest factor by which it stretches any direction; dashed: the geometric mean over all "
        "directions; dotted: what the gradient of the last loss really gained or lost. A layer marked ← reads token 0 "
        "last: there products lead to token 0, and the gradient is that of its loss. λ₁ is the Lyapunov exponent: "
        "below 0 differences die out, above 0 they grow. The slider multiplies the recurrent weights of a copy."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"spectrum"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._spectrum: Spectrum | None = None
        self._layer = 0
        self._curves: Array = np.empty((3, 0))
        self._axes: Axes | None = None
        self._slider = GainSlider("recurrent weights of a copy × {gain:.2f} — the run is not touched")
        self._slider.chosen.connect(self.gain_chosen)
        self._figure = Figure(theme, self._draw, lambda _: HEIGHT, self._words_at)
        self._caption = Caption()
        for part in (self._slider, self._figure, self._caption):
            self.body.addWidget(part)
        self._describe()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the cursor's layer."""
        if (studies.spectrum, cursor.layer) == (self._spectrum, self._layer):
            return
        self._spectrum, self._layer = studies.spectrum, cursor.layer
        shown = self._shown
        self._curves = np.empty((3, 0))
        if shown is not None:
            self._curves = np.stack([shown.log10_norm, shown.log10_mean, realised(shown)])
        self._describe()
        self._figure.redraw()

    def numbers(self) -> Table:
        """The three curves."""
        return Table(self.title) if self._shown is None else products(self.title, self._shown)

    @property
    def _shown(self) -> LayerSpectrum | None:
        return None if self._spectrum is None else self._spectrum.nearest(self._layer)

    def _describe(self) -> None:
        shown, spectrum = self._shown, self._spectrum
        if shown is None or spectrum is None:
            self.set_subtitle("∂h_last/∂hₜ, log")
            self._caption.say("")
            return
        gain = "" if spectrum.gain == 1 else f"{copy_in_words(spectrum.gain)} · "
        state = "(h, c)" if CELLS[shown.cell].has_cell_state else "h"
        last = "s_last" if shown.direction == "forward" else "s₀"
        self.set_subtitle(f"{gain}‖∂{last}/∂sₜ‖, s = {state}, log · {layer_name(shown.layer, shown.direction)}")
        top = spectrum.top
        of = [f"Of {layer_name(top.layer, top.direction)}:"] if len(spectrum.layers) > 1 and spectrum.reading else []
        self._caption.say("\n".join([_numbers(shown), *of, *spectrum.reading.values()]))

    def _draw(self) -> None:
        self._axes = None
        if self._spectrum is None:
            self._figure.say()
            return
        low, high = decades_around(self._scaled())
        tokens = self._curves.shape[1]
        frame = QRectF(GUTTER, TOP, self._figure.width() - GUTTER - 3, PLOT_HEIGHT)
        axes = self._axes = Axes(self._figure.sheet, self.theme, frame, (0, max(tokens - 1, 1)), (low, high))
        axes.tick_y(decade_ticks(low, high, PLOT_HEIGHT))
        axes.tick_x(whole_ticks(tokens - 1, frame.width()))
        colours = self.theme.text, self.theme.direct, self.theme.last
        for row, (values, colour, style) in enumerate(zip(self._curves, colours, STYLES, strict=True)):
            axes.curve(np.arange(tokens), values, pen(colour, 1.8, style))
            zeros = np.where(np.isneginf(values), -np.inf, 0) if row == 2 else values
            axes.marks(np.arange(tokens), zeros, colour, row)
        self._draw_key(frame, colours)
        draw_copy_mark(self._figure.sheet, self.theme, self._spectrum.gain, frame.right() - 4, frame.top() + 4)

    def _scaled(self) -> Array:
        """What the scale has to hold: a mean that dives far below everything else counts only near it."""
        norm, mean, gradient = self._curves
        others = np.concatenate([norm, gradient, [0.0]])
        lowest = others[np.isfinite(others)].min() - DEEPEST_MEAN
        return np.concatenate([others, mean[mean >= lowest]])

    def _draw_key(self, frame: QRectF, colours: tuple[str, ...]) -> None:
        middle, left = frame.bottom() + TICKS_HEIGHT + 8, 2.0
        for name, colour, sign in zip(NAMES, colours, ("—", "╌", "┈"), strict=True):
            item = self._figure.sheet.text(colour, label_font(8, bold=True), f"{sign} {name}")
            right_align(item, left + item.boundingRect().width(), middle)
            left += item.boundingRect().width() + 8
        right_align(self._figure.sheet.text(self.theme.muted, label_font(8), "token t"), frame.right(), middle)

    def _words_at(self, place: QPointF) -> str:
        shown = self._shown
        if shown is None or self._axes is None or not self._axes.frame.contains(place):
            return ""
        token = min(max(round(self._axes.x_at(place)), 0), self._curves.shape[1] - 1)
        explained = "largest singular value", "geometric mean of all", f"gradient of {shown.end_loss}"
        lines = [f"from token {token} to {shown.end}"]
        lines += [
            f"{name}: ×{log10_in_words(float(values[token]))}"
            for name, values in zip(explained, self._curves, strict=True)
        ]
        return "\n".join(lines)


def _numbers(layer: LayerSpectrum) -> str:
    """“λ₁ −0.62 nats a token · gradient ×0.54 a token towards the past”."""
    first = float(layer.lyapunov[0]) if len(layer.lyapunov) else math.nan
    written = f"{first:+.3g}".replace("-", "−") if math.isfinite(first) else "not finite"
    slope = (
        "exactly 0 or not finite somewhere" if layer.slope is None else f"×{_exp(layer.slope)} a token towards the past"
    )
    return f"λ₁ {written} nats a token · gradient {slope}"


def _exp(slope: float) -> str:
    return log10_in_words(slope / math.log(10))
