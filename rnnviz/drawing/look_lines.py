"""Attention as lines between the tokens that write and those that they look at."""

import numpy as np
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.arrays import Array
from rnnviz.drawing.items import faint, path_item, pen, rect_item
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

CLASSES = 8  # widths of lines
LEAST_LOOK = 0.02  # weights below this have no line


class LookLines:
    """Lines from a token that is written down to those that it looks at; at the cursor alone, or nothing is seen."""

    def __init__(self, root: QGraphicsItem, theme: Theme, axis: TokenAxis, top: float, height: float) -> None:
        self._axis, self._top, self._bottom = axis, top, top + height
        self._root = rect_item(root, "transparent")
        widths = 0.6 + 3.4 * (np.arange(CLASSES) + 0.5) / CLASSES
        self._lines = [
            path_item(self._root, pen(faint(theme.amber, 90 + 160 * level // CLASSES), float(width)))
            for level, width in enumerate(widths)
        ]
        self._shown: Array | None = None

    def remove(self) -> None:
        """Take everything off the scene."""
        self._root.scene().removeItem(self._root)

    def light(self, opacity: float) -> None:
        """Fade everything, or light it."""
        self._root.setOpacity(opacity)

    def show(self, attention: Array, token: int) -> None:
        """Show who looks at whom: ``attention`` (T, T), from ``token`` down, or up to it where it only is looked at."""
        token = min(token, len(attention) - 1)
        looks = attention[token].any()
        weights = attention[token] if looks else attention[:, token]
        levels = np.where(weights < LEAST_LOOK, -1, np.minimum(weights * CLASSES, CLASSES - 1)).astype(int)
        known = np.append(levels, token)
        if self._shown is not None and np.array_equal(known, self._shown):
            return
        self._shown = known
        for level, item in enumerate(self._lines):
            item.setPath(self._fan(token, np.flatnonzero(levels == level), down=bool(looks)))

    def _fan(self, token: int, others: Array, *, down: bool) -> QPainterPath:
        path = QPainterPath()
        start, end = (self._top, self._bottom) if down else (self._bottom, self._top)
        for other in others.tolist():
            path.moveTo(self._axis.middle(token), start)
            path.lineTo(self._axis.middle(other), end)
        return path
