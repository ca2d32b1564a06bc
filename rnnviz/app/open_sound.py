"""Recordings of sound: the folder that one lies in is learned from at once; the worker says what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.app.open_data import begin_with

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Recordings of sound"
PATTERNS = ("*.wav",)


def recognises(path: Path) -> bool:
    """Whether ``path`` is a sound by its name, or a folder that holds some."""
    return path.suffix.lower() == ".wav" or (path.is_dir() and any(path.glob("*.wav")))


def open_path(window: "MainWindow", path: Path) -> None:
    """Begin a run that learns to tell apart what is said in the recordings."""
    begin_with(window, path, "speech_wav")
