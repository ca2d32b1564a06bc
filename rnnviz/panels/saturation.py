"""Which units have gates that are stuck, and what is carried past them."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from rnnviz.analysis.flow import log10_in_words
from rnnviz.analysis.products import carry_range
from rnnviz.analysis.tables import saturation
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
from rnnviz.drawing.gate_hues import gate_hue, gate_label
from rnnviz.drawing.items import faint, label_font, pen, right_align
from rnnviz.drawing.legend import copy_in_words, draw_copy_mark
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, TOP, RIGHT = 38.0, 6.0, 3.0
SCATTER = 150.0  # pixels of the square's height
LINE = 15.0
CARRY = 84.0
DOT = 2.6
LIMITS = {
    "sigmoid": ("below 0.1", "above 0.9"),
    "tanh": ("below −0.8", "above 0.8"),
    "relu": ("exactly 0", "high (a ReLU never is)"),
}
NEAR = 8.0


class SaturationPanel(Panel):
    """A scatter of units, and the elementwise path through the gates of a cell that has one."""

    name = "saturation"
    title = "Saturation"
    sides: frozenset[Side] = frozenset({"causes"})
    phases: frozenset[Phase] = frozenset({"forward"})
    how_to_read = (
        "Each dot is one gate of one unit: to the right, the share of tokens at which it is above 0.9; up, the share "
        "at which it is below 0.1. On the slanted line it is always one or the other, at the origin never. A candidate "
        "and the state of a plain tanh cell count beyond ±0.8, a ReLU unit as low where it is 0 and never as high. "
        "Where everything is saturated φ′ is near 0 and no gradient passes. Below, for a cell that "
        "carries: the product of its keeping gate from each token to the last (in a layer marked ← to token 0, which "
        "it reads last), smallest, median and largest of all units."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"spectrum"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._spectrum: Spectrum | None = None
        self._layer = 0
        self._scatter: Axes | None = None
        self._carry_axes: Axes | None = None
        self._carry: Array = np.empty((3, 0))
        self._figure = Figure(theme, self._draw, self._height, self._words_at)
        self._caption = Caption()
        self.body.addWidget(self._figure)
        self.body.addWidget(self._caption)
        self._describe()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the cursor's layer."""
        if (studies.spectrum, cursor.layer) == (self._spectrum, self._layer):
            return
        before = self._height(0)
        self._spectrum, self._layer = studies.spectrum, cursor.layer
        self._carry = np.empty((3, 0)) if self._shown is None else carry_range(self._shown)
        self._describe()
        if self._height(0) != before:
            self._figure.updateGeometry()
        self._figure.redraw()

    def numbers(self) -> Table:
        """Every dot of the scatter."""
        return Table(self.title) if self._shown is None else saturation(self.title, self._shown, _limits(self._shown))

    @property
    def _shown(self) -> LayerSpectrum | None:
        return None if self._spectrum is None else self._spectrum.nearest(self._layer)

    def _describe(self) -> None:
        shown, spectrum = self._shown, self._spectrum
        if shown is None or spectrum is None:
            self.set_subtitle("share of tokens, a dot a unit")
            self._caption.say("")
            return
        gain = "" if spectrum.gain == 1 else f"{copy_in_words(spectrum.gain)} · "
        self.set_subtitle(f"{gain}share of tokens, a dot a unit · {layer_name(shown.layer, shown.direction)}")
        self._caption.say(f"mean φ′ {shown.mean_slope:.3g} over tokens and units: 1 lets a gradient pass, 0 stops it")

    def _height(self, _: int) -> float:
        scatter = TOP + SCATTER + 2 * TICKS_HEIGHT + LINE
        return scatter + (LINE + CARRY + TICKS_HEIGHT + 6 if self._carry.size else 0)

    def _draw(self) -> None:
        self._scatter = self._carry_axes = None
        shown, spectrum = self._shown, self._spectrum
        if shown is None or spectrum is None:
            self._figure.say()
            return
        self._draw_scatter(shown)
        if self._carry.size:
            self._draw_carry(shown)
        right = self._figure.width() - RIGHT - 4
        draw_copy_mark(self._figure.sheet, self.theme, spectrum.gain, right, TOP + 4)

    def _draw_scatter(self, shown: LayerSpectrum) -> None:
        sheet, theme = self._figure.sheet, self.theme
        frame = QRectF(GUTTER, TOP, self._figure.width() - GUTTER - RIGHT, SCATTER)
        axes = self._scatter = Axes(sheet, theme, frame, (-0.03, 1.03), (-0.03, 1.03))
        ticks = [(share, f"{share:.0%}") for share in (0, 0.5, 1)]
        axes.tick_x(ticks)
        axes.tick_y(ticks)
        axes.curve(np.array([0, 1]), np.array([1, 0]), pen(theme.muted, 1, Qt.PenStyle.DashLine))
        for name, (low, high) in shown.saturation.items():
            fill = sheet.path()
            fill.setBrush(faint(gate_hue(theme, shown.cell, name), 170))
            axes.dots(high, low, DOT, fill)
        right_align(
            sheet.text(theme.muted, label_font(8), _legend(shown)),
            frame.right(),
            frame.bottom() + 1.5 * TICKS_HEIGHT,
        )
        self._draw_names(shown, frame.bottom() + 2 * TICKS_HEIGHT)

    def _draw_names(self, shown: LayerSpectrum, top: float) -> None:
        left = 4.0
        for name in shown.saturation:
            hue = gate_hue(self.theme, shown.cell, name)
            item = self._figure.sheet.text(hue, label_font(8, bold=True), gate_label(shown.cell, name))
            item.setPos(left, top)
            left += item.boundingRect().width() + 8

    def _draw_carry(self, shown: LayerSpectrum) -> None:
        sheet, theme = self._figure.sheet, self.theme
        top = TOP + SCATTER + 2 * TICKS_HEIGHT + LINE
        sheet.text(theme.text, label_font(8, bold=True), _carry_name(shown)).setPos(4, top)
        low, high = decades_around(self._carry)
        tokens = self._carry.shape[1]
        frame = QRectF(GUTTER, top + LINE + 2, self._figure.width() - GUTTER - RIGHT, CARRY)
        axes = self._carry_axes = Axes(sheet, theme, frame, (0, max(tokens - 1, 1)), (low, high))
        axes.tick_y(decade_ticks(low, high, CARRY))
        axes.tick_x(whole_ticks(tokens - 1, frame.width()))
        for values, width in zip(self._carry, (1.0, 2.2, 1.0), strict=True):
            axes.curve(np.arange(tokens), values, pen(theme.backward, width))
            axes.marks(np.arange(tokens), values, theme.backward)

    def _words_at(self, place: QPointF) -> str:
        shown = self._shown
        if shown is not None and self._carry_axes is not None and self._carry_axes.frame.contains(place):
            token = min(max(round(self._carry_axes.x_at(place)), 0), self._carry.shape[1] - 1)
            low, middle, high = (log10_in_words(float(value)) for value in self._carry[:, token])
            return f"carried from token {token} to {shown.end}\nlargest {high}, median {middle}, smallest {low}"
        return self._unit_at(place)

    def _unit_at(self, place: QPointF) -> str:
        shown, axes = self._shown, self._scatter
        if shown is None or axes is None:
            return ""
        found = []
        for name, (low, high) in shown.saturation.items():
            away = np.nan_to_num(np.hypot(axes.across(high) - place.x(), axes.down(low) - place.y()), nan=np.inf)
            unit = int(away.argmin())
            found.append((float(away[unit]), name, unit, float(low[unit]), float(high[unit])))
        away_, name, unit, low_, high_ = min(found)
        if away_ > NEAR:
            return ""
        below, above = _limits(shown)[name]
        return f"{gate_label(shown.cell, name)}, unit {unit}: {below} at {low_:.0%} of tokens, {above} at {high_:.0%}"


def _carry_name(shown: LayerSpectrum) -> str:
    return f"carry path: Π {CELLS[shown.cell].carry_letter or 'kept'} from t to {shown.end}"


def _limits(shown: LayerSpectrum) -> dict[str, tuple[str, str]]:
    """What counts as low and as high, by the name of the gate: the rule of `analysis.causes.saturation` in words."""
    cell = CELLS[shown.cell]
    gates = {gate.name: gate.activation for gate in cell.gates}
    return {name: LIMITS[gates.get(name, cell.activation)] for name in shown.saturation}


def _legend(shown: LayerSpectrum) -> str:
    """“→ above 0.9   ↑ below 0.1 (n: ±0.8)”."""
    cell = CELLS[shown.cell]
    low, high = LIMITS["sigmoid" if cell.gates else cell.activation]
    signed = ", ".join(gate.letter for gate in cell.gates if gate.signed)
    return f"→ {high}   ↑ {low}" + (f" ({signed}: ±0.8)" if signed else "")
