"""A text file of the user's own."""

from pathlib import Path

from rnnviz.files.errors import BadFileError
from rnnviz.files.text import encoding_note, read_text
from rnnviz.tasks.characters import LARGEST_VOCABULARY, OTHER, CharacterTask, describe, split
from rnnviz.tasks.task import Task, TaskKind


def open_task(file: Path | None, length: int) -> Task:
    """Read ``file`` as UTF-8; its last tenth is held out. Raises BadFileError with a sentence."""
    if file is None:
        raise ValueError("file is not set, expected the path of a UTF-8 text for the task 'text'")
    training, held_out = split(read_text(file))
    note = describe(file.name, training, held_out)
    if len(held_out) <= length:
        training, held_out = training + held_out, ""
        note = f"{file.name}: {len(training):,} characters to train on; too short to hold any out."
    if len(set(training + held_out)) > LARGEST_VOCABULARY:
        note += f" Characters beyond the {LARGEST_VOCABULARY - 1} commonest are read as {OTHER}."
    note += encoding_note(file)
    try:
        return CharacterTask(training, held_out, length, note)
    except ValueError as error:
        raise BadFileError(file, str(error)) from error


TEXT = TaskKind(
    "text",
    "Own text",
    "the next character of a UTF-8 text file of yours",
    open_task,
    needs_file=True,
    consecutive=True,
)
