"""The eigenvalues of the recurrent weights in the complex plane."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from rnnviz.analysis.tables import eigenvalues
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.spectrum import LayerSpectrum, Spectrum
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.trace import layer_name
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import TICKS_HEIGHT, Axes
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.gate_hues import gate_hue, gate_label
from rnnviz.drawing.items import faint, label_font, pen, right_align
from rnnviz.drawing.legend import copy_in_words, draw_copy_mark
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, RIGHT, TOP = 36.0, 3.0, 6.0
TALLEST = 260.0
LINE = 14.0
DOT = 2.6  # pixels from middle to rim
NEAR = 8.0  # pixels around the pointer


class EigenvaluesPanel(Panel):
    """One dot an eigenvalue, in the hue of its gate's block."""

    name = "eigenvalues"
    title = "Eigenvalues of W_hh"
    sides: frozenset[Side] = frozenset({"causes"})
    phases: frozenset[Phase] = frozenset({"backward"})
    how_to_read = (
        "Each dot is an eigenvalue of a block of the recurrent weights, in its gate's hue; the dashed circle has "
        "radius 1. ρ is the largest distance from 0, σ the largest factor by which the block stretches any vector. In "
        "a plain cell a dot outside the circle can make gradients explode and σ below 1 makes them vanish; with gates, "
        "the carry path of the cell counts as well."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"spectrum"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._spectrum: Spectrum | None = None
        self._layer = 0
        self._axes: Axes | None = None
        self._blocks = 1
        self._figure = Figure(theme, self._draw, self._height, self._words_at)
        self.body.addWidget(self._figure)
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
        self._describe()
        blocks = 1 if self._shown is None else len(self._shown.eigenvalues)
        if blocks != self._blocks:
            self._blocks = blocks
            self._figure.updateGeometry()
        self._figure.redraw()

    def numbers(self) -> Table:
        """Every eigenvalue."""
        return Table(self.title) if self._shown is None else eigenvalues(self.title, self._shown)

    @property
    def _shown(self) -> LayerSpectrum | None:
        return None if self._spectrum is None else self._spectrum.nearest(self._layer)

    def _describe(self) -> None:
        if self._spectrum is None or self._shown is None:
            self.set_subtitle("complex plane")
            return
        gain = "" if self._spectrum.gain == 1 else f"{copy_in_words(self._spectrum.gain)} · "
        self.set_subtitle(f"{gain}complex plane · {layer_name(self._shown.layer, self._shown.direction)}")

    def _height(self, width: int) -> float:
        return TOP + min(width - GUTTER - RIGHT, TALLEST) + TICKS_HEIGHT + 4 + LINE * (self._blocks + 1)

    def _draw(self) -> None:
        self._axes = None
        shown, spectrum = self._shown, self._spectrum
        if shown is None or spectrum is None:
            self._figure.say()
            return
        width = self._figure.width()
        side = min(width - GUTTER - RIGHT, TALLEST)
        reach = _reach(list(shown.eigenvalues.values()))
        across = reach * (width - GUTTER - RIGHT) / side
        frame = QRectF(GUTTER, TOP, width - GUTTER - RIGHT, side)
        axes = self._axes = Axes(self._figure.sheet, self.theme, frame, (-across, across), (-reach, reach))
        self._draw_scales(axes, reach)
        for name, values in shown.eigenvalues.items():
            fill = self._figure.sheet.path(fill=gate_hue(self.theme, shown.cell, name))
            fill.setBrush(faint(gate_hue(self.theme, shown.cell, name), 190))
            axes.dots(values.real, values.imag, DOT, fill)
        self._draw_numbers(shown, frame.bottom() + TICKS_HEIGHT + 2)
        draw_copy_mark(self._figure.sheet, self.theme, spectrum.gain, frame.right() - 4, frame.top() + 4)

    def _draw_scales(self, axes: Axes, reach: float) -> None:
        step = next(step for step in (0.5, 1, 2, 5, 10, 50, 100, 1000, 1e9) if reach / step <= 4)
        ticks = [(value, f"{value:g}".replace("-", "−")) for value in np.arange(-4, 5) * step if abs(value) < reach]
        axes.tick_x(ticks)
        axes.tick_y([(value, f"{label}i" if value else "0") for value, label in ticks])
        circle = QPainterPath()
        corners = [QPointF(float(axes.across(x)), float(axes.down(y))) for x, y in ((-1, 1), (1, -1))]
        circle.addEllipse(QRectF(*corners))
        self._figure.sheet.path(pen(self.theme.muted, 1.2, Qt.PenStyle.DashLine)).setPath(circle)

    def _draw_numbers(self, shown: LayerSpectrum, top: float) -> None:
        sheet, font = self._figure.sheet, label_font(8)
        places = self._figure.width() * 0.55, self._figure.width() - 4.0
        for right, words in zip(places, ("ρ = max |λ|", "σ = largest stretch"), strict=True):
            right_align(sheet.text(self.theme.muted, font, words), right, top + LINE / 2)
        for row, name in enumerate(shown.eigenvalues, start=1):
            middle = top + LINE * (row + 0.5)
            hue = gate_hue(self.theme, shown.cell, name)
            label = sheet.text(hue, label_font(8, bold=True), gate_label(shown.cell, name))
            right_align(label, 4 + label.boundingRect().width(), middle)
            for right, value in zip(places, (shown.radius[name], shown.sigma_max[name]), strict=True):
                right_align(sheet.text(self.theme.text, font, f"{value:.3g}"), right, middle)

    def _words_at(self, place: QPointF) -> str:
        """The nearest eigenvalue, where one is near."""
        if self._shown is None or self._axes is None:
            return ""
        found = []
        for name, values in self._shown.eigenvalues.items():
            known = values[np.isfinite(values)]
            away = np.hypot(self._axes.across(known.real) - place.x(), self._axes.down(known.imag) - place.y())
            if len(away) and away.min() <= NEAR:
                found.append((float(away.min()), name, complex(known[away.argmin()])))
        if not found:
            return ""
        _, name, value = min(found)
        number = f"{value.real:.3g} {'-' if value.imag < 0 else '+'} {abs(value.imag):.3g}i".replace("-", "−")
        return f"{gate_label(self._shown.cell, name)}: λ = {number}, |λ| = {abs(value):.3g}"


def _reach(blocks: list[Array]) -> float:
    """Half the height of the plane: the circle and every finite eigenvalue, in steps of a quarter."""
    found = np.concatenate([np.abs(values) for values in blocks])
    found = found[np.isfinite(found)]
    return max(1.25, float(np.ceil(found.max() * 4 + 0.2)) / 4 if found.size else 0)
