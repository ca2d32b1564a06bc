"""What should have been said and what was said, in labels: target, best guess, probability of the target."""

import operator

import numpy as np
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Reading
from rnnviz.drawing.items import bars_path, path_item, still
from rnnviz.drawing.label_row import LabelRow
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

ROW = 17.0  # pixels of a row of letters
BAR = 15.0  # pixels of the row of probabilities
HEIGHT = 2 * ROW + 3 + BAR  # of everything


class LabelTargets:
    """Items under ``root``, from y = 0 to `HEIGHT`."""

    gutter = (("target", ROW / 2), ("predicted", ROW * 1.5), ("p(target)", HEIGHT - BAR / 2))

    def __init__(self, root: QGraphicsItem, theme: Theme, axis: TokenAxis) -> None:
        self._axis = axis
        self._right, self._failed = QColor(theme.right), QColor(theme.wrong)
        self._ground = still(path_item(root, fill=theme.line))
        self._bars = path_item(root, fill=theme.positive)
        self._wrong = path_item(root, fill=theme.wrong)
        self._target_row = LabelRow(root, theme.text, axis, ROW / 2)
        self._guess_row = LabelRow(root, theme.right, axis, ROW * 1.5)
        self._wrong_tokens: Array | None = None
        self._targets: tuple[str | None, ...] = ()
        self._wanted: tuple[str, ...] = ()
        self._asked: Array = np.empty(0, int)  # the tokens that have a target
        self._places: Array = np.empty(0, int)  # of their targets among the labels

    def show(self, reading: Reading, chosen: int) -> None:
        """Show what was wanted and guessed. Where nothing should be predicted nothing is shown."""
        if reading.targets != self._targets:
            self._ask(reading)
        guesses = reading.predictions
        if len(self._asked) < len(guesses):
            pairs = zip(guesses, reading.targets, strict=True)
            guesses = tuple(guess if target is not None else "" for guess, target in pairs)
        self._guess_row.show(guesses, chosen)
        self._target_row.show(self._wanted, chosen)
        self._show_wrong(np.array([*map(operator.ne, guesses, self._wanted)]))
        if reading.probabilities is not None:
            self._bars.setPath(self._bar_path(self._asked, reading.probabilities[self._asked, self._places]))

    def light(self, opacity: float) -> None:
        """Fade everything, or light it."""
        for item in (self._ground, self._bars, self._wrong):
            item.setOpacity(opacity)
        for row in (self._guess_row, self._target_row):
            row.light(opacity)

    def remove(self) -> None:
        """Take everything off the scene."""
        for item in (self._ground, self._bars, self._wrong):
            item.scene().removeItem(item)
        for row in (self._guess_row, self._target_row):
            row.remove()

    def _ask(self, reading: Reading) -> None:
        """Take over what should be predicted, and where."""
        self._targets = reading.targets
        known = [(token, label) for token, label in enumerate(reading.targets) if label is not None]
        self._asked = np.array([token for token, _ in known], int)
        self._places = np.array([reading.vocabulary.index(label) for _, label in known], int)
        self._wanted = tuple("" if label is None else label for label in reading.targets)
        self._ground.setPath(self._bar_path(self._asked, np.ones(len(self._asked))))

    def _show_wrong(self, wrong: Array) -> None:
        """Mark wrong predictions by shape and colour; only what differs is touched."""
        before, self._wrong_tokens = self._wrong_tokens, wrong
        changed = np.flatnonzero(wrong != before) if before is not None else np.arange(len(wrong))
        if not self._guess_row.fits or not changed.size:  # narrow letters do not stand over their columns
            return
        self._wrong.setPath(self._wrong_path(np.flatnonzero(wrong)))
        for token in changed.tolist():
            self._guess_row.paint(token, self._failed if wrong[token] else self._right)

    def _bar_path(self, tokens: Array, shares: Array) -> QPainterPath:
        width = self._axis.step * 0.62
        left = self._axis.left + tokens * self._axis.step + (self._axis.step - width) / 2
        tall = shares * BAR
        return bars_path(left, HEIGHT - tall, width, tall)

    def _wrong_path(self, tokens: Array) -> QPainterPath:
        width = self._axis.step * 0.7
        left = self._axis.left + (tokens + 0.5) * self._axis.step - width / 2
        return bars_path(left, np.array(2 * ROW - 1.5), width, np.full(len(tokens), 2.0))
