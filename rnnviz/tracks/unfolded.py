"""The network unfolded through time: what is read, the cells, what is predicted, and both directions between them."""

import math
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsSimpleTextItem

from rnnviz.analysis import tables
from rnnviz.analysis.flow import norm_in_words
from rnnviz.domain.arrays import Array
from rnnviz.domain.intervention import ChangeInput, ChangeToken
from rnnviz.domain.phase import Phase
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Reading
from rnnviz.drawing.decades import power_of_ten
from rnnviz.drawing.items import (
    label_font,
    path_item,
    pen,
    right_align,
    still,
    text_item,
)
from rnnviz.drawing.label_row import LabelRow, letters_fit
from rnnviz.drawing.label_targets import HEIGHT as SAID
from rnnviz.drawing.label_targets import ROW, LabelTargets
from rnnviz.drawing.layer_cells import NARROWEST_CELL, LayerCells, Place
from rnnviz.drawing.look_lines import LookLines
from rnnviz.drawing.number_row import NumberRow, row_height
from rnnviz.drawing.number_targets import NumberTargets
from rnnviz.drawing.reading_words import NAMED, reading_in_words
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import FADED, Offer, Picture, Sweep, Track

WIRE = 9.0  # pixels between rows
LOWEST_CELL = 16.0  # pixels
LOOKS = 26.0  # pixels between the cells and what is said, for the lines of attention


