"""The states that one loss asks to change: the row of the influence matrix that the cursor is on."""

import numpy as np
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsSimpleTextItem

from rnnviz.analysis.flow import horizon, log10_in_words
from rnnviz.analysis.memory import is_loss, nearest_row, row_by_lag, unreachable
from rnnviz.analysis.tables import influence_row
from rnnviz.domain.arrays import Array
from rnnviz.domain.influence import Influence
from rnnviz.domain.phase import Phase
from rnnviz.domain.studies import StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.decades import power_of_ten
from rnnviz.drawing.items import (
    bars_path,
    faint,
    label_font,
    path_item,
    pen,
    rect_item,
    right_align,
    set_text,
    still,
    text_item,
)
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import Picture, Track

WAITING = "being computed: about twice a second while this row is shown"
MARK = 4.0
Shape = tuple[object, ...]


class InfluenceTrack(Track):
    """Bars of ‖∂ℓ_s/∂h_t‖ for the cursor's token s, on the scale that all gradients of the score share."""

    name = "influence"
    title = "What this loss teaches"
    how_to_read = (
        "The loss of the chosen token alone: a bar is how strongly it asks the state at that token to change. Move "
        "the cursor to see another loss. Bars that shrink to the left are a vanishing gradient, the small triangle is "
        "the loss itself; to its right stands something only in layers that read both ways. Squares at the bottom: "
        "exactly 0."
    )
    weight = 1.6
    least_height = 60
    sides: frozenset[Side] = frozenset({"influence"})
    phases: frozenset[Phase] = frozenset({"backward"})
    wants: frozenset[StudyName] = frozenset({"influence"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._ground = rect_item(self.root, theme.panel, border=theme.line)
        self._grid = still(path_item(self.root, pen(theme.line)))
        self._bars = path_item(self.root, fill=theme.last)
        self._bars.setBrush(faint(theme.last, 200))
        self._zeros = path_item(self.root, fill=theme.last)
        self._nonfinite = path_item(self.root, fill=theme.nonfinite)
        self._own = path_item(self.root, fill=theme.text)
        self._remark = text_item(self.root, theme.muted, label_font(9))
        self._ticks: list[QGraphicsSimpleTextItem] = []
        self._range: tuple[int, int] | None = None
        self._shown: Shape = ()
        self._worded: tuple[Shape, str] = ((), "")  # traces come more often than studies

    def place(self, axis: TokenAxis, height: float) -> None:
        """Draw a plot of this height, decades written in the gutter."""
        self._axis, self._height = axis, height
        self._ground.setRect(axis.left, 0, axis.width, height)
        self._remark.setPos(axis.left + 8, height / 2 - 8)
        self._range, self._shown = None, ()

    def show(self, picture: Picture) -> None:
        """Show the row of the cursor's token; the same again costs nothing."""
        decades, cursor = picture.decades, picture.cursor
        found = _row(picture)
        study = None if found is None else picture.studies.influence
        shown = (study, cursor.token, cursor.layer, decades.low, decades.high)
        if shown == self._shown:
            return
        self._shown = shown
        if self._range != (decades.low, decades.high):
            self._draw_scale(picture)
        set_text(self._remark, WAITING if found is None else "")
        if found is None:
            for item in (self._bars, self._zeros, self._nonfinite, self._own):
                item.setPath(QPainterPath())
            return
        self._draw_row(picture, *found)

    def subtitle(self, picture: Picture) -> str:
        """Name the loss, its norm and how far it reaches."""
        found, study = _row(picture), picture.studies.influence
        changed = picture.trace.untouched is not None
        key = (study, picture.cursor.token, found, changed)
        if key != self._worded[0]:
            words = "‖∂ℓₛ/∂hₜ‖₂, log · being computed …"
            told = words if found is None or study is None else _in_words(picture, study, *found)
            self._worded = key, f"{told} · without the interventions" if changed else told
        return self._worded[1]

    def numbers(self, picture: Picture) -> Table:
        """The row of the cursor's loss."""
        found, study = _row(picture), picture.studies.influence
        if found is None or study is None:
            return Table(self.title)
        return influence_row(self.title, study, found[0], picture.cursor.token)

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """“loss of token 31 → state at token 12: 3.2e-05”."""
        found, influence = _row(picture), picture.studies.influence
        if found is None or influence is None:
            return WAITING
        layer, row = found
        loss_token = int(influence.loss_tokens[row])
        if unreachable(influence, layer)[row, token]:
            return f"the loss of token {loss_token} does not depend on the state at token {token}"
        value = float(influence.log10_norms[layer][row, token])
        return f"loss of token {loss_token} → state at token {token}: {log10_in_words(value)}"

    def _draw_row(self, picture: Picture, layer: int, row: int) -> None:
        influence = picture.studies.influence
        assert influence is not None  # noqa: S101  # there is a row
        values, reachable = influence.log10_norms[layer][row], ~unreachable(influence, layer)[row]
        finite = np.isfinite(values)
        shares = picture.decades.share(np.where(finite, values, -np.inf))
        heights = np.where(finite & (values > picture.decades.low), shares * (self._height - 6), 0)
        width = max(self._axis.step * 0.72, 1.0)
        left = self._axis.middle(np.arange(len(values))) - width / 2
        self._bars.setPath(bars_path(left, self._height - 3 - heights, width, heights))
        self._zeros.setPath(self._squares(np.isneginf(values) & reachable, self._height - 7))
        self._nonfinite.setPath(self._squares(~(values < np.inf), 2))
        self._own.setPath(self._triangle(int(influence.loss_tokens[row])))

    def _squares(self, chosen: Array, top: float) -> QPainterPath:
        tokens = np.flatnonzero(chosen)
        left = self._axis.middle(tokens) - MARK / 2
        return bars_path(left, np.array(top), MARK, np.full(len(tokens), MARK))

    def _triangle(self, token: int) -> QPainterPath:
        x, path = float(self._axis.middle(token)), QPainterPath()
        path.moveTo(x, 7)
        path.lineTo(x - 4, 1)
        path.lineTo(x + 4, 1)
        path.closeSubpath()
        return path

    def _draw_scale(self, picture: Picture) -> None:
        decades = picture.decades
        self._range = decades.low, decades.high
        for tick in self._ticks:
            tick.scene().removeItem(tick)
        grid, self._ticks = QPainterPath(), []
        for exponent in decades.ticks(most=max(2, int(self._height // 16))):
            y = self._height - 3 - (exponent - decades.low) / (decades.high - decades.low) * (self._height - 6)
            grid.moveTo(self._axis.left, y)
            grid.lineTo(self._axis.right, y)
            tick = text_item(self.root, self.theme.muted, label_font(8), power_of_ten(exponent))
            right_align(tick, self._axis.left - 6, y)
            self._ticks.append(tick)
        self._grid.setPath(grid)


def _row(picture: Picture) -> tuple[int, int] | None:
    """The layer and the row to show; None until there is a study of a sequence like the one that is shown."""
    influence: Influence | None = picture.studies.influence
    if influence is None or influence.tokens != picture.trace.tokens:
        return None
    if picture.cursor.layer >= len(influence.log10_norms):
        return None
    return picture.cursor.layer, nearest_row(influence, picture.cursor.token)


def _in_words(picture: Picture, influence: Influence, layer: int, row: int) -> str:
    token = int(influence.loss_tokens[row])
    if not is_loss(influence, row):
        return f"token {token} has no loss: it asks no state to change · ‖∂ℓₛ/∂hₜ‖₂, log"
    by_lag = row_by_lag(influence, layer, row)
    back = horizon(by_lag[::-1])
    reach = "its gradient is not finite" if back is None else f"reaches back {back} of {len(by_lag) - 1} tokens"
    instead = "" if token == picture.cursor.token else f" (the nearest kept to {picture.cursor.token})"
    return f"which states the loss at token {token}{instead} asks to change · {reach} · ‖∂ℓₛ/∂hₜ‖₂, log"
