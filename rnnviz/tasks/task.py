"""What a network can be trained on. Pure numpy: tokens are indices into a vocabulary.

B sequences in a batch, T tokens in a sequence, V labels in the vocabulary.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from rnnviz.domain.arrays import Array


class Batch(NamedTuple):
    """Sequences and what should be predicted at each of their tokens.

    Every entry is an index into the task's vocabulary; a token without a target is not provided for.
    """

    inputs: Array  # (B, T) int64
    targets: Array  # (B, T) int64


class Task(Protocol):
    """An opened source of sequences."""

    vocabulary: tuple[str, ...]
    note: str  # what was read and held out, in a sentence

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` training sequences of ``length`` tokens."""

    def held_out(self, length: int) -> Batch | None:
        """Sequences that are never trained on, always the same; None when nothing is held out."""

    def displayed(self, length: int) -> Batch:
        """Return the one sequence (B = 1) that is shown, always the same."""


@dataclass(frozen=True)
class TaskKind:
    """An entry of the catalogue: what is offered before anything is read."""

    name: str
    title: str
    about: str
    open: Callable[[Path | None, int], Task]  # (file of the user, sequence length) → task
    needs_file: bool = False
