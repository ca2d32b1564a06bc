"""The next word of Python's own handbook: real prose that every machine has, in the module ``pydoc_data.topics``.

The topics repeat whole paragraphs of each other: what stands in a topic that is held out is not trained on, wherever
it stands, and every paragraph is read once.
"""

from importlib import import_module
from pathlib import Path

from rnnviz.tasks.task import Task, TaskKind
from rnnviz.tasks.word_text import WordTask, words_of

HELD_OUT_EVERY = 4  # one topic in so many
NOT_PROSE = ("::=", ">>>", "***", "===", "---")  # grammar, examples, lines under headings


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file; every fourth topic, in alphabetical order, is held out."""
    found: dict[str, str] = import_module("pydoc_data.topics").topics
    topics = [text for _, text in sorted(found.items())]
    seen: set[str] = set()
    held_out = _prose(topics[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY], seen)
    training = _prose(topics, seen)
    note = f"Python's handbook, “pydoc topics”: {len(training):,} words to train on, {len(held_out):,} held out."
    return WordTask(training, held_out, length, note)


def _prose(topics: list[str], seen: set[str]) -> list[str]:
    """The words of the paragraphs that are not in ``seen``, where they are put."""
    found: list[str] = []
    for paragraph in "\n\n".join(topics).split("\n\n"):
        words = words_of(paragraph)
        if _is_prose(paragraph) and (once := " ".join(words)) not in seen:
            seen.add(once)
            found.extend(words)
    return found


def _is_prose(paragraph: str) -> bool:
    return not any(mark in paragraph for mark in NOT_PROSE)


WORDS = TaskKind("words", "Python handbook, by word", "the next word of Python's own handbook", open_task)
