"""Who teaches whom: the gradient of every token's loss with respect to every state, as a triangle."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsRectItem, QToolButton

from rnnviz.analysis.flow import log10_in_words
from rnnviz.analysis.memory import nearest_row, unreachable
from rnnviz.analysis.tables import influence_matrix
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.influence import Influence
from rnnviz.domain.phase import Phase
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import decades_around
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.colour_map import CLEAR, magnitude_table, quantise_log
from rnnviz.drawing.decades import Decades, power_of_ten
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import centre, label_font, right_align
from rnnviz.drawing.legend import draw_magnitude_legend
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

GUTTER, RIGHT, TOP = 27.0, 3.0, 6.0
TALLEST = 300.0  # pixels of the map
BELOW = 52.0  # pixels for ticks, their name and the legend
NARROWEST_MARK = 3.0  # pixels that the cursor's row and column are wide at least
ROW_DECADES = 6  # of a row that is rescaled to its own peak
MOST_DECADES = 16


class InfluencePanel(Panel):
    """Drawn anew with every study; a cursor that moves moves only its marks."""

    name = "influence"
    title = "Who teaches whom"
    sides: frozenset[Side] = frozenset({"influence"})
    phases: frozenset[Phase] = frozenset({"backward"})
    how_to_read = (
        "A row is the loss of one token s, a column the state of one token t: the colour is how strongly that loss "
        "asks that state to change. Only a narrow band along the diagonal means that the losses teach just the last "
        "few states; a bright column is a state that many later losses depend on. Layers that read both ways fill "
        "the whole square. Point to read a value, click to "
        "choose the token of a row."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"influence"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._influence: Influence | None = None
        self._cursor = Cursor()
        self._decades = Decades(-4, 0)
        self._marks: tuple[QGraphicsRectItem, QGraphicsRectItem] | None = None
        self._figure = Figure(theme, self._draw, _height, self._words_at)
        self._figure.pressed.connect(self._on_pressed)
        self._rescale = QToolButton()
        self._rescale.setText("rescale each row to its own peak")
        self._rescale.setCheckable(True)
        self._rescale.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._rescale.toggled.connect(self._show_anew)
        self._caption = Caption()
        for part in (self._figure, self._caption, self._rescale):
            self.body.addWidget(part)
        self._describe()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the cursor's layer."""
        before, self._cursor = self._cursor, cursor
        if studies.influence is not self._influence:
            self._influence = studies.influence
            self._follow()
            self._show_anew()
        elif cursor.layer != before.layer:
            self._show_anew()
        elif cursor != before:
            self._mark()

    def numbers(self) -> Table:
        """The matrix of the cursor's layer."""
        influence = self._influence
        return Table(self.title) if influence is None else influence_matrix(self.title, influence, self._layer)

    def _follow(self) -> None:
        """One range for all layers, which moves seldom."""
        if self._influence is not None:
            found = np.concatenate([norms.ravel() for norms in self._influence.log10_norms])
            self._decades.follow(np.array(decades_around(found, 3, MOST_DECADES), float))

    def _show_anew(self) -> None:
        self._describe()
        self._figure.redraw()

    def _describe(self) -> None:
        influence, decades = self._influence, self._decades
        if influence is None:
            self.set_subtitle("‖∂ℓₛ/∂hₜ‖₂, log")
            self._caption.say("")
            return
        scale = f"{power_of_ten(decades.low)} … {power_of_ten(decades.high)} in all layers"
        if self._rescale.isChecked():
            scale = f"each row rescaled: {power_of_ten(-ROW_DECADES)} … 1 of its peak"
        self.set_subtitle(f"‖∂ℓₛ/∂hₜ‖₂, log · {scale} · {influence.name(self._layer)}")
        self._caption.say(_in_words(influence, self._layer))

    @property
    def _layer(self) -> int:
        return 0 if self._influence is None else min(self._cursor.layer, len(self._influence.log10_norms) - 1)

    def _draw(self) -> None:
        self._marks = None
        if self._influence is None:
            self._figure.say()
            return
        norms = self._influence.log10_norms[self._layer]
        if self._rescale.isChecked():
            cells = quantise_log(_rescaled(norms), -ROW_DECADES, 0)
            ends = power_of_ten(-ROW_DECADES), "peak"
        else:
            cells = quantise_log(norms, self._decades.low, self._decades.high)
            ends = power_of_ten(self._decades.low), power_of_ten(self._decades.high)
        cells[unreachable(self._influence, self._layer)] = CLEAR
        place = self._place()
        heat_map = self._figure.sheet.heat_map()
        heat_map.set_table(magnitude_table(self.theme))
        heat_map.place(place)
        heat_map.show_bytes(cells)
        self._figure.sheet.rect("transparent", border=self.theme.line).setRect(place)
        self._draw_scales(place)
        legend = QRectF(2, place.bottom() + 34, place.right() - 2, 12)
        draw_magnitude_legend(self._figure.sheet, self.theme, legend, ends)
        sheet, amber = self._figure.sheet, self.theme.amber
        self._marks = sheet.rect("transparent", border=amber), sheet.rect("transparent", border=amber)
        self._mark()

    def _draw_scales(self, place: QRectF) -> None:
        influence = self._influence
        assert influence is not None  # noqa: S101  # _draw has looked
        sheet, muted, font = self._figure.sheet, self.theme.muted, label_font(8)
        last = influence.tokens - 1
        for token in _ticks(last, place.width() / 34):
            x = place.left() + (token + 0.5) * place.width() / influence.tokens
            centre(sheet.text(muted, font, str(token)), x, place.bottom() + 8)
        rows = len(influence.loss_tokens)
        for row in _ticks(rows - 1, place.height() / 20):
            y = place.top() + (row + 0.5) * place.height() / rows
            right_align(sheet.text(muted, font, str(influence.loss_tokens[row])), place.left() - 4, y)
        name = sheet.text(muted, font, "row: loss of token s · column: state t")
        name.setPos(2, place.bottom() + 15)

    def _mark(self) -> None:
        """Outline the cursor's row and column."""
        influence = self._influence
        if influence is None or self._marks is None:
            return
        place, row = self._place(), nearest_row(influence, self._cursor.token)
        width, height = place.width() / influence.tokens, place.height() / len(influence.loss_tokens)
        token = min(self._cursor.token, influence.tokens - 1)
        thick, high = max(width, NARROWEST_MARK), max(height, NARROWEST_MARK)
        middle_x, middle_y = place.left() + (token + 0.5) * width, place.top() + (row + 0.5) * height
        self._marks[0].setRect(QRectF(place.left(), middle_y - high / 2, place.width(), high))
        self._marks[1].setRect(QRectF(middle_x - thick / 2, place.top(), thick, place.height()))

    def _place(self) -> QRectF:
        """Where the map lies."""
        width = self._figure.width()
        return QRectF(GUTTER, TOP, max(width - GUTTER - RIGHT, 10), _height(width) - TOP - BELOW)

    def _cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Row and column at ``place``."""
        where, influence = self._place(), self._influence
        if influence is None or not where.contains(place):
            return None
        row = int((place.y() - where.top()) / where.height() * len(influence.loss_tokens))
        token = int((place.x() - where.left()) / where.width() * influence.tokens)
        return min(row, len(influence.loss_tokens) - 1), min(token, influence.tokens - 1)

    def _words_at(self, place: QPointF) -> str:
        found, influence = self._cell_at(place), self._influence
        if found is None or influence is None:
            return ""
        loss_token, token = int(influence.loss_tokens[found[0]]), found[1]
        if unreachable(influence, self._layer)[found]:
            return f"the loss of token {loss_token} does not depend on the state at token {token}"
        value = float(influence.log10_norms[self._layer][found])
        return f"loss of token {loss_token} → state at token {token}: {log10_in_words(value)}"

    def _on_pressed(self, place: QPointF) -> None:
        found = self._cell_at(place)
        if found is not None and self._influence is not None:
            self.token_chosen.emit(int(self._influence.loss_tokens[found[0]]))


def _height(width: int) -> float:
    """A square map, but no taller than is useful."""
    return TOP + min(max(width - GUTTER - RIGHT, 60), TALLEST) + BELOW


def _ticks(last: int, most: float) -> range:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if last // step + 1 <= max(most, 2))
    return range(0, last + 1, step)


def _rescaled(log10_norms: Array) -> Array:
    """Rows relative to their largest finite value."""
    finite = np.isfinite(log10_norms)
    peaks = np.max(log10_norms, axis=1, where=finite, initial=-np.inf)
    return np.asarray(log10_norms - np.where(np.isfinite(peaks), peaks, 0)[:, None])


def _in_words(influence: Influence, layer: int) -> str:
    """What was checked, and what was left out."""
    residual = influence.residuals[layer]
    of_these = " of these losses" if influence.subsampled else ""
    words = f"rows sum to the total gradient{of_these} within {residual:.1g} of its norm"
    if not math.isfinite(residual):
        words = "the sum of the rows could not be checked"
    return f"{_left_out(influence)} · {words}" if influence.subsampled else words


def _left_out(influence: Influence) -> str:
    steps = np.diff(influence.loss_tokens)
    if not len(steps) or (steps != steps[0]).any():
        return f"{len(influence.loss_tokens)} of {influence.tokens} loss tokens"
    step = int(steps[0])
    ending = "th" if step % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(step % 10, "th")
    return f"every {step}{ending} loss token"
