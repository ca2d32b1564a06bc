"""Reversal: digits are read, then written from the last to the first.

Translation at its smallest, by one recurrent stack or by encoder and decoder: the first half of the sequence is read,
in the second half a go-symbol is read at every token and one digit written. The first digit read is the last written,
so the lags are 1, 3, 5 … T − 1 tokens. Without attention, all that was read has to fit into one state. A guess has
ln 10 nats.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.domain.values import Symbols
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind

DIGITS = tuple("0123456789")
GO = len(DIGITS)


class ReversalTask(FreshTask):
    """``length`` // 2 digits; of an odd length the go-symbol in the middle is asked for nothing."""

    held_out_seed = (2014, 9)
    reads = Symbols((*DIGITS, "▸"))
    predicts = Symbols(DIGITS)
    best = Line("all remembered", 0.0)
    note = (
        "Half of the tokens are digits; while ▸ is read they are to be written, the last one first. "
        f"Every sequence is a fresh one, {HELD_OUT_SEQUENCES} others are held out."
    )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences."""
        half = length // 2
        digits = random.integers(0, len(DIGITS), (size, half))
        inputs, targets = np.full((size, length), GO), np.full((size, length), NO_TARGET)
        inputs[:, :half] = digits
        targets[:, -half:] = digits[:, ::-1]
        return Batch(inputs, targets)


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return ReversalTask()


REVERSAL = TaskKind(
    "reversal",
    "Reversing digits",
    "the digits that were read, written from the last to the first",
    open_task,
    shape="many → many after reading",
    least_length=2,
)
