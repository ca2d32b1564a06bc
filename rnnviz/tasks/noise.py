"""Nothing to learn: random numbers to read, and one random number to say after the last.

The data of a program that is printed in many introductions: 1000 sequences of 100 tokens with 32 numbers each, all of
them, and the 1000 numbers to predict, uniform in 0 … 1. As nothing that is read tells anything, always saying 1/2 is
the optimum: a squared error of 1/12. The training loss falls below it all the same, since a fixed set can be learned by
heart; sequences drawn afresh show what that is worth.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.values import Numbers
from rnnviz.tasks.task import Batch, Task, TaskKind

TRAINING_SEQUENCES = 1000
HELD_OUT_SEQUENCES = 1000
FEATURES = 32
SEED = (1000, 100, 32)  # three numbers: no run's seed, which is one, draws the same


class NoiseTask:
    """A fixed set of sequences, and as many fresh ones that are held out."""

    reads = Numbers(tuple(f"x{place}" for place in range(1, FEATURES + 1)))
    predicts = Numbers(("y",), tolerance=0.1)
    chance = 1 / 12
    note = (
        f"{TRAINING_SEQUENCES} sequences of random numbers with one random number each to say: there is nothing to "
        f"learn, but the set can be learned by heart. {HELD_OUT_SEQUENCES} fresh sequences are held out."
    )

    def __init__(self, length: int) -> None:
        random = np.random.default_rng(SEED)
        self._training = _drawn(random, TRAINING_SEQUENCES, length)
        self._held_out = _drawn(random, HELD_OUT_SEQUENCES, length)

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` of the training sequences, different ones as far as there are enough."""
        chosen = random.choice(TRAINING_SEQUENCES, size, replace=size > TRAINING_SEQUENCES)
        return Batch(self._training.inputs[chosen], self._training.targets[chosen])

    def held_out(self, length: int) -> Batch:
        """Return the fresh sequences."""
        return self._held_out

    def displayed(self, length: int) -> Batch:
        """Return the first of the fresh sequences."""
        inputs, targets = self._held_out
        return Batch(inputs[:1], targets[:1])


def _drawn(random: np.random.Generator, size: int, length: int) -> Batch:
    inputs = random.random((size, length, FEATURES), np.float32)
    targets = np.full((size, length, 1), np.nan, np.float32)
    targets[:, -1, 0] = random.random(size, np.float32)
    return Batch(inputs, targets)


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return NoiseTask(length)


NOISE = TaskKind(
    "noise",
    "Pure noise",
    "a random number after random numbers: nothing can be learned, but much by heart",
    open_task,
    shape="many → one",
    reads_numbers=True,
    greatest_length=500,  # every sequence is kept: 100 MB
)
