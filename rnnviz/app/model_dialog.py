"""Shows what is in a file of weights, and asks which layers are to be shown, and what they read."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnnviz.app.model_choices import ModelChoices
from rnnviz.cells import CELLS
from rnnviz.domain.checkpoint import CheckpointFacts, FoundStack, ModelChoice
from rnnviz.domain.values import Symbols
from rnnviz.drawing.items import visible_token
from rnnviz.drawing.reading_words import signed
from rnnviz.files.sequence import Sequence, Source, read_sequence

COLUMNS = ("Name", "Made of", "Cell", "Layers", "Directions", "Reads", "Units", "Gate order", "Biases")
MOST_ROWS = 6  # of the table that are seen at once
SHOWN_TOKENS, SHOWN_ROWS, SHOWN_NUMBERS = 24, 3, 8  # of the preview


class ModelDialog(QDialog):
    """Emits the choice when it is accepted; says in its preview what does not fit, and cannot be accepted then."""

    chosen = Signal(object)  # ModelChoice

    def __init__(self, found: CheckpointFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"A model of yours: {found.path.name}")
        self._found = found
        self.table = _table(found.stacks)
        self.choices = ModelChoices(found)
        self.preview = QLabel()
        self.preview.setWordWrap(True)
        self.preview.setTextFormat(Qt.TextFormat.PlainText)
        self.preview.setMinimumHeight(96)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton("Show it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setProperty("role", "primary")
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (_label(_about(found)), self.table, *_refusals(found), self.choices):
            layout.addWidget(part)
        layout.addWidget(self.preview, 1)
        layout.addWidget(buttons)
        self.resize(800, 440 + self.table.height() + 64 * bool(found.refused))
        self.table.currentCellChanged.connect(lambda row, *_: self.choices.choose_stack(found.stacks[max(row, 0)]))
        self.choices.changed.connect(self._show_preview)
        self._show_preview()

    @property
    def choice(self) -> ModelChoice:
        """What is chosen now."""
        return self.choices.choice

    def _show_preview(self) -> None:
        chosen = self.choice
        place = chosen.start, chosen.length, chosen.seed
        try:
            read = read_sequence(Source(chosen.data, chosen.vocabulary, chosen.labels, self.choices.reads_size, *place))
        except ValueError as error:
            self._say(str(error), fits=False)
        else:
            self._say(f"{read.note}\n{_first(read)}", fits=True)

    def _say(self, words: str, *, fits: bool) -> None:
        self.preview.setText(words)
        self.preview.setProperty("role", "muted" if fits else "error")
        self.preview.style().polish(self.preview)
        self.open_button.setEnabled(fits)

    def _on_accepted(self) -> None:
        self.chosen.emit(self.choice)
        self.accept()


def _about(found: CheckpointFacts) -> str:
    note = f"; {found.note}" if found.note else ""
    return (
        f"{found.form}, {found.parameters:,} numbers{note}. These recurrent layers were found by the names and shapes "
        "of their weights. Choose what is to be shown:"
    )


def _refusals(found: CheckpointFacts) -> list[QWidget]:
    """What cannot be opened, in a box that does not grow."""
    if not found.refused:
        return []
    area = QScrollArea()
    area.setWidget(_label("Cannot be opened: " + "\n".join(found.refused), "error"))
    area.setWidgetResizable(True)
    area.setMaximumHeight(64)
    return [area]


def _table(stacks: tuple[FoundStack, ...]) -> QTableWidget:
    table = QTableWidget(len(stacks), len(COLUMNS))
    table.setHorizontalHeaderLabels(list(COLUMNS))
    table.verticalHeader().hide()
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    for row, stack in enumerate(stacks):
        for column, words in enumerate(_row(stack)):
            item = QTableWidgetItem(words)
            item.setToolTip("\n".join(name for layer in stack.layers for name in layer.names if name))
            table.setItem(row, column, item)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setStretchLastSection(True)
    table.setFixedHeight(int(30 + 30 * min(len(stacks), MOST_ROWS)) + 4)
    table.setAccessibleName("Recurrent layers in the file")
    table.setCurrentCell(0, 0)
    return table


def _row(stack: FoundStack) -> tuple[str, ...]:
    units = dict.fromkeys(layer.hidden for layer in stack.layers)
    return (
        stack.title,
        stack.made_of,
        " or ".join(CELLS[name].title for name in stack.cells),
        str(stack.depth),
        "both" if stack.directions == 2 else "forward",
        str(stack.inputs),
        ", ".join(map(str, units)),
        stack.gate_order or "no gates",
        "yes" if all(layer.bias for layer in stack.layers) else "no",
    )


def _first(read: Sequence) -> str:
    """The first tokens, or the first rows of numbers."""
    if isinstance(read.kind, Symbols):
        labels = read.kind.labels
        return " ".join(visible_token(labels[index]) for index in read.values[:SHOWN_TOKENS].tolist()) + " …"
    names = ", ".join(read.kind.names[:SHOWN_NUMBERS])
    more = ", …" if read.kind.size > SHOWN_NUMBERS else ""
    rows = (", ".join(map(signed, row[:SHOWN_NUMBERS].tolist())) + more for row in read.values[:SHOWN_ROWS])
    return "\n".join([f"{names}{more}", *rows])


def _label(words: str, role: str = "") -> QLabel:
    made = QLabel(words)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    made.setProperty("role", role)
    return made
