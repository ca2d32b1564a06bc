"""The network unfolded through time: what is read, the cells, what is predicted, and both directions between them."""

import operator
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsSimpleTextItem

from rnnviz.analysis.flow import norm_in_words
from rnnviz.domain.arrays import Array
from rnnviz.domain.intervention import ChangeToken
from rnnviz.domain.phase import Phase
from rnnviz.domain.trace import LayerTrace, Reading
from rnnviz.drawing.colour_map import CLEAR, magnitude_colour, magnitude_table, quantise, quantise_log, signed_table
from rnnviz.drawing.decades import power_of_ten
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import (
    bars_path,
    centre,
    label_font,
    mono_font,
    path_item,
    pen,
    polygons_path,
    rect_item,
    right_align,
    set_text,
    still,
    text_item,
    visible_token,
)
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import FADED, Offer, Picture, Sweep, Track

ROW = 17.0  # pixels of a row of letters
BAR = 15.0  # pixels of the row of probabilities
WIRE = 9.0  # pixels between rows
CLASSES = 8  # widths and colours of backward arrows
NARROWEST_CELL = 6.0  # pixels a column must have for cells with arrows between them
LOWEST_CELL = 16.0  # pixels
FLOW = 8.0  # pixels of the strip that stands for the wedges where columns are narrower
NOTHING_YET = object()
EMPTY = "\N{NO-BREAK SPACE}"  # where a letter would be
SURROUNDINGS = 24  # letters shown on each side of the cursor where columns are narrower than a letter
NARROWEST_LETTER = 7.0  # pixels a column must have for letters to be told apart


