"""A preview of a data file: what was detected, its first rows, and what is to be learned from it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rnnviz.files.errors import BadFileError
from rnnviz.files.preview import Preview, is_long
from rnnviz.tasks import TASKS

LONG = "The file is long: it is read whole, and checked, when the run starts."


class DataDialog(QDialog):
    """Emits the task that is chosen; one that cannot read the file says why, and cannot be accepted."""

    chosen = Signal(str)

    def __init__(self, found: Preview, length: int, parent: QWidget | None = None) -> None:
        """``length``: tokens in a sequence, which some tasks need to know."""
        super().__init__(parent)
        self.setWindowTitle(f"Data of yours: {found.path.name}")
        self._found, self._length = found, length
        self.task = QComboBox()
        for name in found.tasks:
            self.task.addItem(f"{TASKS[name].title}: {TASKS[name].about}", name)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        form = QFormLayout()
        for name, value in found.facts:
            words = QLabel(value)
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            form.addRow(name, words)
        self.table = _table(found)
        learn = QFormLayout()
        learn.addRow("Learn", self.task)
        buttons = QDialogButtonBox()
        self.use_button = buttons.addButton("Start a run with it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use_button.setProperty("role", "primary")
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.table, 1)
        layout.addLayout(learn)
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.resize(760, 560)
        self.task.currentIndexChanged.connect(lambda _: self._try())
        self._try()

    def _try(self) -> None:
        """Open the task, as a run would: its note, or why it cannot."""
        fits = True
        try:
            note = LONG if is_long(self._found.path) else ""
            note = note or TASKS[self.task.currentData()].open(self._found.path, self._length).note
        except BadFileError as error:
            note, fits = str(error), False
        self.said.setText(note)
        self.said.setProperty("role", "muted" if fits else "error")
        self.said.style().polish(self.said)
        self.use_button.setEnabled(fits)

    def _on_accepted(self) -> None:
        self.chosen.emit(self.task.currentData())
        self.accept()


def _table(found: Preview) -> QTableWidget:
    width = max([len(found.header), *(len(row) for row in found.rows)], default=1)
    table = QTableWidget(len(found.rows), width)
    table.horizontalHeader().setVisible(any(found.header))
    table.setHorizontalHeaderLabels([*found.header, *[""] * (width - len(found.header))])
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setAccessibleName("The first rows")
    for place, row in enumerate(found.rows):
        for column, words in enumerate(row):
            table.setItem(place, column, QTableWidgetItem(words))
    table.resizeColumnsToContents()
    table.horizontalHeader().setStretchLastSection(True)
    return table
