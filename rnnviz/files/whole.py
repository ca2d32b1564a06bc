"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a file that then takes the place of ``path``; what goes wrong before that leaves it as it was.

    The folder is made where it is missing. Raises OSError, and whatever ``write`` raises.
    """

    def at_once(file: IO[bytes]) -> Generator[None]:
        write(file)
        yield from ()

    for _ in whole_in_slices(path, at_once):
        pass


def whole_in_slices(path: Path, write: Callable[[IO[bytes]], Generator[None]]) -> Generator[None]:
    """The same with pauses wherever ``write`` pauses. One that is not gone on with leaves ``path`` as it was, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield from write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(usual_mode(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def usual_mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those that a new file gets; mkstemp's are the owner's alone."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, too, where the system can be asked for that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
