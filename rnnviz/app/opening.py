"""Files that the window opens: by Ctrl+O, dropped on it, or named on the command line. One line for each kind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QFileDialog

from rnnviz.app import open_data, open_model, open_session, open_settings, open_sound, open_vectors
from rnnviz.recording.schema import is_recording

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow


@dataclass(frozen=True)
class Opener:
    """One kind of file."""

    what: str  # in the dialog's list
    patterns: tuple[str, ...]
    recognises: Callable[[Path], bool]  # by what is in the file; must not raise
    open: Callable[["MainWindow", Path], None]  # errors come as messages to the window
    by_name: bool = True  # a file with its name is one, that it may be said what is wrong with it


# The first that recognises a file opens it; the last one takes everything.
OPENERS: tuple[Opener, ...] = (
    Opener("Recordings", ("*.rnnviz",), is_recording, lambda window, path: window.open_recording(path)),
    Opener("Sessions", open_session.PATTERNS, open_session.recognises, open_session.open_path),
    Opener(open_model.WHAT, open_model.PATTERNS, open_model.recognises, open_model.open_path),
    Opener(
        open_settings.WHAT, open_settings.PATTERNS, open_settings.recognises, open_settings.open_path, by_name=False
    ),
    Opener(open_sound.WHAT, open_sound.PATTERNS, open_sound.recognises, open_sound.open_path),
    Opener(open_vectors.WHAT, open_vectors.PATTERNS, open_vectors.recognises, open_vectors.open_path),
    Opener(open_data.WHAT, open_data.PATTERNS, lambda _: True, open_data.open_path),
)


def opener_of(path: Path) -> Opener:
    """The opener for ``path``: by what is in it, else by its name."""
    by_name = [opener for opener in OPENERS[:-1] if opener.by_name]
    named = (opener for opener in by_name if any(path.match(pattern) for pattern in opener.patterns))
    found = (opener for opener in OPENERS[:-1] if opener.recognises(path))
    return next(found, None) or next(named, None) or OPENERS[-1]


def open_file(window: "MainWindow", path: Path) -> None:
    """Open ``path`` in ``window``."""
    opener_of(path).open(window, path)


def ask_for_file(window: "MainWindow") -> Path | None:
    """Let the user choose a file; None when that is cancelled."""
    every = " ".join(pattern for opener in OPENERS for pattern in opener.patterns)
    kinds = [f"{opener.what} ({' '.join(opener.patterns)})" for opener in OPENERS]
    chosen, _ = QFileDialog.getOpenFileName(
        window, "Open", "", ";;".join([f"All that can be opened ({every})", *kinds, "All files (*)"])
    )
    return Path(chosen) if chosen else None


def dropped_file(dropped: QMimeData) -> Path | None:
    """The one local file that is being dropped; None for anything else."""
    urls = dropped.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
