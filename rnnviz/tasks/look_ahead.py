"""Look ahead: y_t = x_{t+5}, random bits that are asked for five tokens before they can be read.

A network that reads from left to right knows nothing of them and has ln 2 nats for ever, however long it learns. One
that reads both ways needs nothing but a memory of five tokens in its backward direction.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind

AHEAD = 5


class LookAheadTask(FreshTask):
    """Bits of a fair coin; the last five tokens are asked for nothing."""

    held_out_seed = (1997, 11)
    vocabulary = ("0", "1")
    whole = True
    best = Line("reading both ways", 0.0)
    note = (
        f"At every token the bit that comes {AHEAD} tokens later: reading left to right nobody can know it. "
        f"Every sequence is a fresh one, {HELD_OUT_SEQUENCES} others are held out."
    )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences."""
        bits = random.integers(0, 2, (size, length))
        targets = np.full_like(bits, NO_TARGET)
        targets[:, :-AHEAD] = bits[:, AHEAD:]
        return Batch(bits, targets)


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return LookAheadTask()


LOOK_AHEAD = TaskKind(
    "look_ahead",
    "Look ahead",
    f"the bit that comes {AHEAD} tokens later, known only to who reads from both ends",
    open_task,
    least_length=AHEAD + 1,
)
