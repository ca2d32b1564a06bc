"""What one update did to every parameter: its gradient, what clipping left of it, and the step that was taken."""

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QToolButton

from rnnviz.analysis import tables
from rnnviz.domain.anatomy import PartAnatomy, UpdateAnatomy
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import decades_around
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.decades import power_of_ten
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import label_font, right_align, rows_path
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

NAMES, INDENT = 94.0, 10.0  # pixels for the names, and before those of blocks
ROW, HEAD = 19.0, 17.0
GAP, BAR = 6.0, 4.0
COLUMNS = ("raw", "clipped", "step")
MOST_DECADES = 12
WHOLE = "all weights"


class AnatomyPanel(Panel):
    """A row a parameter; gate blocks are folded away until they are asked for."""

    name = "anatomy"
    title = "What clipping did"
    sides: frozenset[Side] = frozenset({"clipping"})
    phases: frozenset[Phase] = frozenset({"clip", "update"})
    how_to_read = (
        "Three lengths for every parameter, on one log scale: its gradient as it came, what clipping handed to the "
        "optimiser, and the change of the weights that the optimiser made of that. Clipping by norm shortens "
        "everything by one factor and keeps the direction; clipping by value cuts single entries and turns it. An "
        "optimiser like Adam rescales every weight by itself, so its step may point far from downhill and hardly "
        "shrink when the gradient is clipped."
    )
    stretch = 0
    not_recorded = "not in this recording: what the\noptimiser did is not recorded"
    wants: frozenset[StudyName] = frozenset({"anatomy"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._anatomy: UpdateAnatomy | None = None
        self._rows: list[tuple[PartAnatomy, int]] = []  # and the row block of a gate, −1 for a whole parameter
        self._caption = Caption()
        self._blocks = QToolButton()
        self._blocks.setText("gate blocks")
        self._blocks.setCheckable(True)
        self._blocks.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._blocks.toggled.connect(self._show_anew)
        self._figure = Figure(theme, self._draw, lambda _: HEAD + ROW * max(len(self._rows), 2) + 4, self._words_at)
        for part in (self._caption, self._blocks, self._figure):
            self.body.addWidget(part)
        self._show_anew()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the newest update that was taken apart."""
        if studies.anatomy is not self._anatomy:
            self._anatomy = studies.anatomy
            self._show_anew()

    def numbers(self) -> Table:
        """Every parameter and block, folded away or not."""
        return Table(self.title) if self._anatomy is None else tables.anatomy(self.title, self._anatomy)

    def _show_anew(self) -> None:
        anatomy, before = self._anatomy, len(self._rows)
        self._rows = [] if anatomy is None else list(_rows(anatomy, blocks=self._blocks.isChecked()))
        self._blocks.setEnabled(anatomy is not None and any(part.block for part in anatomy.parts))
        self._caption.say("" if anatomy is None else in_words(anatomy))
        self.set_subtitle("Euclidean norms, log" if anatomy is None else self._scale(anatomy))
        if len(self._rows) != before:
            self._figure.updateGeometry()
        self._figure.redraw()

    def _scale(self, anatomy: UpdateAnatomy) -> str:
        low, high = _decades(anatomy)
        how = "clipping off" if anatomy.clip == "off" else f"by {anatomy.clip} at {anatomy.threshold:.3g}"
        return f"update {anatomy.update} · {how} · ‖·‖₂, log {power_of_ten(low)} … {power_of_ten(high)}"

    def _draw(self) -> None:
        if self._anatomy is None:
            self._figure.say()
            return
        low, high = _decades(self._anatomy)
        values = np.array([[part.raw, part.clipped, part.step] for part, _ in self._rows])
        colours = self.theme.backward, self.theme.text, self.theme.positive
        for row, (part, block) in enumerate(self._rows):
            self._draw_name(part, block, HEAD + ROW * row)
        for column, (name, colour) in enumerate(zip(COLUMNS, colours, strict=True)):
            left = NAMES + column * self._column_width
            self._figure.sheet.text(colour, label_font(8, bold=True), name).setPos(left, 1)
            self._draw_column(left, values[:, column], colour, (low, high))

    @property
    def _column_width(self) -> float:
        return (self._figure.width() - NAMES - 2) / len(COLUMNS)

    def _draw_column(self, left: float, values: Array, colour: str, decades: tuple[int, int]) -> None:
        """Numbers over bars; what is not finite has a full bar in its own colour, an exact 0 none."""
        sheet, theme, (low, high) = self._figure.sheet, self.theme, decades
        width = self._column_width - GAP
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.clip((np.log10(values) - low) / (high - low), 0.02, 1)
        broken = ~np.isfinite(values)
        for item_colour, chosen in ((colour, ~broken & (values > 0)), (theme.nonfinite, broken)):
            lengths = np.where(broken, 1.0, shares)[chosen] * width
            tops = HEAD + ROW * np.flatnonzero(chosen) + ROW - BAR - 1
            sheet.path(fill=item_colour).setPath(rows_path(left, tops, lengths, BAR))
        for row, value in enumerate(values.tolist()):
            word_colour = theme.text if math.isfinite(value) else theme.nonfinite
            sheet.text(word_colour, label_font(8), _number(value)).setPos(left, HEAD + ROW * row)

    def _draw_name(self, part: PartAnatomy, block: int, top: float) -> None:
        colour = self.theme.text if block < 0 else self.theme.gate(block)
        words = readable(part.name) if block < 0 else part.block
        item = self._figure.sheet.text(colour, label_font(8, bold=part.name == WHOLE), words)
        left = 2 + (INDENT if block >= 0 else 0)
        item.setScale(min(1.0, (NAMES - left - 4) / max(item.boundingRect().width(), 1)))
        right_align(item, left + item.boundingRect().width(), top + (ROW - BAR) / 2)

    def _words_at(self, place: QPointF) -> str:
        row = int((place.y() - HEAD) // ROW)
        if not 0 <= row < len(self._rows):
            return ""
        part, _ = self._rows[row]
        block = f", {part.block}" if part.block else ""
        return (
            f"{readable(part.name)}{block}\n‖gradient‖ {_number(part.raw)}, clipped {_number(part.clipped)}\n"
            f"‖step‖ {_number(part.step)}, ‖weights‖ {_number(part.weight)}, ratio {_ratio(part.step, part.weight)}"
        )


def in_words(anatomy: UpdateAnatomy) -> str:
    """“0.82 → 0.2 (×0.244) · turned 0° · 41% of the last 100 clipped · step turned 63° from it · …”."""
    step = (
        f"step turned {_degrees(anatomy.step_angle)} from it · "
        f"‖step‖/‖weights‖ {_ratio(anatomy.step, anatomy.weight)} ({anatomy.optimizer})"
    )
    if anatomy.clip == "off":
        return f"{_number(anatomy.raw)} · clipping off · {step}"
    return (
        f"{_number(anatomy.raw)} → {_number(anatomy.clipped)} (×{_number(anatomy.coefficient)}) · "
        f"turned {_degrees(anatomy.clip_angle)} · {anatomy.share_clipped:.0%} of the last 100 clipped · {step}"
    )


def readable(name: str) -> str:
    """“layers.0.weight_hh_l0” → “layer 1 W_hh”, “layers.0.back.bias_ih_l0” → “layer 1 ← b_ih”; others as they are."""
    words = name.split(".")
    if words[0] == "attention":
        return "attention " + {"between": "W", "of_query": "W query", "of_key": "U key", "of_both": "v"}.get(
            words[-2], "read-out W" if words[-1] == "weight" else "read-out b"
        )
    if words[0] == "layers" and len(words) in {3, 4}:
        kind = words[-1].removesuffix("_l0").replace("weight_", "W_").replace("bias_", "b_")
        arrow = {"ahead": " →", "back": " ←", "encoder": " reading", "decoder": " writing"}.get(words[2], "")
        return f"layer {int(words[1]) + 1}{arrow} {kind}"
    return {"embedding.weight": "embedding", "readout.weight": "read-out W", "readout.bias": "read-out bias"}.get(
        name, name
    )


def _rows(anatomy: UpdateAnatomy, *, blocks: bool) -> Iterator[tuple[PartAnatomy, int]]:
    """All weights together, then every part that is not folded away, with the number of its block."""
    yield PartAnatomy(WHOLE, "", anatomy.raw, anatomy.clipped, anatomy.step, anatomy.weight), -1
    block = -1
    for part in anatomy.parts:
        block = block + 1 if part.block else -1
        if blocks or not part.block:
            yield part, block


def _decades(anatomy: UpdateAnatomy) -> tuple[int, int]:
    """One scale for all bars, blocks shown or not."""
    numbers = [number for part in anatomy.parts for number in (part.raw, part.clipped, part.step)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return decades_around(np.log10([*numbers, anatomy.raw, anatomy.clipped, anatomy.step]), 3, MOST_DECADES)


def _number(value: float) -> str:
    return f"{value:.3g}"


def _degrees(angle: float) -> str:
    return f"{angle:.0f}°" if math.isfinite(angle) else "an unknown angle"


def _ratio(part: float, whole: float) -> str:
    return _number(part / whole) if whole > 0 else "–"
