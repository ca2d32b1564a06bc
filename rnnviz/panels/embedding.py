"""A map of the embedding: every token at its place in the plane in which the vectors spread most."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainterPath

from rnnviz.analysis import tables_of_output as tables
from rnnviz.analysis.embedding import nearest, not_flipped
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Trace
from rnnviz.domain.views import Side
from rnnviz.drawing.axes import Axes
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import centre, faint, label_font, pen, visible_token
from rnnviz.drawing.label_row import cut
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.word_places import pushed_in, without_overlap
from rnnviz.panels.panel import Panel

TALLEST = 300.0
EDGE, TOP = 2.0, 4.0
EMPTY = 48.0  # pixels for a sentence
DOT = 1.6  # pixels from middle to rim
DOTS_ALPHA = 120
LEADING = 4.0  # pixels of a line of text that have no ink
NEAR = 10.0  # pixels around the pointer
MOST_WORDS = 200  # that may be written; the rarer ones are dots
MOST_LETTERS = 14
POINTS = 8.5


class EmbeddingPanel(Panel):
    """Drawn anew with every study, and when the token at the cursor is another."""

    name = "embedding"
    title = "Embedding map"
    sides: frozenset[Side] = frozenset()
    how_to_read = (
        "Each token stands where its vector lies in the plane in which all vectors spread most (two principal "
        "components; the title says how much of the variance that is). Tokens that the network uses alike drift "
        "together. Words that find no room are dots, the rarest first. Amber is the token at the cursor, with lines to "
        "the five tokens whose vectors are nearest in angle, in all dimensions: long lines show what the plane hides. "
        "Underlined: missing in the file of vectors. Point at a token to see its neighbours, click to go to it in the "
        "sequence."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"embedding"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._map: EmbeddingMap | None = None
        self._places: Array = np.empty((0, 2))  # of the tokens of the map
        self._facts: RunFacts | None = None
        self._comparable = False  # whether the axes of the next map are to be turned as those of this one
        self._index: dict[str, int] = {}
        self._tokens: tuple[str | None, ...] = ()
        self._cursor = Cursor()
        self._token: str | None = None  # at the cursor
        self._near: list[tuple[int, float]] = []  # its neighbours and their cosines
        self._middles: Array = np.empty((0, 2))  # of what is drawn, in pixels
        self._figure = Figure(theme, self._draw, self._height, self._words_at)
        self._figure.pressed.connect(self._on_pressed)
        self._caption = Caption()
        self.body.addWidget(self._figure)
        self.body.addWidget(self._caption)
        self._describe()

    def numbers(self) -> Table:
        """Places, counts and vectors."""
        found = self._map
        return Table(self.title) if found is None or not found.labels else tables.embedding(self.title, found)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def start_run(self, facts: RunFacts) -> None:
        """Forget how the axes were turned, but not when the panel is shown again in the same run."""
        super().start_run(facts)
        self._comparable = facts is self._facts
        self._facts = facts

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Mark the token at the cursor."""
        self._cursor = cursor
        self._tokens = () if trace.reading is None else tuple(trace.reading.tokens)
        token = self._tokens[cursor.token] if cursor.token < len(self._tokens) else None
        if token != self._token:
            self._token = token
            self._show_anew()

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show the newest map, its axes turned as before."""
        if studies.embedding is self._map:
            return
        had = self._has_nothing
        self._map = studies.embedding
        if had != self._has_nothing:
            self._figure.updateGeometry()
        if self._map is not None:
            same = self._comparable and self._places.shape == self._map.places.shape
            self._comparable = True
            self._places = not_flipped(self._map.places, self._places) if same else self._map.places
            self._index = {label: place for place, label in enumerate(self._map.labels)}
        self._show_anew()

    def _show_anew(self) -> None:
        chosen = self._at_cursor
        self._near = [] if self._map is None or chosen is None else nearest(self._map.vectors, chosen)
        self._describe()
        self._figure.redraw()

    def _describe(self) -> None:
        found = self._map
        if found is None or not found.labels:
            self.set_subtitle("principal components")
            self._caption.say("")
            return
        first, second = found.explained
        frozen = "frozen · " if found.frozen else ""
        self.set_subtitle(f"{frozen}{first:.0%} + {second:.0%} of the variance · PCA · {len(found.labels):,} tokens")
        at_cursor = "" if self._at_cursor is None else self._neighbours_in_words(self._at_cursor) + "\n"
        self._caption.say(f"{at_cursor}{found.note}")

    @property
    def _has_nothing(self) -> bool:
        """Whether there is no embedding, as far as is known."""
        return self._map is not None and not self._map.labels

    def _height(self, width: int) -> float:
        return EMPTY if self._has_nothing else min(width - 2 * EDGE, TALLEST) + 2 * TOP

    @property
    def _at_cursor(self) -> int | None:
        return None if self._token is None else self._index.get(self._token)

    def _draw(self) -> None:
        self._middles = np.empty((0, 2))
        if self._map is None or not self._map.labels:
            self._figure.say(*(() if self._map is None else (self._map.note,)))
            return
        frame = QRectF(EDGE, TOP, self._figure.width() - 2 * EDGE, self._height(self._figure.width()) - 2 * TOP)
        axes = Axes(self._figure.sheet, self.theme, frame, *_ranges(self._places))
        self._middles = np.stack([axes.across(self._places[:, 0]), axes.down(self._places[:, 1])], axis=1)
        self._draw_tokens(axes)

    def _draw_tokens(self, axes: Axes) -> None:
        order = self._order()
        font = label_font(POINTS)
        metrics = QFontMetricsF(font)
        words = [self._written(index) for index in order[:MOST_WORDS].tolist()]
        sizes = np.array([[metrics.horizontalAdvance(word) + 3, metrics.height() - LEADING] for word in words])
        box = axes.frame.left() + 1, axes.frame.top() + 1, axes.frame.right() - 1, axes.frame.bottom() - 1
        written = without_overlap(self._middles[order[:MOST_WORDS]], sizes, box)
        dots = np.concatenate([order[:MOST_WORDS][~written], order[MOST_WORDS:]])
        fill = self._figure.sheet.path(fill=faint(self.theme.muted, DOTS_ALPHA))
        axes.dots(self._places[dots, 0], self._places[dots, 1], DOT, fill)
        self._draw_lines()
        middles = pushed_in(self._middles[order[:MOST_WORDS]], sizes, box)
        shown = frozenset(self._tokens)
        for place in np.flatnonzero(written).tolist():
            self._write(int(order[place]), words[place], middles[place], shown)

    def _order(self) -> Array:
        """Indices: the token at the cursor, its neighbours, then the commonest."""
        assert self._map is not None  # noqa: S101  # _draw has looked
        common = np.argsort(-np.asarray(self._map.counts), kind="stable")
        if self._at_cursor is None:
            return common
        first = [self._at_cursor, *(other for other, _ in self._near)]
        return np.concatenate([first, common[~np.isin(common, first)]])

    def _write(self, index: int, word: str, middle: Array, shown: frozenset[str | None]) -> None:
        assert self._map is not None  # noqa: S101  # _draw has looked
        label, chosen = self._map.labels[index], index == self._at_cursor
        font = label_font(POINTS, bold=chosen)
        font.setUnderline(label in self._map.missing)
        colour = self.theme.amber if chosen else self.theme.text if label in shown else self.theme.muted
        centre(self._figure.sheet.text(colour, font, word), *middle)

    def _draw_lines(self) -> None:
        """From the token at the cursor to its neighbours."""
        path, chosen = QPainterPath(), self._at_cursor
        for other, _ in self._near:
            start, end = self._middles[chosen], self._middles[other]
            if np.isfinite([start, end]).all():
                path.moveTo(*start)
                path.lineTo(*end)
        self._figure.sheet.path(pen(self.theme.line, 1.5)).setPath(path)

    def _written(self, index: int) -> str:
        assert self._map is not None  # noqa: S101  # _draw has looked
        return cut(visible_token(self._map.labels[index]), MOST_LETTERS)

    def _nearest_to(self, place: QPointF) -> int | None:
        """The token that is drawn at ``place``."""
        if not len(self._middles):
            return None
        away = np.hypot(*(self._middles - (place.x(), place.y())).T)
        away = np.where(np.isfinite(away), away, np.inf)
        return int(away.argmin()) if away.min() <= NEAR else None

    def _words_at(self, place: QPointF) -> str:
        index = self._nearest_to(place)
        if index is None or self._map is None:
            return ""
        label = self._map.labels[index]
        gone = "\nmissing in the file of vectors: began at random" if label in self._map.missing else ""
        times = int(self._map.counts[index])
        return f"{self._neighbours_in_words(index)}\nread {times:,} times in {self._map.counted}{gone}"

    def _neighbours_in_words(self, index: int) -> str:
        assert self._map is not None  # noqa: S101  # the callers have looked
        name = f"“{visible_token(self._map.labels[index])}”"
        found = nearest(self._map.vectors, index)
        if not found:
            return f"{name} has no direction: its vector is 0 or not finite"
        near = ", ".join(
            f"{visible_token(self._map.labels[other])} {round(cosine, 2) + 0.0:.2f}" for other, cosine in found
        )
        return f"{name} is nearest (cosine) to {near}".replace("-", "−")

    def _on_pressed(self, place: QPointF) -> None:
        """Go to where the token comes next in the sequence, from the start again after its end."""
        index = self._nearest_to(place)
        if index is None or self._map is None:
            return
        places = [at for at, token in enumerate(self._tokens) if token == self._map.labels[index]]
        if places:
            self.token_chosen.emit(next((at for at in places if at > self._cursor.token), places[0]))


def _ranges(places: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both axes from end to end in one scale, with a little room; never empty."""
    known = places[np.isfinite(places).all(axis=1)]
    if not len(known):
        return (-1.0, 1.0), (-1.0, 1.0)
    low, high = known.min(axis=0), known.max(axis=0)
    middle, half = (low + high) / 2, 0.53 * float((high - low).max()) or 1.0
    (left, bottom), (right, top) = (middle - half).tolist(), (middle + half).tolist()
    return (left, right), (bottom, top)
