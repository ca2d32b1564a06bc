"""A preview of a data file: what was detected, its first rows, and what is to be done with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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

from rnnviz.files.columns import Columns
from rnnviz.files.preview import Preview

WIDEST = 330  # pixels of a column of the table; the last one takes what is left
LONG_CELL = 20  # characters: of a longer cell the whole is in its tool tip


@dataclass(frozen=True)
class Choice:
    """What can be done with a file."""

    name: str  # what is emitted
    title: str
    check: Callable[[str | None], str]  # what is to be said of it, with a column; raises ValueError: why it cannot be
    columns: Columns | None = None  # of which one is to be chosen


class DataDialog(QDialog):
    """Emits what is chosen, and which column: None for the usual one.

    A choice that is impossible says why, and cannot be accepted.
    """

    chosen = Signal(str, object)

    def __init__(self, found: Preview, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Data of yours: {found.path.name}")
        self._choices = tuple(choices)
        self.task, self.column = QComboBox(), QComboBox()
        for choice in self._choices:
            self.task.addItem(choice.title)
        self.said = _words()
        self.table = _table(found)
        self._form = QFormLayout()
        self._form.addRow("Learn", self.task)
        self._form.addRow("Column", self.column)
        layout = QVBoxLayout(self)
        layout.addLayout(_facts(found))
        layout.addWidget(self.table, 1)
        layout.addLayout(self._form)
        layout.addWidget(self.said)
        layout.addWidget(self._buttons())
        self.resize(760, 560)
        self.task.currentIndexChanged.connect(lambda _: self._on_task())
        self.column.activated.connect(lambda _: self._try())
        self._on_task()

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        return self._choices[self.task.currentIndex()]

    @property
    def chosen_column(self) -> str | None:
        """Another column than the usual one."""
        columns, name = self.choice.columns, self.column.currentText()
        return None if columns is None or name == columns.usual else name

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.use_button = buttons.addButton("Start a run with it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use_button.setProperty("role", "primary")
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        return buttons

    def _on_task(self) -> None:
        columns = self.choice.columns
        self.column.clear()
        if columns is not None:
            self.column.addItems(columns.names)
            self.column.setCurrentText(columns.usual)
        self._form.setRowVisible(self.column, columns is not None and len(columns.names) > 1)
        self._try()

    def _try(self) -> None:
        """Check the choice: what is to be said of it, or why it cannot be."""
        fits = True
        try:
            said = self.choice.check(self.chosen_column)
        except ValueError as error:
            said, fits = str(error), False
        self.said.setText(breakable(said))
        self.said.setProperty("role", "muted" if fits else "error")
        self.said.style().polish(self.said)
        self.use_button.setEnabled(fits)

    def _on_accepted(self) -> None:
        self.chosen.emit(self.choice.name, self.chosen_column)
        self.accept()


def breakable(words: str) -> str:
    """``words`` with places at which a long path may go on in the next line."""
    return words.replace("/", "/\u200b").replace("\\", "\\\u200b")


def _facts(found: Preview) -> QFormLayout:
    form = QFormLayout()
    for name, value in found.facts:
        words = _words()
        words.setText(breakable(value))
        form.addRow(name, words)
    return form


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


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
            item = QTableWidgetItem(words)
            item.setToolTip(words if len(words) > LONG_CELL else "")
            table.setItem(place, column, item)
    table.resizeColumnsToContents()
    for column in range(width):
        table.setColumnWidth(column, min(table.columnWidth(column), WIDEST))
    table.horizontalHeader().setStretchLastSection(True)
    return table
