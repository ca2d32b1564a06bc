"""The gradient that reaches each token, on a log scale: where it vanishes and where it explodes."""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsSimpleTextItem

from rnnviz.analysis.flow import HORIZON_SHARE, direct_name, is_asked, norm_in_words, reach
from rnnviz.analysis.tables import gradients
from rnnviz.domain.arrays import Array
from rnnviz.domain.table import Table
from rnnviz.drawing.decades import power_of_ten
from rnnviz.drawing.items import (
    bars_path,
    blended,
    curve_path,
    label_font,
    path_item,
    pen,
    rect_item,
    right_align,
    still,
    text_item,
)
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import Picture, Track


class GradientTrack(Track):
    """‖∂L/∂h_t‖ in total, its direct part, and the gradient of the last token's loss alone."""

    name = "gradient"
    title = "Gradient reaching each token"
    how_to_read = (
        "L is the sum of this sequence's losses. Solid: how strongly all of them ask the hidden state at a token to "
        "change. Dashed: the part that does not come through the next state; the difference has come back through "
        "time. In the top layer that is the part from this token's own prediction, or through attention from those "
        "that look at it; in a lower layer what the layer above asks at this token, which has later losses in it. "
        "Dotted: the gradient of the last token's loss alone: falling to the left it vanishes, rising to the left it "
        "explodes. In the shaded part it is below 1 % of its peak: there the last prediction teaches next to nothing. "
        "Squares at the bottom: exactly 0. A layer marked ← reads from right to left: there it is the loss of token "
        "0, read last, whose gradient travels to the right."
    )
    weight = 2.0
    least_height = 76
    phases = frozenset({"backward"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._ground = rect_item(self.root, theme.panel, border=theme.line)
        self._beyond = rect_item(self.root, theme.panel)
        self._beyond.setBrush(blended(theme.muted, theme.panel, 34))
        self._grid = still(path_item(self.root, pen(theme.line)))
        # Exact zeros have no place on a log scale: small squares at the bottom, in the curve's colour.
        styles = {
            "last": pen(theme.last, 1.6, Qt.PenStyle.DotLine),
            "direct": pen(theme.direct, 1.3, Qt.PenStyle.DashLine),
            "total": pen(theme.backward, 1.8),
        }
        self._lines = {name: path_item(self.root, style) for name, style in styles.items()}
        beside = {"untouched": pen(theme.muted, 1), "change": pen(theme.positive, 1.3, Qt.PenStyle.DashDotLine)}
        self._beside = {name: path_item(self.root, style) for name, style in beside.items()}
        self._zeros = {name: path_item(self.root, fill=style.color().name()) for name, style in styles.items()}
        self._nonfinite = path_item(self.root, fill=theme.nonfinite)
        self._ticks: list[QGraphicsSimpleTextItem] = []
        self._range: tuple[int, int] | None = None
        self._marked = False

    def place(self, axis: TokenAxis, height: float) -> None:
        """Draw a plot of this height, decades written in the gutter."""
        self._axis, self._height = axis, height
        self._ground.setRect(axis.left, 0, axis.width, height)
        self._range = None
        self._marked = True  # marks of another size

    def show(self, picture: Picture) -> None:
        """Show the curves of the cursor's layer."""
        layer = picture.layer
        if layer.hidden_grads is None:
            return
        if self._range != (picture.decades.low, picture.decades.high):
            self._draw_scale(picture)
        values = np.stack([layer.log10_hidden_grads_end, layer.log10_hidden_grads_direct, layer.log10_hidden_grads])
        self._show_curves(picture, values, self._lines.values())
        self._show_marks(values)
        self._show_changes(picture)
        padding = picture.trace.padding
        back = reach(layer, padding)
        beyond = 0 if back is None or not is_asked(layer) else values.shape[1] - padding - 1 - back
        right = self._axis.right - padding * self._axis.step
        left = self._axis.left if layer.direction == "forward" else right - beyond * self._axis.step
        self._beyond.setRect(left, 0, beyond * self._axis.step, self._height)

    def subtitle(self, picture: Picture) -> str:
        """Name the norm and say how far the last loss reaches."""
        layer = picture.layer
        if layer.hidden_grads_last is None:
            return "‖∂L/∂h‖₂ · no loss"
        forward, trace = layer.direction == "forward", picture.trace
        back, loss = reach(layer, trace.padding), "last loss" if forward else "loss of token 0"
        words = f"the gradient of the {loss} is not finite"
        if back is not None:
            most = trace.tokens - trace.padding - 1
            words = f"{loss} reaches back {back} of {most} tokens at {HORIZON_SHARE:.0%} of its peak"
        if not is_asked(layer):
            words = f"{'the last token' if forward else 'token 0'} has no loss"
        if picture.change is not None:
            return f"{words} · thin grey: without the interventions · blue: ‖Δ ∂L/∂hₜ‖₂ by them"
        return f"{words} · ‖∂L/∂hₜ‖₂, log · solid all, dashed {direct_name(trace, layer)}, dotted {loss}"

    def numbers(self, picture: Picture) -> Table:
        """The three curves."""
        return gradients(self.title, picture.trace, picture.layer)

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """All three numbers at the token."""
        layer = picture.layer
        if layer.hidden_grads is None:
            return ""
        named = {
            "total": layer.hidden_grads,
            direct_name(picture.trace, layer): layer.hidden_grads_direct,
            "last loss": layer.hidden_grads_last,
            "token 0's loss": layer.hidden_grads_first,
        }
        lines = [f"{name} {norm_in_words(array, token)}" for name, array in named.items() if array is not None]
        return f"‖∂L/∂h‖₂ at token {token}\n" + "\n".join(lines)

    def _show_changes(self, picture: Picture) -> None:
        """What the total would be without the interventions, and how much they change it."""
        untouched, change = picture.trace.untouched, picture.change
        for line in self._beside.values():
            line.setVisible(untouched is not None)
        if untouched is None:
            return
        before = untouched.layers[picture.cursor.layer].log10_hidden_grads
        changed = np.full_like(before, np.nan) if change is None else change.log10_hidden_grads
        self._show_curves(picture, np.stack([before, changed]), self._beside.values())

    def _show_curves(self, picture: Picture, log10_values: Array, lines: Iterable[QGraphicsPathItem]) -> None:
        # What lies below the range leaves the picture rather than running along its edge; NaN is not above anything.
        inside = (log10_values >= picture.decades.low) & (log10_values < np.inf)
        shares = picture.decades.share(np.where(inside, log10_values, np.nan))
        y = self._height - 3 - shares * (self._height - 6)
        x = self._axis.middle(np.arange(shares.shape[1]))
        for line, heights in zip(lines, y, strict=True):
            line.setPath(curve_path(x, heights))

    def _show_marks(self, log10_values: Array) -> None:
        """Squares for what has no place on a log scale; mostly there is none and was none."""
        ordinary = bool(np.isfinite(log10_values).all())
        if ordinary and not self._marked:
            return
        self._marked = not ordinary
        for place, (marks, values) in enumerate(zip(self._zeros.values(), log10_values, strict=True)):
            marks.setPath(self._marks(np.flatnonzero(np.isneginf(values)), self._height - 16 + 5 * place))
        broken = ~(log10_values < np.inf).all(axis=0)
        self._nonfinite.setPath(self._marks(np.flatnonzero(broken), 2))

    def _draw_scale(self, picture: Picture) -> None:
        decades = picture.decades
        self._range = decades.low, decades.high
        for tick in self._ticks:
            tick.scene().removeItem(tick)
        grid = QPainterPath()
        self._ticks = []
        for exponent in decades.ticks(most=max(2, int(self._height // 16))):
            y = self._height - 3 - (exponent - decades.low) / (decades.high - decades.low) * (self._height - 6)
            grid.moveTo(self._axis.left, y)
            grid.lineTo(self._axis.right, y)
            tick = text_item(self.root, self.theme.muted, label_font(8), power_of_ten(exponent))
            right_align(tick, self._axis.left - 6, y)
            self._ticks.append(tick)
        self._grid.setPath(grid)

    def _marks(self, tokens: Array, top: float) -> QPainterPath:
        return bars_path(self._axis.middle(tokens) - 2, np.array(top), 4, np.full(len(tokens), 4.0))