class UnfoldedTrack(Track):
    """From top to bottom: target, prediction, probability of the target, layers from the last to the first, input."""

    name = "unfolded"
    title = "Unfolded through time"
    how_to_read = (
        "Every column is one token. From below: the character that is read, the cell of each layer with a few of its "
        "units (blue positive, orange negative), how probable the right next character was, the network's best guess "
        "(underlined where wrong) and the character that really came. Arrows at the top of the cells carry the state "
        "forward; wedges at the bottom bring the gradient back, taller and stronger in colour where ‖∂L/∂h‖ is larger. "
        "A row marked ← reads from right to left: its state goes to the left, its gradient to the right; both rows of "
        "a layer read the same, and what is above them reads both. A line at the left edge: the state there was "
        "carried over from the batch before, and no gradient passes."
    )
    weight = 2.6
    least_height = 132

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._wires = still(path_item(self.root, pen(theme.line)))
        self._bar_ground = still(path_item(self.root, fill=theme.line))
        self._bars = path_item(self.root, fill=theme.positive)
        self._wrong = path_item(self.root, fill=theme.wrong)
        self._letters: dict[str, list[QGraphicsSimpleTextItem]] = {}
        self._labels_shown: dict[str, tuple[str | None, ...]] = {}
        self._wrong_tokens: Array | None = None
        self._targets: tuple[str | None, ...] = ()
        self._wanted: tuple[str, ...] = ()
        self._asked: Array = np.empty(0, int)  # the tokens that have a target
        self._target_indices: Array = np.empty(0, int)
        self._right, self._failed = QColor(theme.right), QColor(theme.wrong)
        self._layers: list[_LayerRow] = []
        self._boundary = still(path_item(self.root, pen(theme.text, 2)))
        self._phase: Phase | None = None
        self._labels: list[QGraphicsSimpleTextItem] = []

    def shape_of(self, picture: Picture) -> object:
        """Tokens, layers with their directions, and whether a state is carried in."""
        layers = tuple(layer.direction for layer in picture.trace.layers)
        return picture.trace.tokens, layers, picture.trace.carried

    def needs(self, picture: Picture) -> float:
        """Room for the letters, and for cells in which a wedge and an arrow lie one above the other."""
        letters = 2 * ROW + 3 + BAR + WIRE + ROW
        return max(self.least_height, letters + len(picture.trace.layers) * (LOWEST_CELL + WIRE))

    def place(self, axis: TokenAxis, height: float) -> None:
        """Give the cells what the letters leave."""
        self._axis, self._height = axis, height
        self._rows = {"target": ROW / 2, "predicted": ROW * 1.5, "input": height - ROW / 2}
        self._bar_top = 2 * ROW + 3
        self._letters_fit = axis.step >= NARROWEST_LETTER
        self._placed = False

    def show(self, picture: Picture) -> None:
        """Show letters, probabilities, cells and arrows."""
        if not self._placed:
            self._build(picture)
        if picture.trace.reading is not None:
            self._show_reading(picture.trace.reading, picture.cursor.token)
        drawn = picture.changes or picture.trace.layers
        for row, layer, shown in zip(self._layers, picture.trace.layers, drawn, strict=True):
            row.show(layer, shown.hidden, picture)

    def subtitle(self, picture: Picture) -> str:
        """Say what arrows mean and over which range."""
        low, high = power_of_ten(picture.decades.low), power_of_ten(picture.decades.high)
        narrow = "" if self._letters_fit else " · some letters around the cursor, not over their columns"
        signs = "strips" if self._axis.step < NARROWEST_CELL else "arrows: state · wedges"
        cells = "cells: Δh by the interventions · " if picture.changes else ""
        carried = " · ┃ carried state, no gradient passes" if picture.trace.carried else ""
        return f"{cells}{signs}: ‖∂L/∂hₜ‖₂, {low} … {high}{carried}{narrow}"

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """What was read, guessed and came; inside a cell its gradient."""
        layer_index = self.layer_at(y)
        if layer_index is not None:
            layer = picture.trace.layers[layer_index]
            gradient = "" if layer.hidden_grads is None else f"‖∂L/∂h‖₂ {norm_in_words(layer.hidden_grads, token)}"
            return f"{layer.name} at token {token}\n{gradient}"
        return _reading_in_words(picture, token)

    def show_phase(self, phase: Phase | None) -> None:
        """Light the forward lane, what the loss is made of, or the backward lane."""
        self._phase = phase
        forward, loss, backward = (1.0 if phase in (None, lit) else FADED for lit in ("forward", "loss", "backward"))
        for name, items in self._letters.items():
            for item in items:
                item.setOpacity(forward if name == "input" else loss)
        for part in (self._bars, self._bar_ground, self._wrong):
            part.setOpacity(loss)
        for row in self._layers:
            row.light(forward, backward)

    def offers(self, picture: Picture, token: int, unit: int, y: float | None) -> tuple[Offer, ...]:
        """Read something else."""
        if picture.trace.reading is None:
            return ()
        return (Offer(f"Read another token at {token} …", lambda label: ChangeToken(token, label), "a token"),)

    def layer_at(self, y: float) -> int | None:
        """The layer whose cells are at ``y``."""
        return next((row.index for row in self._layers if row.top <= y < row.top + row.height), None)

    def _build(self, picture: Picture) -> None:
        for item in [*self._labels, *(item for row in self._letters.values() for item in row)]:
            item.scene().removeItem(item)
        for old in self._layers:
            old.remove()
        self._labels, self._letters, self._labels_shown, self._wrong_tokens = [], {}, {}, None
        axis, tokens = self._axis, picture.trace.tokens
        font = mono_font(int(min(13, axis.step * 1.05)) if self._letters_fit else 12)
        colours = {"target": self.theme.text, "predicted": self.theme.right, "input": self.theme.text}
        for name, colour in colours.items():
            count = tokens if self._letters_fit else 1
            self._letters[name] = [text_item(self.root, colour, font) for _ in range(count)]
        for name, y in {**self._rows, "p(target)": self._bar_top + BAR / 2}.items():
            self._label(name, y)
        self._build_layers(picture)
        self._wires.setPath(self._wire_path(tokens))
        self._targets = ()
        self._placed = True
        self.show_phase(self._phase)

    def _build_layers(self, picture: Picture) -> None:
        top = self._bar_top + BAR + WIRE
        count = len(picture.trace.layers)
        each = (self._height - ROW - WIRE - top - WIRE * (count - 1)) / count
        self._layers = []
        for index, layer in enumerate(picture.trace.layers):
            place = top + (count - 1 - index) * (each + WIRE), each
            row = _LayerRow(self, index, self._axis, place, turned=layer.direction == "backward")
            self._layers.append(row)
            self._label(layer.name, row.top + each / 2)
        turned = {row.turned: row for row in self._layers}  # the top row of each direction
        for row in turned.values():
            if row.height > 44 and self._axis.step >= NARROWEST_CELL:
                self._label("← state" if row.turned else "state →", row.forward_y, self.theme.positive)
                self._label("gradient →" if row.turned else "← gradient", row.backward_y, self.theme.backward)

        self._boundary.setPath(self._boundary_path() if picture.trace.carried else QPainterPath())

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
        predictions = reading.predictions
        if reading.targets != self._targets:
            self._ask(reading)
        # Where nothing should be predicted nothing is shown.
        asked, guesses = self._asked, predictions
        if len(asked) < len(predictions):
            guesses = tuple(
                guess if target is not None else "" for guess, target in zip(predictions, reading.targets, strict=True)
            )
        for name, labels in {"input": reading.tokens, "predicted": guesses, "target": self._wanted}.items():
            if not self._letters_fit:
                self._show_surroundings(name, labels, chosen)
            elif labels != self._labels_shown.get(name):
                self._show_letters(name, labels)
        self._show_wrong(np.array([*map(operator.ne, guesses, self._wanted)]))
        self._bars.setPath(self._bar_path(asked, reading.probabilities[asked, self._target_indices]))

    def _ask(self, reading: Reading) -> None:
        """Take over what should be predicted, and where."""
        self._targets = reading.targets
        known = [(token, label) for token, label in enumerate(reading.targets) if label is not None]
        self._asked = np.array([token for token, _ in known], int)
        self._target_indices = np.array([reading.vocabulary.index(label) for _, label in known], int)
        self._wanted = tuple("" if label is None else label for label in reading.targets)
        self._bar_ground.setPath(self._bar_path(self._asked, np.ones(len(self._asked))))

    def _show_wrong(self, wrong: Array) -> None:
        """Mark wrong predictions by shape and colour; only what differs is touched."""
        before, self._wrong_tokens = self._wrong_tokens, wrong
        changed = np.flatnonzero(wrong != before) if before is not None else np.arange(len(wrong))
        if not self._letters_fit or not changed.size:  # narrow letters do not stand over their columns
            return
        self._wrong.setPath(self._wrong_path(np.flatnonzero(wrong)))
        for token in changed.tolist():
            self._letters["predicted"][token].setBrush(self._failed if wrong[token] else self._right)

    def _show_letters(self, name: str, labels: tuple[str | None, ...]) -> None:
        """Touch only the letters that differ from those shown: setting a text lays it out anew."""
        shown: tuple[object, ...] = self._labels_shown.get(name, (NOTHING_YET,) * len(labels))
        self._labels_shown[name] = labels
        for token, (label, before) in enumerate(zip(labels, shown, strict=True)):
            if label != before:
                item = self._letters[name][token]
                item.setText(visible_token(label))
                centre(item, self._axis.middle(token), self._rows[name])

    def _show_surroundings(self, name: str, labels: tuple[str | None, ...], chosen: int) -> None:
        """Where columns are too narrow for letters: a line of text around the cursor, its letter under the cursor."""
        item = self._letters[name][0]
        first = max(chosen - SURROUNDINGS, 0)
        letters = [visible_token(label) or EMPTY for label in labels[first : chosen + SURROUNDINGS + 1]]
        shown, place = "".join(letters), len("".join(letters[: chosen - first])) + len(letters[chosen - first]) / 2
        set_text(item, shown)
        box = item.boundingRect()
        wanted = self._axis.middle(chosen) - box.width() * place / len(shown)
        left = min(max(wanted, self._axis.left), self._axis.right - box.width())
        item.setPos(left, self._rows[name] - box.height() / 2)

    def _bar_path(self, tokens: Array, shares: Array) -> QPainterPath:
        width = self._axis.step * 0.62
        left = self._axis.left + tokens * self._axis.step + (self._axis.step - width) / 2
        tall = shares * BAR
        return bars_path(left, self._bar_top + BAR - tall, width, tall)

    def _wrong_path(self, tokens: Array) -> QPainterPath:
        width = self._axis.step * 0.7
        left = self._axis.left + (tokens + 0.5) * self._axis.step - width / 2
        return bars_path(left, np.array(2 * ROW - 1.5), width, np.full(len(tokens), 2.0))

    def _wire_path(self, tokens: int) -> QPainterPath:
        path = QPainterPath()
        stops = [(self._layers[0].top + self._layers[0].height, self._height - ROW)]
        stops += [
            (upper.top + upper.height, lower.top) for lower, upper in zip(self._layers, self._layers[1:], strict=False)
        ]
        stops.append((self._bar_top + BAR, self._layers[-1].top))
        for token in range(tokens):
            x = self._axis.middle(token)
            for start, end in stops:
                path.moveTo(x, start)
                path.lineTo(x, end)
        return path


