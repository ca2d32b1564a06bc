"""Files of data, as the window opens them: looked into, shown in a preview, then learned from in a new run."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from PySide6.QtCore import Qt

from rnnviz.app.data_dialog import DataDialog
from rnnviz.config import RunConfig
from rnnviz.config.run_config import sentences
from rnnviz.exchange.messages import Failed
from rnnviz.files.errors import BadFileError
from rnnviz.files.preview import preview
from rnnviz.files.suffixes import TABLES, TEXTS

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Data to learn from"
SUFFIXES = (*TEXTS, *TABLES)
PATTERNS = tuple(f"*{suffix}" for suffix in SUFFIXES)


def recognises(path: Path) -> bool:
    """Whether ``path`` is data by its name."""
    return path.suffix.lower() in SUFFIXES


def open_path(window: "MainWindow", path: Path) -> None:
    """Show what is in ``path`` and ask what to learn; what is wrong with it is said in the window."""
    try:
        found = preview(path)
    except BadFileError as error:
        window.notice.show_failure(Failed("refused", str(error)))
        return
    length = (window.session.config or RunConfig()).length
    dialog = DataDialog(found, length, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.chosen.connect(partial(begin_with, window, path))
    dialog.open()


def begin_with(window: "MainWindow", path: Path, task: str) -> None:
    """A new run that learns ``task`` from ``path``, with the present settings."""
    config = window.session.config or RunConfig()
    try:
        window.begin(config.changed(task=task, file=path, lag=None))
    except ValidationError:
        try:  # what else is set belongs to another kind of task
            others = {"lag": None, "carry": False, "attention": "off", "decoder": False}
            window.begin(config.changed(task=task, file=path, **others))
        except ValidationError as error:
            window.notice.show_failure(Failed("refused", sentences(error)))
