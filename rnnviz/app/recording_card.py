"""What a recording is and how it stands, in the place of the settings."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

ABOUT = (
    "Nothing of it can be changed here: settings, forks and interventions need a network in training. "
    "Space follows it while it is being written; the history below opens every update that was traced."
)


class RecordingCard(QScrollArea):
    """Rows of a name and a value."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Recording")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 6, 4)
        column.setSpacing(3)
        title = QLabel("Recording")
        title.setProperty("role", "title")
        column.addWidget(title)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        column.addLayout(self._rows)
        column.addSpacing(8)
        column.addWidget(_label(ABOUT, "muted"))
        column.addStretch(1)
        self.setWidget(inside)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._values: list[QLabel] = []
        self.hide()

    @property
    def text(self) -> str:
        """All rows, a line each."""
        return "\n".join(f"{name}: {value}" for name, value in self._shown)

    def show_rows(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Show names and values; where the names are the same, only values are changed."""
        if [name for name, _ in rows] != [name for name, _ in self._shown]:
            self._build(rows)
        for label, (_, value) in zip(self._values, rows, strict=True):
            if label.text() != value:
                label.setText(value)
        self._shown = rows

    def _build(self, rows: tuple[tuple[str, str], ...]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._values = []
        for name, value in rows:
            self._rows.addWidget(_label(name, "muted"))
            self._values.append(_label(value, ""))
            self._values[-1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._rows.addWidget(self._values[-1])


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(10)
    if role:
        label.setProperty("role", role)
    return label
