"""Session files, as the window opens them."""

from pathlib import Path
from typing import Protocol

from rnnviz.files.suffixes import SESSION
from rnnviz.state.session import Session

SUFFIX = SESSION
WHAT = "a session of rnnviz"
PATTERNS = (f"*{SUFFIX}",)


class HasSession(Protocol):
    """The window."""

    @property
    def session(self) -> Session:
        """What it shows."""


def recognises(path: Path) -> bool:
    """Whether ``path`` is a session by its name."""
    return path.name.lower().endswith(SUFFIX)


def open_path(window: HasSession, path: Path) -> None:
    """Go over to the run in ``path``; what is wrong with it is said in the window, and the present run goes on."""
    window.session.open_file(path)
