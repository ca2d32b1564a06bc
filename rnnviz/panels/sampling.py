"""What the network writes when it goes on by itself behind the chosen token."""

import textwrap

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainterPath

from rnnviz.analysis import tables_of_output as tables
from rnnviz.config import RunConfig
from rnnviz.domain.continuation import Sampled
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.items import mono_font, pen, visible_token
from rnnviz.drawing.share_legend import draw_share_legend, on_share
from rnnviz.drawing.slider_row import SliderRow
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_flow import LINE, Placed, flow, runs, token_at
from rnnviz.panels.panel import Panel

LINES = 13
LETTER = 12  # pixels
PREFIX = 60  # tokens of what was read that are shown
LEGEND = 16.0
HEIGHT = LINES * LINE + LEGEND + 4
HOTTEST = 300  # hundredths


class SamplingPanel(Panel):
    """Text in the colours of its probabilities; a click shows how a token came about."""

    name = "sampling"
    title = "Sampling"
    sides: frozenset[Side] = frozenset({"output"})
    phases: frozenset[Phase] = frozenset({"forward"})
    how_to_read = (
        "The network reads the displayed sequence up to the cursor (grey) and then goes on by itself: every label is "
        "drawn from softmax(logits / temperature) and read at once as the next token. The colour is the probability "
        "that the network itself, at temperature 1, gave to the label. Temperature 0 always takes the most probable, "
        "a high one makes all alike. Hover: the alternatives. A click on a drawn token shows the written sequence in "
        "all rows, with the cursor on that token; H goes back."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"sampling"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._sampled: Sampled | None = None
        self._mute = ""
        self._placed: list[Placed] = []
        self._temperature = SliderRow(_temperature, (0, HOTTEST), 100, "Again")
        self._temperature.set_tool_tips("0: always the most probable label", "Draw anew, with the next seed (N)")
        self._temperature.chosen.connect(lambda value: self.going_on_chosen.emit({"temperature": value / 100}))
        self._temperature.pressed.connect(self.draw_again)
        self._figure = Figure(theme, self._draw, lambda _: HEIGHT, self._words_at)
        self._figure.pressed.connect(self._on_pressed)
        self._caption = Caption()
        for part in (self._temperature, self._figure, self._caption):
            self.body.addWidget(part)
        self._describe()

    def applies_to(self, config: RunConfig, facts: RunFacts) -> bool:
        """Where labels are predicted."""
        return bool(facts.labels)

    def numbers(self) -> Table:
        """What was drawn, with its probabilities."""
        return Table(self.title) if self._sampled is None else tables.sampled(self.title, self._sampled)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def start_run(self, facts: RunFacts) -> None:
        """Say why there is nothing to show, where that is so."""
        self._mute = facts.mute
        self._temperature.setEnabled(not facts.mute)
        self._describe()
        self._figure.redraw()

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show what was written last."""
        if studies.sampling is not self._sampled:
            self._sampled = studies.sampling
            self._describe()
            self._figure.redraw()

    def draw_again(self) -> None:
        """Ask for another text behind the same tokens."""
        self.going_on_chosen.emit({"seed": 0 if self._sampled is None else self._sampled.how.seed + 1})

    def _describe(self) -> None:
        found = self._sampled
        if found is None or self._mute:
            self.set_subtitle("" if self._mute else "drawn token by token, each read at once")
            self._caption.say("")
            return
        how = found.how
        self.set_subtitle(f"behind token {len(found.prefix) - 1}, temperature {how.temperature:.2f}, seed {how.seed}")
        if not found.drawn:
            self._caption.say("The read-out is not finite: there is nothing to draw from.")
            return
        broken = " It ends where the read-out was not finite." if found.broken else ""
        self._caption.say(
            f"Mean probability of what was drawn {found.chances.mean():.0%} (at temperature 1), mean entropy "
            f"{found.entropy.mean():.2f} nats a token (at {how.temperature:.2f}), over {len(found.drawn)} tokens."
            f"{broken}"
        )

    def _draw(self) -> None:
        self._placed = []
        found = self._sampled
        if self._mute:
            self._figure.say(_broken(f"This network cannot go on by itself: {self._mute}.", self._figure.width()))
            return
        if found is None:
            self._figure.say()
            return
        font = mono_font(LETTER)
        first = max(len(found.prefix) - PREFIX, 0)
        advance = QFontMetricsF(font).horizontalAdvance("m")
        self._placed = flow(found.labels, first, self._figure.width(), advance, LINES)
        self._draw_grounds(found)
        inks: dict[str, list[Placed]] = {}
        for token in self._placed:
            inks.setdefault(self._ink(found, token), []).append(token)
        for ink, tokens in inks.items():
            for run in runs(tokens):
                item = self._figure.sheet.text(ink, font, "".join(token.text for token in run))
                item.setPos(run[0].box.left(), run[0].box.top() + (LINE - item.boundingRect().height()) / 2)
        place = QRectF(3, HEIGHT - LEGEND, self._figure.width() - 6, LEGEND)
        draw_share_legend(self._figure.sheet, self.theme, place, "probability")

    def _draw_grounds(self, found: Sampled) -> None:
        """The colours behind drawn tokens, one path for all of a colour, and the cursor."""
        paths: dict[str, QPainterPath] = {}
        for token in self._placed:
            place = token.token - len(found.prefix)
            if place >= 0:
                colour = on_share(self.theme, float(found.chances[place]))[0]
                paths.setdefault(colour.name(), QPainterPath()).addRect(token.box.adjusted(0, 1, 0, -1))
        for name, path in paths.items():
            self._figure.sheet.path(fill=name).setPath(path)
        cursor = QPainterPath()
        for token in self._placed:
            if token.token == len(found.prefix) - 1:
                cursor.addRect(token.box.adjusted(0, 1, 0, -1))
        self._figure.sheet.path(pen(self.theme.amber, 1.4)).setPath(cursor)

    def _ink(self, found: Sampled, token: Placed) -> str:
        place = token.token - len(found.prefix)
        return self.theme.muted if place < 0 else on_share(self.theme, float(found.chances[place]))[1]

    def _words_at(self, place: QPointF) -> str:
        index = token_at(self._placed, place)
        if index is None or self._sampled is None:
            return ""
        found, drawn = self._sampled, index - len(self._sampled.prefix)
        if drawn < 0:
            return f"token {index}: {visible_token(found.labels[index])}, read as it is displayed"
        others = zip(found.others[drawn], found.other_chances[drawn].tolist(), strict=True)
        lines = [
            f"token {index}: {visible_token(found.drawn[drawn])}, {found.chances[drawn]:.1%}",
            f"at temperature {found.how.temperature:.2f}: {found.drawn_at[drawn]:.1%}",
            f"entropy there {found.entropy[drawn]:.2f} nats; the most probable at 1:",
            *(f"{visible_token(label)}  {chance:.1%}" for label, chance in others),
        ]
        return "\n".join(lines)

    def _on_pressed(self, place: QPointF) -> None:
        index = token_at(self._placed, place)
        if index is None or self._sampled is None:
            return
        if index < len(self._sampled.prefix):
            self.token_chosen.emit(index)
        else:
            self.written_chosen.emit(self._sampled, index)


def _temperature(hundredths: int) -> str:
    extreme = {0: ": the most probable", 100: ": as it is"}
    return f"temperature {hundredths / 100:.2f}{extreme.get(hundredths, '')}"


def _broken(sentence: str, width: int) -> str:
    return "\n".join(textwrap.wrap(sentence, max(width // 7, 20)))
