"""What the options of the window name: settings, and a FILE that is one of many kinds."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.config import RunConfig

TASK_WITH_VECTORS = "words"  # where none is asked for


def settings_of(options: Namespace) -> "RunConfig":
    """The run that is to begin; leaves in ``options.file`` what the window opens by itself, or asks about.

    ``options.beside`` says whether it is to be opened when that run has begun. Raises ValidationError, BadFileError.
    """
    from rnnviz.config.run_config import FIRST_RUN  # noqa: PLC0415  # --help must not wait for pydantic
    from rnnviz.config.settings import is_settings, read_settings  # noqa: PLC0415

    first, options.beside = FIRST_RUN, False
    if options.file is not None and is_settings(options.file):
        first, options.file = read_settings(options.file), None
    given: dict[str, object] = {name: getattr(options, name) for name in ("task", "cell", "seed")}
    if options.file is not None and options.text is None:
        given |= _sorted_out(options)
    if options.text is not None:
        given |= {"task": _task_for(options.text, options.task), "file": options.text}
    return first.changed(**{name: value for name, value in given.items() if value is not None})


def _sorted_out(options: Namespace) -> dict[str, object]:
    """Settings that FILE decides. The window opens what it only shows, and asks about data unless --task says all."""
    from rnnviz.files.suffixes import WEIGHTS  # noqa: PLC0415  # as above

    path, task, picture = options.file, options.task, options.screenshot is not None
    if _means_vectors(path, task, picture=picture):
        options.beside = task is None and not picture
        options.file = path if options.beside else None
        return {"task": task or TASK_WITH_VECTORS} | ({} if options.beside else _begun_with(path, task))
    weights = path.suffix.lower() in WEIGHTS
    options.beside = not picture and (weights or (task is None and not _is_opened(path)))  # what the window asks about
    if options.beside and not weights:
        _look_into(path)
    elif not (weights or _is_opened(path)):
        options.file, options.text = None, path
    return {}


def _look_into(path: Path) -> None:
    """Raise BadFileError for data that the window could only refuse."""
    from rnnviz.files.preview import is_long, preview  # noqa: PLC0415  # as above
    from rnnviz.files.sounds import is_sound  # noqa: PLC0415

    if path.is_file() and not is_sound(path) and not is_long(path):
        preview(path)


def _means_vectors(path: Path, task: str | None, *, picture: bool) -> bool:
    """Whether FILE is vectors and not a text: of a .txt that can be both, where somebody can be asked or no text."""
    from rnnviz.files.suffixes import VECTORS  # noqa: PLC0415  # as above
    from rnnviz.files.vectors_preview import is_vectors  # noqa: PLC0415

    if _reads_a_file(task) or not path.is_file():
        return False
    return path.suffix.lower() in VECTORS or (is_vectors(path) and (task is not None or not picture))


def _begun_with(path: Path, task: str | None) -> dict[str, object]:
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415  # as above
    from rnnviz.tasks import TASKS  # noqa: PLC0415

    if task is not None and task in TASKS and TASKS[task].reads_numbers:
        raise BadFileError(
            path, f"is a file of word vectors, expected with it a task of words, but {task!r} reads numbers"
        )
    return {"vectors": "file", "vectors_file": path}


def _is_opened(path: Path) -> bool:
    """Whether it is opened without a question."""
    from rnnviz.files.suffixes import SESSION  # noqa: PLC0415  # as above
    from rnnviz.recording.schema import SUFFIX, is_recording  # noqa: PLC0415

    return path.suffix.lower() in (SUFFIX, SESSION) or is_recording(path)


def _task_for(path: Path, asked: str | None) -> str:
    """What is learned from ``path``: what is asked for, if it reads a file."""
    from rnnviz.files.sounds import is_sound  # noqa: PLC0415  # as above

    if asked is not None and _reads_a_file(asked):
        return asked
    return "speech_wav" if asked is None and is_sound(path) else "text"


def _reads_a_file(task: str | None) -> bool:
    """Whether ``task`` is one that learns from a file of the user's."""
    from rnnviz.tasks import TASKS  # noqa: PLC0415  # as above

    return task is not None and task in TASKS and TASKS[task].needs_file
