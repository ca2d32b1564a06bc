"""Files of trained weights, as the window opens them: searched by the worker, then asked about in a dialog."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from rnnviz.app.model_dialog import ModelDialog
from rnnviz.domain.checkpoint import CheckpointFacts
from rnnviz.files.suffixes import WEIGHTS

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Trained weights"
PATTERNS = tuple(f"*{suffix}" for suffix in WEIGHTS)


def recognises(path: Path) -> bool:
    """Whether ``path`` is a file of weights by its name."""
    return path.suffix.lower() in WEIGHTS


def open_path(window: "MainWindow", path: Path) -> None:
    """Have ``path`` searched and ask what to show; what is wrong with it is said in the window, and its run goes on."""
    if window.findChild(ModelAsker) is None:
        ModelAsker(window)
    window.session.inspect(path)


class ModelAsker(QObject):
    """Opens the dialog when the worker has found something."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.dialog: ModelDialog | None = None
        window.session.inspected.connect(self._ask)

    def _ask(self, found: CheckpointFacts) -> None:
        self.dialog = ModelDialog(found, self._window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.chosen.connect(self._window.session.open_model)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None
