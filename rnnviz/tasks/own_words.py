"""A text file of the user's own, by word."""

from pathlib import Path

from rnnviz.files.errors import BadFileError
from rnnviz.files.text import encoding_note, read_text
from rnnviz.tasks.task import Task, TaskKind
from rnnviz.tasks.word_text import WordTask, words_of

HELD_OUT_SHARE = 0.1


def open_task(file: Path | None, length: int) -> Task:
    """Read ``file`` as UTF-8; its last tenth is held out. Raises BadFileError with a sentence."""
    if file is None:
        raise ValueError("file is not set, expected the path of a UTF-8 text for the task 'text_words'")
    words = words_of(read_text(file))
    held = int(len(words) * HELD_OUT_SHARE)
    if held <= length:
        held = 0
    training, held_out = words[: len(words) - held], words[len(words) - held :]
    note = f"{file.name}: {len(training):,} words to train on, {held:,} held out."
    if not held:
        note = f"{file.name}: {len(training):,} words to train on; too short to hold any out."
    note += encoding_note(file)
    try:
        return WordTask(training, held_out, length, note)
    except ValueError as error:
        raise BadFileError(file, str(error)) from error


TEXT_WORDS = TaskKind(
    "text_words",
    "Own text, by word",
    "the next word of a UTF-8 text file of yours",
    open_task,
    needs_file=True,
)
