"""The input widget of a setting that is a name."""

from typing import Any

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from rnnviz.app.editors import Editor, end_with_enter


class NameEditor(Editor):
    """A name, or nothing: then what is usual, which stands there greyed out."""

    def __init__(self, usual: str) -> None:
        super().__init__()
        self._box = NameBox()
        self._box.setPlaceholderText(usual)
        self._box.editingFinished.connect(self._on_edited)
        self._shown = ""
        self.row.addWidget(self._box, 1)

    def set_value(self, value: Any) -> None:
        """Show the name."""
        self._shown = value or ""
        self._box.setText(self._shown)

    def _on_edited(self) -> None:
        if self._box.text() != self._shown:
            self._shown = self._box.text()
            self.edited.emit(self._shown or None)


class NameBox(QLineEdit):
    """A line; takes the focus back to the window after Enter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter from the window, where it would start the new run."""
        super().keyPressEvent(event)
        end_with_enter(self, event)