class _LayerRow:
    """The cells of one layer with the lanes between them."""

    def __init__(
        self, track: UnfoldedTrack, index: int, axis: TokenAxis, place: tuple[float, float], *, turned: bool
    ) -> None:
        """``place``: top and height; ``turned``: it reads from right to left."""
        top, height = place
        self.index, self.top, self.height, self.turned = index, top, height, turned
        self._axis, self._theme = axis, track.theme
        self._root = rect_item(track.root, "transparent")
        theme = track.theme
        self._half = axis.step * 0.25  # half the width of a cell, as wide as its live pixels
        self.forward_y, self.backward_y = top + height * 0.22, top + height * 0.78
        self._forward = still(path_item(self._root, pen(theme.positive)))
        self._backward = [self._arrow_class(level) for level in range(CLASSES)]
        self._levels: Array | None = None  # class of every token's wedge, −1 for 0, −2 for not finite
        self._nonfinite = path_item(self._root, fill=theme.nonfinite)
        self._frames = still(path_item(self._root, pen(theme.line), fill=theme.raised))
        self._pixels, self._flow = HeatMap(self._root), HeatMap(self._root)
        self._pixels.set_table(signed_table(theme))
        self._flow.set_table(magnitude_table(theme))
        self._dense = axis.step < NARROWEST_CELL
        self._flow.setVisible(self._dense)
        if not self._dense:
            self._forward.setPath(self._forward_path())
            self._frames.setPath(self._frame_path())
        below = FLOW + 4 if self._dense else 4
        self._pixels.place(QRectF(axis.left, top + 4, axis.width, max(height - 4 - below, 1)))
        self._flow.place(QRectF(axis.left, top + height - FLOW, axis.width, FLOW))

    def remove(self) -> None:
        self._root.scene().removeItem(self._root)

    def light(self, forward: float, backward: float) -> None:
        for ahead in (self._forward, self._pixels):
            ahead.setOpacity(forward)
        for back in (*self._backward, self._nonfinite, self._flow):
            back.setOpacity(backward)

    def show(self, layer: LayerTrace, hidden: Array, picture: Picture) -> None:
        self._pixels.show_bytes(self._pixel_bytes(hidden))
        if layer.hidden_grads is not None:
            self._show_gradients(layer.log10_hidden_grads, picture)

    def _arrow_class(self, level: int) -> QGraphicsPathItem:
        item = path_item(self._root)
        item.setBrush(magnitude_colour(self._theme, 0.25 + 0.75 * (level + 0.5) / CLASSES))
        return item

    def _pixel_bytes(self, hidden: Array) -> Array:
        """A few units as 2 columns × some rows a cell, clear columns between the cells."""
        rows = int(np.clip((self.height - 8) // 8, 1, 6))
        units = np.linspace(0, hidden.shape[1] - 1, 2 * rows).round().astype(int)
        tokens = len(hidden)
        if self._dense:
            return quantise(hidden[:, units], -1, 1).T
        cells = np.full((rows, tokens, 4), CLEAR, np.uint8)
        cells[:, :, 1:3] = quantise(hidden[:, units], -1, 1).reshape(tokens, rows, 2).transpose(1, 0, 2)
        return cells.reshape(rows, tokens * 4)

    def _show_gradients(self, log10_values: Array, picture: Picture) -> None:
        """Wedge t shows ‖∂L/∂h_t‖, in the gap through which it came; a strip of colours where there is none."""
        if self._dense:
            low, high = picture.decades.low, picture.decades.high
            self._flow.show_bytes(quantise_log(log10_values, low, high)[None])
            return
        shares = picture.decades.share(np.where(np.isfinite(log10_values), log10_values, np.nan))
        levels = np.minimum(np.nan_to_num(shares) * CLASSES, CLASSES - 1).astype(int)
        levels[~np.isfinite(log10_values)] = -2
        levels[np.isneginf(log10_values)] = -1
        if self._levels is not None and np.array_equal(levels, self._levels):
            return
        before, self._levels = self._levels, levels
        gaps = np.arange(len(shares) - 1)
        if self.turned:  # the gap on the left of cell t
            levels, before = levels[1:], None if before is None else before[1:]
        for level, item in enumerate(self._backward):
            drawn = levels[gaps] == level
            if before is None or not np.array_equal(drawn, before[gaps] == level):
                item.setPath(self._wedges(gaps[drawn], level))
        self._nonfinite.setPath(self._wedges(gaps[levels[gaps] == -2], CLASSES))

    def _forward_path(self) -> QPainterPath:
        """Arrows that are all alike: what the state carries is in the cells."""
        path = QPainterPath()
        for gap in range(self._axis.tokens - 1):
            left, right = self._gap(gap)
            head = min(3.0, (right - left) * 0.45)
            tip, tail = (left, left + head) if self.turned else (right, right - head)
            path.moveTo(left, self.forward_y)
            path.lineTo(right, self.forward_y)
            path.moveTo(tail, self.forward_y - head)
            path.lineTo(tip, self.forward_y)
            path.lineTo(tail, self.forward_y + head)
        return path

    def _wedges(self, gaps: Array, level: int) -> QPainterPath:
        """Arrow heads against the direction of reading, the taller the larger the gradient."""
        half = min(1.5 + 4.5 * (level + 1) / CLASSES, self.height / 4)
        left, right = self._gap(gaps)
        left, right = (right, left) if self.turned else (left, right)
        y = np.full(len(gaps), self.backward_y)
        return polygons_path(np.stack([left, right, right], axis=1), np.stack([y, y - half, y + half], axis=1))

    def _gap(self, gap: Any) -> tuple[Any, Any]:
        """Where the space between cell ``gap`` (a number or an array) and the next begins and ends."""
        return self._axis.middle(gap) + self._half + 0.5, self._axis.middle(gap + 1) - self._half - 0.5

    def _frame_path(self) -> QPainterPath:
        path = QPainterPath()
        for token in range(self._axis.tokens):
            x = self._axis.middle(token) - self._half
            path.addRect(QRectF(x, self.top, 2 * self._half, self.height))
        return path


def _reading_in_words(picture: Picture, token: int) -> str:
    reading, losses = picture.trace.reading, picture.trace.losses
    if reading is None or losses is None:
        return ""
    row = reading.probabilities[token]
    best = ", ".join(f"{visible_token(reading.vocabulary[index])} {row[index]:.0%}" for index in np.argsort(-row)[:3])
    read, target = visible_token(reading.tokens[token]), reading.targets[token]
    if target is None:
        return f"token {token}: read {read}, nothing to predict here"
    came = visible_token(target)
    return f"token {token}: read {read}, then came {came}\nguesses {best}\nloss {losses[token]:.3f} nats"
