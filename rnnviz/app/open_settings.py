"""Settings of a run, as `rnnviz train` takes them: the run begins at once."""

from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.config.settings import is_settings, read_settings
from rnnviz.exchange.messages import Failed
from rnnviz.files.errors import BadFileError

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Settings of a run"
PATTERNS = ("*.json",)
recognises = is_settings


def open_path(window: "MainWindow", path: Path) -> None:
    """Begin the run; settings that are refused are told in the window."""
    try:
        window.begin(read_settings(path))
    except BadFileError as error:
        window.notice.show_failure(Failed("refused", str(error)))
