"""Where this program keeps the session of every minute, and those that crashed programs left behind."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from rnnviz.app.open_session import SUFFIX


@dataclass
class Leftover:
    """The session of a program that is gone. Its lock is ours now, so that no other program offers it too."""

    path: Path
    lock: QLockFile

    @property
    def when(self) -> str:
        """“14:32” of today, else with the date."""
        written = time.localtime(self.path.stat().st_mtime)
        today = written[:3] == time.localtime()[:3]
        return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", written)

    def forget(self) -> None:
        """Delete it."""
        self.path.unlink(missing_ok=True)
        self.lock.unlock()


class Autosaves:
    """One file for each program that runs, with a lock that dies with it."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._begin()

    def leftover(self) -> Leftover | None:
        """The newest that a program left behind which is not running any more."""
        others = [path for path in self._folder.glob(f"*{SUFFIX}") if path != self.path]
        for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True):
            lock = _lock(path)
            if lock.tryLock(0):
                return Leftover(path, lock)
        return None

    def set_aside(self) -> Leftover | None:
        """What is kept of a run that was lost; what follows goes into another file. None where nothing is kept."""
        if not self.path.exists():
            return None
        lost = Leftover(self.path, self._lock)
        self._begin()
        return lost

    def end(self) -> None:
        """The program ends as it should: nothing is left behind."""
        self.path.unlink(missing_ok=True)
        self._lock.unlock()

    def _begin(self) -> None:
        self.path = self._folder / f"{os.getpid()}-{time.time_ns()}{SUFFIX}"
        self._lock = _lock(self.path)
        self._lock.tryLock(0)


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # however old, it holds as long as its process lives
    return lock
