"""Tokens as running text, broken to a width: where each of them stands."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF

LINE = 17.0  # pixels from one line to the next
EDGE = 3.0
BREAK, BROKEN = "\n", "↵"
SIGNS = {"\t": "⇥", "\r": "␍", BREAK: BROKEN}


class Placed(NamedTuple):
    """A token that has found room."""

    token: int  # its place among all tokens
    text: str  # what is written for it; a space stays a space
    box: QRectF


def flow(labels: Sequence[str], first: int, width: float, advance: float, lines: int) -> list[Placed]:
    """Place ``labels[first:]`` in ``lines`` lines; what does not fit is left out.

    ``advance`` is the width of a letter. A line ends behind a line break. Where labels are longer than one letter they
    are kept apart by a space.
    """
    gap = advance if any(len(label) > 1 for label in labels) else 0.0
    placed: list[Placed] = []
    x, line = EDGE, 0
    for index in range(first, len(labels)):
        text = SIGNS.get(labels[index], labels[index])
        room = advance * len(text)
        if x > EDGE and x + room > width - EDGE:
            x, line = EDGE, line + 1
        if line >= lines:
            break
        placed.append(Placed(index, text, QRectF(x, line * LINE, min(room, width - 2 * EDGE), LINE)))
        x += room + gap
        if labels[index] == BREAK:
            x, line = EDGE, line + 1
    return placed


def runs(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Neighbours that can be written at once: on one line, with nothing between, of letters that are equally wide."""
    found: list[list[Placed]] = []
    for token in placed:
        last = found[-1][-1] if found else None
        joined = last is not None and last.box.top() == token.box.top() and last.box.right() == token.box.left()
        if joined and last is not None and last.text.isascii() and token.text.isascii():
            found[-1].append(token)
        else:
            found.append([token])
    return found


def token_at(placed: Sequence[Placed], place: QPointF) -> int | None:
    """Index of the token that stands at ``place``."""
    return next((found.token for found in placed if found.box.contains(place)), None)
