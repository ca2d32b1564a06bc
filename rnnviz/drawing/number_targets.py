"""Numbers that should have been predicted and those that were, on one scale, with the error between them."""

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Reading
from rnnviz.drawing.items import bars_path, path_item
from rnnviz.drawing.number_row import WIDEST, Frame, NumberPixels, colour_range
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

MOST_MARKS = 4  # numbers a token; more are columns of pixels
TICK = 2.0  # pixels


class Scale(NamedTuple):
    """The range that is drawn."""

    low: float
    high: float

    def share(self, values: Array) -> Array:
        """0 at the bottom … 1 at the top; what is outside stands at the edge."""
        return np.clip((values - self.low) / (self.high - self.low), 0, 1)


def scale_of(wanted: Array) -> Scale:
    """A range around all numbers that are ``wanted``, with a quarter more on either side, 0 in it if there is but one.

    It does not follow the predictions: errors shrink in the picture as they do in truth.
    """
    known = wanted[np.isfinite(wanted)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if low == high:
        low, high = (min(low, 0.0), max(high, 0.0)) if low else (-1.0, 1.0)
    margin = (high - low) / 4
    return Scale(low - margin, high + margin)


class NumberTargets:
    """Items under ``root``, from y = 0 to ``height``."""

    def __init__(
        self, root: QGraphicsItem, theme: Theme, axis: TokenAxis, height: float, kind: tuple[int, Frame | None]
    ) -> None:
        self._axis, self._height, (count, frame) = axis, height, kind
        fills = {"off": theme.wrong, "close": theme.right, "wanted": theme.text, "given": theme.positive}
        self._marks = {name: path_item(root, fill=fill) for name, fill in fills.items()}
        half = height / 2
        places = [QRectF(axis.left, top, axis.width, half - 1) for top in (0.0, half)]
        pixels = [NumberPixels(root, theme, place, frame) for place in places] if count > MOST_MARKS else []
        self._pixels = pixels
        self.gutter = (("target", half / 2), ("predicted", half * 1.5))

    def show(self, reading: Reading, chosen: int) -> None:
        """Show what was wanted and given; nothing where nothing should be predicted."""
        if reading.wanted is None or reading.given is None:
            return
        given = np.where(np.isnan(reading.wanted), np.nan, reading.given)
        if self._pixels:
            scale = colour_range(reading.wanted)
            for part, values in zip(self._pixels, (reading.wanted, given), strict=True):
                part.show(values, *scale)
        else:
            self._show_marks(reading.wanted, given, reading.tolerance)

    def light(self, opacity: float) -> None:
        """Fade everything, or light it."""
        for item in self._marks.values():
            item.setOpacity(opacity)
        for part in self._pixels:
            part.light(opacity)

    def remove(self) -> None:
        """Take everything off the scene."""
        for item in self._marks.values():
            item.scene().removeItem(item)
        for part in self._pixels:
            part.remove()

    def _show_marks(self, wanted: Array, given: Array, tolerance: float) -> None:
        tokens, places = np.nonzero(np.isfinite(wanted))
        truth, guess = wanted[tokens, places], given[tokens, places]
        scale, width = scale_of(wanted), min(self._axis.step * 0.8, WIDEST) / wanted.shape[1]
        left = self._axis.middle(tokens) + (places - wanted.shape[1] / 2) * width
        room = self._height - 2 * TICK
        said = np.isfinite(guess)
        y_true = TICK + (1 - scale.share(truth)) * room
        y_said = TICK + (1 - scale.share(np.where(said, guess, truth))) * room
        far = np.abs(guess - truth) > tolerance
        top, tall = np.minimum(y_true, y_said), np.abs(y_true - y_said)
        for name, chosen in (("off", far & said), ("close", ~far & said)):
            thin = max(width * 0.25, 1.0)
            middle = left[chosen] + width / 2 - thin / 2
            self._marks[name].setPath(bars_path(middle, top[chosen], thin, tall[chosen]))
        ticks = np.full(len(left), TICK)
        self._marks["wanted"].setPath(bars_path(left, y_true - TICK / 2, width * 0.9, ticks))
        blob = 2 * ticks[said]
        inset = width * 0.2
        self._marks["given"].setPath(bars_path(left[said] + inset, y_said[said] - TICK, width - 2 * inset, blob))
