"""A tune as bars over time and pitch, broken into rows; the lines are those of a staff."""

from fractions import Fraction
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from rnnviz.analysis.abc import Bar, Note, Tune
from rnnviz.drawing.items import label_font, pen
from rnnviz.drawing.sheet import Sheet
from rnnviz.drawing.theme import Theme

ROWS = 5
ROW = 46.0  # pixels
GAP = 8.0
EDGE = 3.0
UNITS = 24  # in a row: four bars of six
STAFF = (64, 67, 71, 74, 77)  # E G B d f
LEAST, MOST = 62, 79  # D to g: what is always in sight
TOP = 5.0
KEY = 15.0
HEIGHT = TOP + ROWS * (ROW + GAP) + KEY


class Piece(NamedTuple):
    """A note, or the part of it that lies in one row."""

    note: Note
    box: QRectF


class Roll:
    """Where everything of ``tune`` stands in ``width`` pixels; what needs more rows is left out."""

    def __init__(self, tune: Tune, width: float) -> None:
        self.tune, self._unit = tune, (width - 2 * EDGE) / UNITS
        pitches = [note.pitch for note in tune.notes]
        self._low, self._high = min([LEAST, *pitches]), max([MOST, *pitches])
        self.rows = min(max(-(-tune.length // UNITS), 1), ROWS)
        self.pieces = [piece for note in tune.notes for piece in self._pieces(note)]

    @property
    def whole(self) -> bool:
        """Whether everything has found room."""
        return self.tune.length <= ROWS * UNITS

    def draw_lines(self, sheet: Sheet, theme: Theme, full: int) -> None:
        """Staves and bar lines; behind a bar that has not ``full`` units the line is marked as wrong."""
        staff, right, wrong = QPainterPath(), QPainterPath(), QPainterPath()
        for row in range(self.rows):
            for pitch in STAFF:
                y = self._y(pitch, row) + self._thick / 2
                staff.moveTo(EDGE, y)
                staff.lineTo(EDGE + UNITS * self._unit, y)
        for bar in self.tune.bars:
            self._add_bar(right if bar.units == full else wrong, bar)
        for path, line in ((staff, pen(theme.line)), (right, pen(theme.muted)), (wrong, pen(theme.wrong, 2.0))):
            sheet.path(line).setPath(path)

    def draw_notes(self, sheet: Sheet, colour: str, first: int, last: int) -> None:
        """The notes of the tokens ``first`` … ``last`` − 1."""
        path = QPainterPath()
        for piece in self.pieces:
            if first <= piece.note.token < last:
                path.addRoundedRect(piece.box, 1.5, 1.5)
        sheet.path(fill=colour).setPath(path)

    def draw_cursor(self, sheet: Sheet, theme: Theme, token: int) -> None:
        """A frame around the note that begins in ``token``, or the bar line."""
        path = QPainterPath()
        for bar in self.tune.bars:
            if bar.token == token:
                self._add_bar(path, bar)
        for piece in self.pieces:
            if piece.note.token == token:
                path.addRect(piece.box.adjusted(-2, -2, 2, 2))
        sheet.path(pen(theme.amber, 1.8)).setPath(path)

    def draw_key(self, sheet: Sheet, theme: Theme) -> None:
        """What the colours mean."""
        x = EDGE
        for words, colour in (("▬ read", theme.muted), ("▬ drawn", theme.positive), ("┃ not six eighths", theme.wrong)):
            item = sheet.text(colour, label_font(8), words)
            item.setPos(x, HEIGHT - KEY)
            x += item.boundingRect().width() + 10

    def note_at(self, place: QPointF) -> Note | None:
        """The note that stands at ``place``, a little around it included."""
        near = (piece.note for piece in self.pieces if piece.box.adjusted(-1, -3, 1, 3).contains(place))
        return next(near, None)

    @property
    def _thick(self) -> float:
        return ROW / (self._high - self._low + 1)

    def _y(self, pitch: int, row: int) -> float:
        return _top(row) + (self._high - pitch) * self._thick

    def _add_bar(self, path: QPainterPath, bar: Bar) -> None:
        row, units = divmod(bar.at, UNITS)
        if units == 0 and row > 0:  # at the end of its row, not at the beginning of the next
            row, units = row - 1, Fraction(UNITS)
        if row < self.rows:
            x = EDGE + float(units) * self._unit
            path.moveTo(x, _top(row))
            path.lineTo(x, _top(row) + ROW)

    def _pieces(self, note: Note) -> list[Piece]:
        found, start, end = [], note.start, note.start + note.length
        while start < end and start // UNITS < self.rows:
            row = int(start // UNITS)
            stop = min(end, Fraction((row + 1) * UNITS))
            x = EDGE + float(start - row * UNITS) * self._unit
            width = max(float(stop - start) * self._unit - 1, 1.0)
            thick = max(self._thick, 2.6)
            found.append(Piece(note, QRectF(x, self._y(note.pitch, row) + (self._thick - thick) / 2, width, thick)))
            start = stop
        return found


def _top(row: int) -> float:
    return TOP + row * (ROW + GAP)
