"""Asking for a place to write to or a file to read."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


class Asker:
    """Begins where the user was the last time."""

    def __init__(self, parent: QWidget | None) -> None:
        self._parent = parent
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.folder = Path(documents or Path.home())

    def where(self, title: str, name: str, suffix: str) -> Path | None:
        """A file to write; its name ends with ``suffix``, and what is there is overwritten only after a question."""
        given, _ = QFileDialog.getSaveFileName(self._parent, title, str(self.folder / name), f"*.{suffix}")
        if not given:
            return None
        typed = Path(given)
        self.folder = typed.parent
        if typed.name.lower().endswith(f".{suffix}".lower()):
            return typed  # Qt has asked
        path = typed.with_name(f"{typed.name}.{suffix}")
        return path if not path.exists() or self._may_overwrite(path, title) else None

    def _may_overwrite(self, path: Path, title: str) -> bool:
        question = f"{path.name} already exists.\nDo you want to replace it?"
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        return QMessageBox.question(self._parent, title, question, yes | no, no) == yes

    def which(self, title: str, pattern: str) -> Path | None:
        """A file to read."""
        given, _ = QFileDialog.getOpenFileName(self._parent, title, str(self.folder), pattern)
        if not given:
            return None
        self.folder = Path(given).parent
        return Path(given)
