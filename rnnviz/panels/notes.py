"""The tune that the network writes, as notes that can be heard."""

from pathlib import Path

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QToolButton

from rnnviz.analysis import tables_of_output as tables
from rnnviz.analysis.abc import Note, Tune, parse
from rnnviz.analysis.synthesis import RATE, render
from rnnviz.config import RunConfig
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Trace
from rnnviz.domain.views import Side
from rnnviz.drawing.caption import Caption
from rnnviz.drawing.figure import Figure
from rnnviz.drawing.piano_roll import HEIGHT, Roll
from rnnviz.drawing.theme import Theme
from rnnviz.files.wav import write_wav
from rnnviz.panels.panel import Panel
from rnnviz.state.player import Player

FULL = 6  # eighths in a bar of a jig
NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")


class NotesPanel(Panel):
    """Sampled notes are blue, those that were read grey; the cursor's is framed."""

    name = "notes"
    title = "Notes"
    sides: frozenset[Side] = frozenset({"output"})
    phases: frozenset[Phase] = frozenset({"forward"})
    how_to_read = (
        "From left to right time, upwards pitch; the lines are those of a staff, four bars stand in a row. Grey: notes "
        "that were read, blue: notes that the network drew itself. A red bar line ends a bar that has not six eighths: "
        "keeping count is what the network has to learn. A click chooses the token; symbols that make no sense are "
        "passed over and counted."
    )
    stretch = 0
    wants: frozenset[StudyName] = frozenset({"sampling"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._studies = Studies()
        self._tokens: tuple[str, ...] = ()  # that are displayed
        self._written = 0  # from this one on they are the network's own
        self._cursor = Cursor()
        self._labels: tuple[str, ...] = ()
        self._own_from = 0  # token from which on the network wrote
        self._tune: Tune | None = None
        self._roll: Roll | None = None
        self._told = ""  # what came of the last button: it stays while training brings new tunes
        self._player = Player(self)
        self._displayed = QCheckBox("displayed only")
        self._displayed.setToolTip("Without what the network writes behind the cursor")
        self._displayed.toggled.connect(self._take)
        self._figure = Figure(theme, self._draw, lambda _: HEIGHT, self._words_at)
        self._figure.pressed.connect(self._on_pressed)
        self._caption = Caption()
        self.body.addLayout(self._buttons())
        self.body.addWidget(self._figure)
        self.body.addWidget(self._caption)
        self._take()

    def applies_to(self, config: RunConfig, facts: RunFacts) -> bool:
        """Where labels are notes."""
        return facts.notation == "abc"

    def start_run(self, facts: RunFacts) -> None:
        """Nothing has been told of this run's tunes yet."""
        super().start_run(facts)
        self._told = ""

    def numbers(self) -> Table:
        """The notes."""
        return Table(self.title) if self._tune is None else tables.notes(self.title, self._tune)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        super().set_theme(theme)
        self._figure.recolour(theme)

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Take the displayed tune, and the token to frame."""
        if trace.reading is None:
            return
        given = (trace.reading.tokens, len(trace.reading.tokens) if trace.written is None else trace.written)
        moved, self._cursor = cursor.token != self._cursor.token, cursor
        if given != (self._tokens, self._written):
            self._tokens, self._written = given
            self._take()
        elif moved:
            self._figure.redraw()

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Take the tune that the network wrote."""
        if studies.sampling is not self._studies.sampling:
            self._studies = studies
            self._take()

    def play(self) -> None:
        """Let the tune be heard."""
        if self._tune is not None:
            self._say(self._player.play(render(self._tune.notes), RATE))

    def save(self) -> None:
        """Ask for a file and write the tune into it."""
        name, _ = QFileDialog.getSaveFileName(self, "Save the tune", "tune.wav", "Sound (*.wav)")
        if not name or self._tune is None:
            return
        path = Path(name) if name.lower().endswith(".wav") else Path(f"{name}.wav")
        if path != Path(name) and path.exists():  # Qt has not asked about this one
            self._say(f"{path} exists already: to replace it, choose it by its whole name.")
            return
        try:
            write_wav(path, render(self._tune.notes), RATE)
        except OSError as error:
            self._say(f"{path} cannot be written: {error.strerror or error}.")
        else:
            self._say(f"Written to {path}.")

    def _buttons(self) -> QHBoxLayout:
        self._play, self._save = QToolButton(), QToolButton()
        row = QHBoxLayout()
        for button, words, told, action in (
            (self._play, "Play", "Play the tune, at most its first two minutes", self.play),
            (self._save, "Save WAV", "Write the tune as a sound file", self.save),
        ):
            button.setText(words)
            button.setToolTip(told)
            button.clicked.connect(action)
            row.addWidget(button)
        row.addWidget(self._displayed, 1)
        return row

    def _take(self) -> None:
        """Read the tune that is wanted."""
        sampled = self._studies.sampling
        if self._displayed.isChecked() or sampled is None:
            self._labels, self._own_from = self._tokens, self._written
        else:
            self._labels, self._own_from = (
                sampled.labels,
                min(len(sampled.prefix), self._written or len(sampled.prefix)),
            )
        self._tune = parse(self._labels) if self._labels else None
        for button in (self._play, self._save):
            button.setEnabled(self._tune is not None and bool(self._tune.notes))
        self._say(self._told)
        self._figure.redraw()

    def _say(self, sentence: str) -> None:
        self._told = sentence
        self._caption.say("\n".join(filter(None, (_in_words(self._tune, self._roll_is_whole()), sentence))))
        if self._tune is not None:
            self.set_subtitle(f"{len(self._tune.notes)} notes")

    def _roll_is_whole(self) -> bool:
        return self._tune is None or Roll(self._tune, 1).whole

    def _draw(self) -> None:
        self._roll = None
        if self._tune is None:
            self._figure.say()
            return
        roll = self._roll = Roll(self._tune, self._figure.width())
        roll.draw_lines(self._figure.sheet, self.theme, FULL)
        roll.draw_notes(self._figure.sheet, self.theme.muted, 0, self._own_from)
        roll.draw_notes(self._figure.sheet, self.theme.positive, self._own_from, len(self._labels))
        roll.draw_key(self._figure.sheet, self.theme)
        roll.draw_cursor(self._figure.sheet, self.theme, self._cursor.token)

    def _words_at(self, place: QPointF) -> str:
        note = None if self._roll is None else self._roll.note_at(place)
        return "" if note is None else f"token {note.token}: {note_in_words(note)}"

    def _on_pressed(self, place: QPointF) -> None:
        note = None if self._roll is None else self._roll.note_at(place)
        sampled = self._studies.sampling
        if note is None:
            return
        if sampled is None or self._displayed.isChecked() or note.token < len(sampled.prefix):
            self.token_chosen.emit(note.token)
        else:
            self.written_chosen.emit(sampled, note.token)


def note_in_words(note: Note) -> str:
    """“B4, 3 eighths”."""
    unit = "eighth" if note.length == 1 else "eighths"
    return f"{NAMES[note.pitch % 12]}{note.pitch // 12 - 1}, {note.length} {unit}"


def _in_words(tune: Tune | None, whole: bool) -> str:  # noqa: FBT001  # one of two words
    if tune is None:
        return ""
    full = sum(bar.units == FULL for bar in tune.bars)
    bars = f"{full} of {len(tune.bars)} bars have six eighths" if tune.bars else "no bar line"
    skipped = f", {tune.skipped} symbols make no sense" if tune.skipped else ""
    return f"{bars}{skipped}{'' if whole else '; the end is not shown, but played'}"
