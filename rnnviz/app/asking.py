"""Asking for a place to write to or a file to read."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget


class Asker:
    """Begins where the user was the last time."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.folder = Path(documents or Path.home())

    def where(self, title: str, name: str, suffix: str) -> Path | None:
        """A file to write, with ``suffix`` where the user gave none; Qt asks before one is overwritten."""
        given, _ = QFileDialog.getSaveFileName(self._parent, title, str(self.folder / name), f"*.{suffix}")
        if not given:
            return None
        path = Path(given)
        self.folder = path.parent
        return path if path.suffix else path.with_name(f"{path.name}.{suffix}")

    def which(self, title: str, pattern: str) -> Path | None:
        """A file to read."""
        given, _ = QFileDialog.getOpenFileName(self._parent, title, str(self.folder), pattern)
        if not given:
            return None
        self.folder = Path(given).parent
        return Path(given)
