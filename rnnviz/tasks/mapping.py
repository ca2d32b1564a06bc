"""One → one: a sequence of one token, for which the recurrence does nothing. y = sin πx, x uniform in −1 … 1.

The degenerate case: without a second token there is nothing to remember and no gradient through time; what is left is
a layer of a feed-forward network. Guessing the mean has a squared error of 1/2, the best straight line y = 3x/π one
of 1/2 − 3/π².
"""

import math
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers
from rnnviz.tasks.task import Batch, Task, TaskKind

HELD_OUT_SEQUENCES = 101  # evenly spaced
SHOWN = 0.3


class MappingTask:
    """Fresh numbers for ever; what is held out is an even grid."""

    reads = Numbers(("x",))
    predicts = Numbers(("sin πx",), tolerance=0.05)
    chance = 1 / 2
    best = Line("best straight line", 1 / 2 - 3 / math.pi**2)
    note = (
        "sin πx of a number x between −1 and 1: every sequence has one token, whatever the length is set to. "
        f"An even grid of {HELD_OUT_SEQUENCES} numbers is held out."
    )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences of one token."""
        return _asked(random.uniform(-1, 1, size))

    def held_out(self, length: int) -> Batch:
        """Return the grid."""
        return _asked(np.linspace(-1, 1, HELD_OUT_SEQUENCES))

    def displayed(self, length: int) -> Batch:
        """Return one number."""
        return _asked(np.array([SHOWN]))


def _asked(x: Array) -> Batch:
    numbers = x.astype(np.float32)[:, None, None]
    return Batch(numbers, np.sin(np.pi * numbers, dtype=np.float32))


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return MappingTask()


MAPPING = TaskKind(
    "mapping",
    "Plain mapping",
    "sin πx of one number: the degenerate case without time",
    open_task,
    shape="one → one",
    own_length=True,
    reads_numbers=True,
)
