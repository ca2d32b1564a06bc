"""The source code of the running interpreter's standard library: real text that every machine has."""

import sysconfig
from pathlib import Path

from rnnviz.files.errors import BadFileError
from rnnviz.tasks.characters import CharacterTask
from rnnviz.tasks.task import Task, TaskKind

LARGEST_TEXT = 1_000_000  # characters
HELD_OUT_EVERY = 10  # one file in so many


def open_task(file: Path | None, length: int) -> Task:
    """Read the library's top folder in alphabetical order; every tenth file is held out."""
    folder = Path(sysconfig.get_path("stdlib"))
    training: list[str] = []
    held_out: list[str] = []
    size = 0
    sources = (text for path in sorted(folder.glob("*.py")) if (text := _ascii_source(path)))
    for index, text in enumerate(sources):
        (held_out if index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 else training).append(text)
        size += len(text)
        if size > LARGEST_TEXT:
            break
    if not held_out:
        raise BadFileError(folder, "holds too few Python source files, expected the standard library's")
    train, held = "\n".join(training), "\n".join(held_out)
    note = (
        f"Python's standard library: {len(train):,} characters of {len(training)} files to train on, "
        f"{len(held):,} of {len(held_out)} other files held out."
    )
    return CharacterTask(train, held, length, note)


def _ascii_source(path: Path) -> str | None:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return None  # a few files test encodings; the others are enough
    return text.replace("\f", "").replace("\t", "    ") if text.strip() else None


PYTHON = TaskKind(
    "python",
    "Python library",
    "the next character of the standard library's source code",
    open_task,
    consecutive=True,
)
