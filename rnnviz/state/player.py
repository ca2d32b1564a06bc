"""Lets a tune be heard: by Qt where its sound is installed, else by the desktop's own player."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from rnnviz.domain.arrays import Array
from rnnviz.files.wav import write_wav

SOUND = "PySide6.QtMultimedia"  # not in PySide6-Essentials


class Player(QObject):
    """Writes what is to be heard into the user's cache, one file that is overwritten each time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._effect: Any = None  # must live as long as it is heard

    def play(self, samples: Array, rate: int) -> str:
        """Let ``samples`` (N,) in −1 … 1 be heard; say in a sentence how, or why not."""
        path = tune_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(path, samples, rate)
        except OSError as error:
            return f"{path} cannot be written: {error.strerror or error}."
        return self._hand_over(path)

    def _hand_over(self, path: Path) -> str:
        url = QUrl.fromLocalFile(str(path))
        if importlib.util.find_spec(SOUND) is not None:
            self._effect = importlib.import_module(SOUND).QSoundEffect(self)
            self._effect.setSource(url)
            self._effect.play()
            return "Playing."
        if QDesktopServices.openUrl(url):
            return "Opened with the desktop's player: Qt's own sound (QtMultimedia) is not installed."
        return f"No program of the desktop plays WAV files; the tune is in {path}."


def tune_path() -> Path:
    """Where the tune is written that is played."""
    return user_cache_path("rnnviz", appauthor=False) / "tune.wav"
