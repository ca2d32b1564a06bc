"""What a network can be trained on. Pure numpy: tokens are indices into a vocabulary.

B sequences in a batch, T tokens in a sequence, V entries in the vocabulary. What is predicted are entries of the same
vocabulary, unless the task has ``labels`` of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from rnnviz.domain.arrays import Array

NO_TARGET = -1


class Batch(NamedTuple):
    """Sequences and what should be predicted at each of their tokens.

    The loss is the mean over the tokens that have a target; every batch has at least one.
    """

    inputs: Array  # (B, T) int64, indices into the vocabulary
    targets: Array  # (B, T) int64, indices into the labels; NO_TARGET where nothing should be predicted


class Task(Protocol):
    """An opened source of sequences. It never changes: several trainers may draw from one.

    It may have ``labels``, a tuple of what can be predicted, where that is not the vocabulary.
    """

    vocabulary: tuple[str, ...]
    note: str  # what was read and held out, in a sentence

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` training sequences of ``length`` tokens."""

    def held_out(self, length: int) -> Batch | None:
        """Sequences that are never trained on, always the same; None when nothing is held out."""

    def displayed(self, length: int) -> Batch:
        """Return the one sequence (B = 1) that is shown, always the same."""


class Consecutive(Protocol):
    """A task whose batches can follow each other, so that a state can be carried from one into the next."""

    def following(self, number: int, size: int, length: int) -> Batch:
        """Return batch ``number``, from 0: its row b goes on where row b of the one before ended, endlessly."""


def labels_of(task: Task) -> tuple[str, ...]:
    """What ``task`` wants predicted: its ``labels``, else its vocabulary."""
    return getattr(task, "labels", task.vocabulary)


@dataclass(frozen=True)
class TaskKind:
    """An entry of the catalogue: what is offered before anything is read."""

    name: str
    title: str
    about: str
    open: Callable[[Path | None, int], Task]  # (file of the user, sequence length) → task
    needs_file: bool = False
    consecutive: bool = False  # its tasks have `Consecutive.following`
