"""The gates: one strip each, with hue, letter and the share that is saturated."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from PySide6.QtWidgets import QGraphicsRectItem, QGraphicsSimpleTextItem

from rnnviz.analysis.flow import saturated_shares
from rnnviz.analysis.tables import gates
from rnnviz.cells import CELLS
from rnnviz.cells.cell import Gate
from rnnviz.domain.arrays import Array
from rnnviz.domain.intervention import ClampGate
from rnnviz.domain.table import Table
from rnnviz.domain.trace import LayerTrace
from rnnviz.drawing.colour_map import openness_table, quantise, signed_table
from rnnviz.drawing.heat_map import show_together
from rnnviz.drawing.items import label_font, rect_item, right_align, set_text, text_item
from rnnviz.drawing.strip import Strip
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import CHANGED, Offer, Picture, Place, Track, place_of

GAP = 4
ROOM_FOR_TWO_LINES = 26


class _GateStrip:
    """One gate: a picture, its name and its saturation in the gutter."""

    def __init__(self, gate: Gate, hue: str, parent: QGraphicsRectItem, theme: Theme) -> None:
        self.gate = gate
        self.strip = Strip(parent, theme, signed_table(theme) if gate.signed else openness_table(theme))
        self._edge = rect_item(parent, hue)
        self._name = text_item(parent, hue, label_font(8.5, bold=True), f"{gate.letter} {gate.name}")
        self._saturation = text_item(parent, theme.muted, label_font(8))
        self._anchor: tuple[float, float] = (0, 0)
        self.top = 0.0
        self.height = 1.0

    def place(self, axis: TokenAxis, top: float, height: float) -> None:
        self.top, self.height = top, height
        self.strip.place(axis, top, height)
        self._edge.setRect(axis.left - 9, top, 3, height)
        two_lines = height >= ROOM_FOR_TWO_LINES
        self._saturation.setVisible(two_lines)
        right_align(self._name, axis.left - 13, top + height / 2 - (7 if two_lines else 0))
        self._anchor = axis.left - 13, top + height / 2 + 7

    def show(self, saturated: float, unit: int, units: int) -> None:
        self.strip.mark(unit, units)
        set_text(self._saturation, f"{saturated:.0%} sat.")
        right_align(self._saturation, *self._anchor)

    def items(self) -> list[QGraphicsSimpleTextItem]:
        return [self._name, self._saturation]


class GatesTrack(Track):
    """Rebuilds its strips when the cell changes."""

    name = "gates"
    title = "Gates"
    how_to_read = (
        "Rows are units. White is open (1), black is shut (0); the candidate is a value to be written, so it is blue "
        "and orange. “sat.” is the share of values below 0.1 or above 0.9 (the candidate: beyond ±0.8): a saturated "
        "gate decides firmly, but hardly any gradient reaches its own weights."
    )
    weight = 3.2
    least_height = 104
    phases = frozenset({"forward"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._strips: list[_GateStrip] = []
        self._holder = QGraphicsRectItem(self.root)
        self._cell = ""
        self._changed = False

    @classmethod
    def applies_to(cls, layer: LayerTrace) -> bool:
        """Whether the cell has gates."""
        return bool(layer.gates)

    def shape_of(self, picture: Picture) -> object:
        """Tokens and cell."""
        return picture.trace.tokens, picture.layer.cell

    def place(self, axis: TokenAxis, height: float) -> None:
        """Divide the height among the gates."""
        self._axis, self._height = axis, height
        self._place_strips()

    def show(self, picture: Picture) -> None:
        """Show every gate of the cursor's layer."""
        if picture.layer.cell != self._cell:
            self._build(picture.layer.cell)
        # From here on 0 … 1 for every gate; all together, because every single call of numpy lets the training cut in.
        values = self._opened(picture.layer)
        changed = picture.change is not None
        self._choose_colours(changed=changed)
        drawn = values if picture.change is None else (_stacked(picture.change, self._strips) + 1) / 2
        show_together([strip.strip.map for strip in self._strips], quantise(drawn, 0, 1).transpose(0, 2, 1))
        own = values[:, : picture.trace.tokens - picture.trace.padding]  # what only fills up says nothing
        for saturated, strip in zip(saturated_shares(own), self._strips, strict=True):
            strip.show(saturated, picture.cursor.unit, values.shape[-1])

    def subtitle(self, picture: Picture) -> str:
        """Name the rule of the colours and of saturation."""
        if picture.change is not None:
            return f"{CHANGED}−1 … +1 · sat.: below 0.1 or above 0.9 with them"
        return "white = open, 1 · black = shut, 0 · sat.: below 0.1 or above 0.9"

    def numbers(self, picture: Picture) -> Table:
        """Every gate of every unit, or what changed of it."""
        return gates(self.title, picture.values, "Δ" if picture.change else "")

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """“forget gate of unit 3 at token 7: 0.9312 — 1 = keep …”."""
        strip, unit = self._strip_at(y), self.unit_at(y)
        if strip is None or unit is None or strip.gate.name not in picture.layer.gates:
            return ""
        value = picture.layer.gates[strip.gate.name][token, unit]
        shown = f"{value:+.4f}" if strip.gate.signed else f"{value:.4f}"
        if picture.change is not None:
            shown += f", changed by {picture.change.gates[strip.gate.name][token, unit]:+.4f}"
        return f"{strip.gate.name} of unit {unit} at token {token}: {shown}\n{strip.gate.meaning}"

    def offers(self, picture: Picture, token: int, unit: int, y: float | None) -> tuple[Offer, ...]:
        """Hold the gate that is pointed at, or any of them, open, shut or at a value."""
        pointed = self._strips if y is None else [strip for strip in (self._strip_at(y),) if strip is not None]
        place = place_of(picture.layer)
        return tuple(offer for strip in pointed for offer in _offers(strip.gate, token, unit, place))

    def _opened(self, layer: LayerTrace) -> Array:
        """All gates (G, T, H) as 0 … 1."""
        values = _stacked(layer, self._strips)
        for opened, strip in zip(values, self._strips, strict=True):
            if strip.gate.signed:
                np.multiply(opened + 1, 0.5, out=opened)
        return values

    def _choose_colours(self, *, changed: bool) -> None:
        if changed == self._changed:
            return
        self._changed = changed
        for strip in self._strips:
            signed = changed or strip.gate.signed
            strip.strip.map.set_table(signed_table(self.theme) if signed else openness_table(self.theme))

    def unit_at(self, y: float) -> int | None:
        """The unit whose row, in whichever strip, holds ``y``."""
        strip = self._strip_at(y)
        return None if strip is None else strip.strip.unit_at(y)

    def _build(self, cell: str) -> None:
        scene = self._holder.scene()
        if scene is not None:
            scene.removeItem(self._holder)
        self._holder = QGraphicsRectItem(self.root)
        self._strips = [
            _GateStrip(gate, self.theme.gate(block), self._holder, self.theme)
            for block, gate in enumerate(CELLS[cell].gates)
        ]
        self._cell, self._changed = cell, False
        self._place_strips()

    def _place_strips(self) -> None:
        if not self._strips:
            return
        each = (self._height - GAP * (len(self._strips) - 1)) // len(self._strips)
        for row, strip in enumerate(self._strips):
            strip.place(self._axis, row * (each + GAP), each)

    def _strip_at(self, y: float) -> _GateStrip | None:
        return next((strip for strip in self._strips if strip.top <= y < strip.top + strip.height), None)


def _stacked(layer: LayerTrace, strips: list[_GateStrip]) -> Array:
    return np.stack([layer.gates[strip.gate.name] for strip in strips])


def _offers(gate: Gate, token: int, unit: int, place: Place) -> tuple[Offer, ...]:
    name, shut = gate.name, -1.0 if gate.signed else 0.0

    def offer(words: str, make: Callable[[Any], ClampGate], asks: Literal["", "a number"] = "a number") -> Offer:
        return Offer(f"Hold {name} {words}", make, asks, f"{gate.letter} {name}")

    return (
        offer(f"at {shut:g}, all units", lambda _: ClampGate(name, shut, **place), ""),
        offer("at 1, all units", lambda _: ClampGate(name, 1.0, **place), ""),
        offer("at …, all units", lambda value: ClampGate(name, value, **place)),
        offer(f"of unit {unit} at …", lambda value: ClampGate(name, value, unit, **place)),
        offer(f"of unit {unit} at token {token} at …", lambda value: ClampGate(name, value, unit, token, **place)),
    )
