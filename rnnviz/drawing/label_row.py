"""One label in every column: letters, or words cut to what fits; a line of text where columns are too narrow."""

from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem

from rnnviz.drawing.items import centre, mono_font, set_text, text_item, visible_token
from rnnviz.drawing.token_axis import TokenAxis

NOTHING_YET = object()
EMPTY = "\N{NO-BREAK SPACE}"  # where a letter would be
SURROUNDINGS = 24  # letters shown on each side of the cursor where columns are narrower than a letter
NARROWEST_LETTER = 7.0  # pixels a column must have for letters to be told apart
LARGEST, SMALLEST = 13, 9  # pixels of letters, and of words before they are cut


class LabelRow:
    """Items under ``root`` around the height ``y``."""

    def __init__(self, root: QGraphicsItem, colour: str, axis: TokenAxis, y: float) -> None:
        self._axis, self._y = axis, y
        self.fits = letters_fit(axis)
        self._take_font(mono_font(letter_size(axis) if self.fits else 12))
        count = axis.tokens if self.fits else 1
        self.items: list[QGraphicsSimpleTextItem] = [text_item(root, colour, self._font) for _ in range(count)]
        self._shown: tuple[object, ...] = (NOTHING_YET,) * axis.tokens
        self._longest = 1

    def show(self, labels: tuple[str | None, ...], chosen: int) -> None:
        """Show labels (T,); None as “?”. Where they do not fit, those around the token ``chosen``."""
        if not self.fits:
            self._show_surroundings(labels, chosen)
        elif labels != self._shown:
            self._show_all(labels)

    def paint(self, token: int, colour: QColor) -> None:
        """Give one label another colour, where labels stand in columns."""
        if self.fits:
            self.items[token].setBrush(colour)

    def light(self, opacity: float) -> None:
        """Fade the row, or light it."""
        for item in self.items:
            item.setOpacity(opacity)

    def remove(self) -> None:
        """Take everything off the scene."""
        for item in self.items:
            item.scene().removeItem(item)

    def _show_all(self, labels: tuple[str | None, ...]) -> None:
        """Touch only the labels that differ from those shown: setting a text lays it out anew."""
        self._fit(max(map(len, filter(None, labels)), default=1))
        shown, self._shown = self._shown, labels
        for token, (label, before) in enumerate(zip(labels, shown, strict=True)):
            if label != before:
                item = self.items[token]
                item.setText(cut(visible_token(label), self._room))
                centre(item, self._axis.middle(token), self._y)

    def _fit(self, longest: int) -> None:
        """Letters as large as fit; words smaller, down to where they are cut. Grows only: words come and go."""
        if longest <= self._longest:
            return
        self._longest = longest
        width = QFontMetricsF(self._font).horizontalAdvance("x") / self._font.pixelSize()
        size = int(self._axis.step / (longest * width))
        self._take_font(mono_font(min(max(size, min(SMALLEST, self._font.pixelSize())), self._font.pixelSize())))
        for item in self.items:
            item.setFont(self._font)
        self._shown = (NOTHING_YET,) * self._axis.tokens

    def _take_font(self, font: QFont) -> None:
        """Take a font, and how many letters of it a column holds; a single one may stand out a little."""
        self._font = font
        self._room = max(int(self._axis.step / QFontMetricsF(font).horizontalAdvance("x")), 1)

    def _show_surroundings(self, labels: tuple[str | None, ...], chosen: int) -> None:
        """Where columns are too narrow for letters: a line of text around the cursor, its letter under the cursor."""
        item, between = self.items[0], " " if any(label and len(label) > 1 for label in labels) else ""
        reach = SURROUNDINGS // 6 if between else SURROUNDINGS
        first = max(chosen - reach, 0)
        words = [visible_token(label) or EMPTY for label in labels[first : chosen + reach + 1]]
        shown = between.join(words)
        set_text(item, shown)
        box = item.boundingRect()
        before = len(between.join(words[: chosen - first])) + (len(between) if chosen > first else 0)
        place = (before + len(words[chosen - first]) / 2) / len(shown)
        left = min(
            max(self._axis.middle(chosen) - box.width() * place, self._axis.left), self._axis.right - box.width()
        )
        item.setPos(left, self._y - box.height() / 2)


def letters_fit(axis: TokenAxis) -> bool:
    """Whether every column has room for a letter."""
    return axis.step >= NARROWEST_LETTER


def letter_size(axis: TokenAxis) -> int:
    """Pixels of a letter that fits into a column."""
    return int(min(LARGEST, axis.step * 1.05))


def cut(word: str, room: int) -> str:
    """``word`` in no more than ``room`` letters: its beginning, with an ellipsis where there is room for that."""
    if len(word) <= room:
        return word
    return word[: room - 1] + "…" if room > 2 else word[:room]
