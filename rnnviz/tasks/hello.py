"""“hello world”, over and over: the smallest text in which the next character needs a memory.

After “l” comes “l”, “o” or “d”, after “o” a space or “r”: a network that knows only the current
character cannot get below the bigram floor of 0.468 nats (“hello world” read once).
"""

from pathlib import Path

import numpy as np

from rnnviz.tasks.characters import encode, following, one_known
from rnnviz.tasks.task import Batch, Task, TaskKind

TEXT = "hello world"


class HelloTask:
    """Every sequence is the same one: the text repeated, with a space between."""

    vocabulary = tuple(sorted(set(TEXT)))
    goes_on = True
    note = "“hello world” repeated; every sequence of a batch is the same, nothing is held out."

    def __init__(self, length: int) -> None:
        repeated = (TEXT + " ") * (length // len(TEXT) + 2)
        self._codes = encode(repeated, self.vocabulary)
        self.best = one_known(self._codes[: length + 1], len(self.vocabulary))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """``size`` copies of the sequence."""
        window = np.tile(self._codes[: length + 1], (size, 1))
        return Batch(window[:, :-1].copy(), window[:, 1:].copy())

    def following(self, number: int, size: int, length: int) -> Batch:
        """The sequence that goes on where the one before ended, ``size`` times."""
        return following(self._codes[: len(TEXT) + 1], np.zeros(size, np.int64), number, length)

    def held_out(self, length: int) -> None:
        """Nothing is held out."""

    def displayed(self, length: int) -> Batch:
        """Return the sequence."""
        window = self._codes[None, : length + 1]
        return Batch(window[:, :-1].copy(), window[:, 1:].copy())


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return HelloTask(length)


HELLO = TaskKind("hello", "hello world", "the next character of “hello world”", open_task, consecutive=True)
