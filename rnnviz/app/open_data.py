"""Files of data, as the window opens them: looked into, shown in a preview, then learned from in a new run."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from PySide6.QtCore import Qt

from rnnviz.app.data_dialog import Choice, DataDialog
from rnnviz.app.looking import Looking
from rnnviz.config import RunConfig
from rnnviz.config.run_config import sentences
from rnnviz.exchange.messages import Failed
from rnnviz.files.columns import Columns
from rnnviz.files.errors import BadFileError
from rnnviz.files.preview import Preview, is_long, preview
from rnnviz.files.suffixes import TABLES, TEXTS
from rnnviz.tasks import TASKS

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Data to learn from"
SUFFIXES = (*TEXTS, *TABLES)
PATTERNS = tuple(f"*{suffix}" for suffix in SUFFIXES)
LONG = "The file is long: it is read whole, and checked, when the run starts."


def recognises(path: Path) -> bool:
    """Whether ``path`` is data by its name."""
    return path.suffix.lower() in SUFFIXES


def open_path(window: "MainWindow", path: Path) -> None:
    """Show what is in ``path`` and ask what to learn; what is wrong with it is said in the window."""
    look, show = partial(preview, path), partial(_show, window, path)
    if is_long(path):
        window.notice.show_remark(_looking(path))
        Looking(window, look, show)
    else:
        show(look)


def _looking(path: Path) -> str:
    return f"Looking into {path.name} …"


def _show(window: "MainWindow", path: Path, look: Callable[[], Preview]) -> None:
    try:
        found = look()
    except BadFileError as error:
        window.notice.show_failure(Failed("refused", str(error)))
        return
    if window.notice.text == _looking(path):
        window.notice.hide()
    length = (window.session.config or RunConfig()).length
    ask(window, found, choices_of(path, found.tasks, length, found.columns), partial(begin_with, window, path))


def ask(
    window: "MainWindow", found: Preview, choices: Sequence[Choice], do: Callable[[str, str | None], object]
) -> None:
    """Show ``found``; ``do`` what is chosen, with a column or None for the usual one."""
    dialog = DataDialog(found, choices, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.chosen.connect(do)
    dialog.open()


def choices_of(
    path: Path, tasks: Sequence[str], length: int, columns: Mapping[str, Columns] | None = None
) -> list[Choice]:
    """To learn one of ``tasks`` from ``path``, some of them one of its ``columns``, by task.

    ``length``: tokens in a sequence, which some of them need to know.
    """
    offered = columns or {}
    return [Choice(name, title_of(name), partial(_note, name, path, length), offered.get(name)) for name in tasks]


def title_of(task: str) -> str:
    """What is learned, in a line."""
    return f"{TASKS[task].title}: {TASKS[task].about}"


def _note(task: str, path: Path, length: int, column: str | None) -> str:
    """Open the task, as a run would: its note. Raises BadFileError where it cannot."""
    return LONG if is_long(path) else TASKS[task].open(path, length, column=column).note


def begin_with(window: "MainWindow", path: Path, task: str, column: str | None = None) -> None:
    """A new run that learns ``task`` from ``path``, with the present settings."""
    config = window.session.config or RunConfig()
    try:
        window.begin(config.changed(task=task, file=path, column=column, lag=None))
    except ValidationError:
        try:  # what else is set belongs to another kind of task
            others = {"lag": None, "carry": False, "attention": "off", "decoder": False}
            window.begin(config.changed(task=task, file=path, column=column, **others))
        except ValidationError as error:
            window.notice.show_failure(Failed("refused", sentences(error)))
