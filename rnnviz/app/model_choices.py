"""What can be chosen about a model from a file: one box each, put together to a choice."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from rnnviz.cells import CELLS
from rnnviz.domain.checkpoint import SCALARS, CheckpointFacts, FoundStack, Matrix, ModelChoice

AS_NUMBERS, ONE_HOT = "numbers", "one-hot"
MOST_TOKENS, LARGEST_START = 2000, 2**31 - 1
DATA = "Data (*.txt *.md *.csv *.tsv *.npy *.npz);;All files (*)"
VOCABULARY = "Vocabulary (*.txt *.json *.vocab);;All files (*)"


class FileBox(QWidget):
    """A file, or none."""

    changed = Signal()

    def __init__(self, nothing: str, kinds: str) -> None:
        super().__init__()
        self._nothing, self._kinds = nothing, kinds
        self.path: Path | None = None
        self._choose, self._drop = QPushButton(), QPushButton("×")
        self._drop.setFixedWidth(28)
        self._drop.setToolTip(f"None: {nothing}")
        self._choose.clicked.connect(self._ask)
        self._drop.clicked.connect(lambda: self.set_path(None))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._choose, 1)
        row.addWidget(self._drop)
        self.set_path(None)

    def set_path(self, path: Path | None) -> None:
        """Take ``path``, or none."""
        self.path = path
        self._choose.setText(f"{self._nothing} …" if path is None else path.name)
        self._choose.setToolTip("" if path is None else str(path))
        self._drop.setEnabled(path is not None)
        self.changed.emit()

    def _ask(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self._nothing, "", self._kinds)
        if chosen:
            self.set_path(Path(chosen))


class ModelChoices(QWidget):
    """Proposes what fits a stack; ``changed`` follows every choice."""

    changed = Signal()

    def __init__(self, found: CheckpointFacts) -> None:
        super().__init__()
        self._found = found
        self._stack = found.stacks[0]
        self.cell, self.reads, self.readout, self.scalar = (QComboBox() for _ in range(4))
        self.data, self.vocabulary = FileBox("random", DATA), FileBox("none", VOCABULARY)
        self.start, self.length, self.place = QSpinBox(), QSpinBox(), QSpinBox()
        self.start.setRange(0, LARGEST_START)
        self.length.setRange(1, MOST_TOKENS)
        self.length.setValue(50)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow("Cell", self.cell)
        form.addRow("Reads", self.reads)
        form.addRow("Read-out", self.readout)
        form.addRow("Data", self.data)
        form.addRow("Vocabulary", self.vocabulary)
        form.addRow("Tokens", _side_by_side(("from", self.start), ("how many", self.length)))
        form.addRow("Gradients of", _side_by_side(("", self.scalar), ("no.", self.place)))
        for name, box in (("Cell", self.cell), ("Reads", self.reads), ("Read-out", self.readout)):
            box.setAccessibleName(name)
        self._connect()
        self.choose_stack(self._stack)

    @property
    def choice(self) -> ModelChoice:
        """As the boxes say."""
        reads, readout = self.reads.currentData(), self.readout.currentData()
        return ModelChoice(
            path=self._found.path,
            stack=self._stack.name,
            cell=self.cell.currentData(),
            embedding=None if reads in (AS_NUMBERS, ONE_HOT) else reads,
            one_hot=reads == ONE_HOT,
            readout=readout or None,
            data=self.data.path,
            vocabulary=self.vocabulary.path if reads != AS_NUMBERS else None,
            start=self.start.value(),
            length=self.length.value(),
            scalar=self.scalar.currentData(),
            place=self.place.value() if self.place.isEnabled() else 0,
        )

    @property
    def reads_size(self) -> int:
        """How many labels, or numbers a token, are read."""
        known = {matrix.name: matrix.rows for matrix in self._found.embeddings(self._stack)}
        return known.get(self.reads.currentData(), self._stack.inputs)

    def choose_stack(self, stack: FoundStack) -> None:
        """Offer what fits ``stack``, the likeliest first."""
        self._stack = stack
        _fill(self.cell, [(CELLS[name].title, name) for name in stack.cells])
        self.cell.setEnabled(len(stack.cells) > 1)
        self.cell.setToolTip("The weights do not tell which: choose" if len(stack.cells) > 1 else "")
        embeddings = [(f"labels by {_shape(matrix)}", matrix.name) for matrix in self._found.embeddings(stack)]
        plain = [(f"{stack.inputs} numbers a token", AS_NUMBERS), (f"{stack.inputs} labels, one-hot", ONE_HOT)]
        _fill(self.reads, [*embeddings, *plain])
        readouts = [(_shape(matrix), matrix.name) for matrix in self._found.readouts(stack)]
        _fill(self.readout, [*readouts, ("none", "")])
        self._fill_scalars()

    def _fill_scalars(self) -> None:
        """Only what the read-out allows; the loss where it says as many numbers as are read."""
        chosen = next((m for m in self._found.readouts(self._stack) if m.name == self.readout.currentData()), None)
        names = [name for name in SCALARS if chosen is not None or name in ("squares", "unit")]
        if chosen is not None and chosen.rows != self.reads_size:
            names.remove("next")
        _fill(self.scalar, [(SCALARS[name], name) for name in names])
        self._fit_place()

    def _fit_place(self) -> None:
        scalar = self.scalar.currentData()
        rows = {matrix.name: matrix.rows for matrix in self._found.readouts(self._stack)}
        last = {"unit": self._stack.width, "output": rows.get(self.readout.currentData(), 1)}.get(scalar, 1) - 1
        with QSignalBlocker(self.place):
            self.place.setRange(0, last)
        self.place.setEnabled(scalar in ("unit", "output"))
        self.vocabulary.setEnabled(self.reads.currentData() != AS_NUMBERS)
        self.changed.emit()

    def _connect(self) -> None:
        self.cell.activated.connect(lambda _: self.changed.emit())
        for box in (self.reads, self.readout):
            box.activated.connect(lambda _: self._fill_scalars())
        self.scalar.activated.connect(lambda _: self._fit_place())
        for file in (self.data, self.vocabulary):
            file.changed.connect(self.changed)
        for spin in (self.start, self.length, self.place):
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda _: self.changed.emit())


def _fill(box: QComboBox, entries: list[tuple[str, str]]) -> None:
    with QSignalBlocker(box):
        box.clear()
        for title, name in entries:
            box.addItem(title, name)


def _shape(matrix: Matrix) -> str:
    return f"{matrix.name} ({matrix.rows:,} × {matrix.columns:,})"


def _side_by_side(*parts: tuple[str, QWidget]) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    for name, widget in parts:
        if name:
            row.addWidget(QLabel(name))
        row.addWidget(widget, 0 if isinstance(widget, QSpinBox) else 1)
    row.addStretch(0)
    return made