class UnfoldedTrack(Track):
    """From top to bottom: what was wanted and what was said, layers from the last to the first, what was read."""

    name = "unfolded"
    title = "Unfolded through time"
    how_to_read = (
        "Every column is one token. From below: what is read, the cell of each layer with a few of its "
        "units (blue positive, orange negative), how probable the right answer was, the network's best guess "
        "(underlined where wrong) and what really came; nothing where nothing is asked. Numbers are bars around a zero "
        "line, each channel on its own scale, or a column of pixels; a wanted number is a tick, the predicted one a "
        "blue mark, the error the line between, red beyond the task's tolerance. Arrows at the top of the cells carry "
        "the state forward; wedges at the bottom bring the gradient back, taller and stronger in colour where ‖∂L/∂h‖ "
        "is larger. "
        "A row marked ← reads from right to left: its state goes to the left, its gradient to the right; both rows of "
        "a layer read the same, and what is above them reads both. A line at the left edge: the state there was "
        "carried over from the batch before, and no gradient passes. With attention, lines above the cells lead from "
        "the token at the cursor to those it looks at, or from one that was read to those that look at it, the "
        "stronger the wider. A dashed line: from there on a decoder with weights of its own writes. "
        "Veiled columns at the right end only fill up the sequence: nothing is asked there."
    )
    weight = 2.6
    least_height = 132

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._wires = still(path_item(self.root, pen(theme.line)))
        self._said: LabelTargets | NumberTargets | None = None
        self._read: LabelRow | NumberRow | None = None
        self._wired: tuple[bool, ...] = ()  # the tokens that have a target, as their wires are drawn
        self._layers: list[LayerCells] = []
        self._boundary = still(path_item(self.root, pen(theme.text, 2)))
        self._takeover = still(path_item(self.root, pen(theme.text, 1.5, Qt.PenStyle.DashLine)))
        self._looks: LookLines | None = None
        self._phase: Phase | None = None
        self._labels: list[QGraphicsSimpleTextItem] = []

    def shape_of(self, picture: Picture) -> object:
        """Tokens, layers with their directions, whether a state is carried in, and what is read and predicted."""
        layers = tuple(layer.direction for layer in picture.trace.layers)
        trace = picture.trace
        looks = trace.attention is not None, trace.decoded_from
        return trace.tokens, layers, trace.carried, _kinds(trace.reading), looks

    def needs(self, picture: Picture) -> float:
        """Room for what is read and said, and for cells in which a wedge and an arrow lie one above the other."""
        rows = SAID + WIRE + _wanted_bottom(picture.trace.reading) + _room_to_look(picture)
        return max(self.least_height, rows + len(picture.trace.layers) * (LOWEST_CELL + WIRE))

    def place(self, axis: TokenAxis, height: float) -> None:
        """Give the cells what the rows above and below leave."""
        self._axis, self._height = axis, height
        self._letters_fit = letters_fit(axis)
        self._placed = False

    def show(self, picture: Picture) -> None:
        """Show what was read and said, cells and arrows."""
        if not self._placed:
            self._build(picture)
        if picture.trace.reading is not None:
            self._show_reading(picture.trace.reading, picture.cursor.token)
        if self._looks is not None and picture.trace.attention is not None:
            self._looks.show(picture.trace.attention, picture.cursor.token)
        drawn = picture.changes or picture.trace.layers
        for row, layer, shown in zip(self._layers, picture.trace.layers, drawn, strict=True):
            row.show(layer, shown.hidden, picture.decades)

    def subtitle(self, picture: Picture) -> str:
        """Say what arrows mean and over which range."""
        low, high = power_of_ten(picture.decades.low), power_of_ten(picture.decades.high)
        labels = isinstance(self._said, LabelTargets) or isinstance(self._read, LabelRow)
        # First, as a narrow score cuts the end off.
        narrow = "some letters around the cursor, not over columns · " if labels and not self._letters_fit else ""
        signs = "strips" if self._axis.step < NARROWEST_CELL else "arrows: state · wedges"
        cells = "cells: Δh by the interventions · " if picture.changes else ""
        carried = " · ┃ carried state, no gradient passes" if picture.trace.carried else ""
        writes = "" if picture.trace.decoded_from is None else f" · ┊ decoder from token {picture.trace.decoded_from}"
        return f"{narrow}{cells}{signs}: ‖∂L/∂hₜ‖₂, {low} … {high}{carried}{writes}"

    def numbers(self, picture: Picture) -> Table:
        """What was read, said and lost, and the gradient in every layer."""
        return tables.unfolded(self.title, picture.trace)

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """What was read, guessed and came; inside a cell its gradient."""
        layer_index = self.layer_at(y)
        if layer_index is not None:
            layer = picture.trace.layers[layer_index]
            gradient = "" if layer.hidden_grads is None else f"‖∂L/∂h‖₂ {norm_in_words(layer.hidden_grads, token)}"
            return f"{layer.name} at token {token}\n{gradient}"
        reading, losses = picture.trace.reading, picture.trace.losses
        return "" if reading is None or losses is None else reading_in_words(reading, losses, token)

    def show_phase(self, phase: Phase | None) -> None:
        """Light the forward lane, what the loss is made of, or the backward lane."""
        self._phase = phase
        forward, loss, backward = (1.0 if phase in (None, lit) else FADED for lit in ("forward", "loss", "backward"))
        for part, opacity in ((self._read, forward), (self._said, loss)):
            if part is not None:
                part.light(opacity)
        for row in self._layers:
            row.light(forward, backward)
        if self._looks is not None:
            self._looks.light(forward)

    def offers(self, picture: Picture, token: int, unit: int, y: float | None) -> tuple[Offer, ...]:
        """Read something else."""
        reading = picture.trace.reading
        if reading is None:
            return ()
        if reading.values is not None:
            return _other_numbers(reading.values[token].tolist(), reading.channels, token)
        return (Offer(f"Read another token at {token} …", lambda label: ChangeToken(token, label), "a token"),)

    def layer_at(self, y: float) -> int | None:
        """The layer whose cells are at ``y``."""
        return next((row.index for row in self._layers if row.top <= y < row.top + row.height), None)

    def _build(self, picture: Picture) -> None:
        for part in (*self._layers, self._said, self._read, self._looks):
            if part is not None:
                part.remove()
        for item in self._labels:
            item.scene().removeItem(item)
        self._labels, self._said, self._read, self._wired = [], None, None, ()
        self._bottom = ROW  # pixels of what is read
        if picture.trace.reading is not None:
            self._build_reading(picture.trace.reading)
        self._label("input", self._height - self._bottom / 2)
        self._build_layers(picture)
        self._wires.setPath(self._wire_path(np.arange(picture.trace.tokens)))
        self._placed = True
        self.show_phase(self._phase)

    def _build_reading(self, reading: Reading) -> None:
        """Rows for what is read and said, by what that is."""
        if reading.values is None:
            self._read = LabelRow(self.root, self.theme.text, self._axis, self._height - ROW / 2)
        else:
            count = len(reading.channels)
            self._bottom = float(int(row_height(count, self._height)))
            strip = (self._height - self._bottom, self._bottom)
            self._read = NumberRow(self.root, self.theme, self._axis, strip, (count, reading.frame))
        if reading.wanted is None:
            self._said = LabelTargets(self.root, self.theme, self._axis)
        elif reading.outputs:
            kind = len(reading.outputs), reading.outputs_frame
            self._said = NumberTargets(self.root, self.theme, self._axis, SAID, kind)
        for name, y in () if self._said is None else self._said.gutter:
            self._label(name, y)

    def _build_layers(self, picture: Picture) -> None:
        looks = _room_to_look(picture)
        self._looks = LookLines(self.root, self.theme, self._axis, SAID + WIRE, looks) if looks else None
        if looks:
            self._label("attention", SAID + WIRE + looks / 2, self.theme.amber)
        said = SAID if picture.trace.reading is None or self._said is not None else 0.0
        top = said + WIRE + looks
        count = len(picture.trace.layers)
        each = max((self._height - self._bottom - WIRE - top - WIRE * (count - 1)) / count, 1.0)
        self._layers = []
        for index, layer in enumerate(picture.trace.layers):
            above = top + (count - 1 - index) * (each + WIRE)
            place = Place(index, above, each, layer.direction == "backward")
            row = LayerCells(self.root, self.theme, self._axis, place)
            self._layers.append(row)
            self._label(layer.name, row.top + each / 2)
        turned = {row.turned: row for row in self._layers}  # the top row of each direction
        for row in turned.values():
            if row.height > 44 and self._axis.step >= NARROWEST_CELL:
                self._label("← state" if row.turned else "state →", row.forward_y, self.theme.positive)
                self._label("gradient →" if row.turned else "← gradient", row.backward_y, self.theme.backward)

        self._boundary.setPath(self._boundary_path() if picture.trace.carried else QPainterPath())
        self._takeover.setPath(self._takeover_path(picture.trace.decoded_from))

    def _takeover_path(self, token: int | None) -> QPainterPath:
        """Between the last token that the encoder reads and the first of the decoder."""
        path = QPainterPath()
        if token is not None:
            x = self._axis.left + token * self._axis.step
            path.moveTo(x, self._layers[-1].top - 2)
            path.lineTo(x, self._height)
        return path

    def _boundary_path(self) -> QPainterPath:
        """Where one batch ends and the next begins, with what is carried over."""
        left, path = self._axis.left - 3.0, QPainterPath()
        lowest = self._layers[0]
        path.moveTo(left, self._layers[-1].top)
        path.lineTo(left, lowest.top + lowest.height)
        for row in self._layers:
            path.moveTo(left - 5, row.forward_y)
            path.lineTo(left + 4, row.forward_y)
            path.lineTo(left + 1, row.forward_y - 3)
            path.moveTo(left + 4, row.forward_y)
            path.lineTo(left + 1, row.forward_y + 3)
        return path

    def sweeps(self, picture: Picture, height: float) -> tuple[Sweep, ...]:
        """Each layer in the direction in which it reads."""
        if all(layer.direction == "forward" for layer in picture.trace.layers):
            return (Sweep(0, height, "forward"),)
        return tuple(Sweep(row.top, row.height, "backward" if row.turned else "forward") for row in self._layers)

    def _label(self, text: str, y: float, colour: str = "") -> None:
        item = text_item(self.root, colour or self.theme.muted, label_font(8), text)
        right_align(item, self._axis.left - 8, y)
        self._labels.append(item)

    def _show_reading(self, reading: Reading, chosen: int) -> None:
        if isinstance(self._read, NumberRow) and reading.values is not None:
            self._read.show(reading.values)
        if isinstance(self._read, LabelRow):
            self._read.show(reading.tokens, chosen)
        if self._said is not None:
            self._said.show(reading, chosen)
        asked = tuple(target is not None for target in reading.targets)
        if asked != self._wired:
            self._wired = asked
            self._wires.setPath(self._wire_path(np.flatnonzero(asked)))

    def _wire_path(self, asked: Array) -> QPainterPath:
        """Upright lines: from what is read through all layers, and on to what is said at the tokens ``asked``."""
        path = QPainterPath()
        stops = [(self._layers[0].top + self._layers[0].height, self._height - self._bottom)]
        stops += [
            (upper.top + upper.height, lower.top) for lower, upper in zip(self._layers, self._layers[1:], strict=False)
        ]
        said = (0.0 if self._said is None else SAID, self._layers[-1].top)
        read = [(token, stop) for token in range(self._axis.tokens) for stop in stops]
        for token, (start, end) in [*read, *((token, said) for token in asked.tolist())]:
            x = self._axis.middle(token)
            path.moveTo(x, start)
            path.lineTo(x, end)
        return path


def _room_to_look(picture: Picture) -> float:
    return 0.0 if picture.trace.attention is None else LOOKS


def _wanted_bottom(reading: Reading | None) -> float:
    """Pixels that what is read would like to have."""
    return ROW if reading is None or reading.values is None else row_height(len(reading.channels), math.inf)


def _kinds(reading: Reading | None) -> object:
    if reading is None:
        return None
    return reading.values is None, reading.wanted is None, len(reading.channels), len(reading.outputs)


def _other_numbers(present: list[float], names: tuple[str, ...], token: int) -> tuple[Offer, ...]:
    """Read zeros, or another number where they are few."""

    def with_number(place: int, number: float) -> ChangeInput:
        return ChangeInput(token, (*present[:place], number, *present[place + 1 :]))

    few = names if len(names) <= NAMED else ()
    zeros = Offer(f"Read zeros at {token}", lambda _: ChangeInput(token, (0.0,) * len(present)))
    others = (
        Offer(f"Read another {name} at {token} …", partial(with_number, place), "a number")
        for place, name in enumerate(few)
    )
    return (*others, zeros)
