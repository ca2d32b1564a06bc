"""Running parity: after every bit, whether an odd number of ones has been read.

The smallest task of which every token matters for ever: one bit of memory, turned over by every 1. For who has
forgotten as little as one bit, both answers are equally likely: ln 2 nats. There is nothing between that and 0.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import Batch, Task, TaskKind


class ParityTask(FreshTask):
    """Bits of a fair coin."""

    held_out_seed = (1969, 2)
    vocabulary = ("0", "1")
    best = Line("counting", 0.0)
    note = (
        "After every bit: is the number of ones so far even (0) or odd (1)? Every sequence is a fresh one, "
        f"{HELD_OUT_SEQUENCES} others are held out."
    )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences; every token has a target."""
        bits = random.integers(0, 2, (size, length))
        return Batch(bits, np.cumsum(bits, axis=1) % 2)


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return ParityTask()


PARITY = TaskKind("parity", "Parity", "whether the ones read so far are even or odd", open_task)
