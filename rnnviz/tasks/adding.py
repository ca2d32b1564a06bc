"""The adding problem: the sum of two marked numbers out of T.

Hochreiter and Schmidhuber (1997); here as in Le, Jaitly and Hinton (2015). Every token has a value, uniform in 0 … 1,
and a marker, 1 at one token of each half of the sequence and else 0. After the last token the sum of the two marked
values is asked for. Always saying 1 has a squared error of 1/6, the variance of such a sum; who remembers one of the
two values has half of that.
With a lag, the two halves are those of the first T − lag tokens, so that both values have to be kept at least so long:
in the sequences of 1997, whose markers stand in their first half, for T/2 tokens.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers
from rnnviz.tasks.task import Batch, LagDial, Task, TaskKind

HELD_OUT_SEQUENCES = 256
HELD_OUT_SEED = (1997, 4)  # two numbers: no run's seed, which is one, draws the same


class AddingTask:
    """Fresh sequences for ever; the held-out ones are drawn by a generator of their own."""

    reads = Numbers(("value", "marker"))
    predicts = Numbers(("sum",), tolerance=0.04)
    chance = 1 / 6
    best = Line("one of two known", 1 / 12)

    def __init__(self, lag: int) -> None:
        self._lag = lag
        self.note = (
            f"The sum of the two marked values is asked for after the last token{at_least(lag)}. Every sequence is a "
            f"fresh one, {HELD_OUT_SEQUENCES} others are held out."
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences; the last token alone has a target."""
        inputs = np.zeros((size, length, 2), np.float32)
        inputs[..., 0] = random.random((size, length))
        rows, end = np.arange(size), length - self._lag
        for low, high in ((0, end // 2), (end // 2, end)):
            inputs[rows, random.integers(low, high, size), 1] = 1
        targets = np.full((size, length, 1), np.nan, np.float32)
        targets[:, -1, 0] = (inputs[..., 0] * inputs[..., 1]).sum(axis=1)
        return Batch(inputs, targets)

    def held_out(self, length: int) -> Batch:
        """Draw the sequences that are always the same."""
        return self.batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT_SEQUENCES, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out sequences."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])


def at_least(lag: int) -> str:
    """A clause of the note."""
    return f", at least {lag} tokens after the second of them" if lag else ""


def open_task(file: Path | None, length: int, lag: int) -> Task:
    """Needs no file."""
    return AddingTask(lag)


LAG = LagDial("tokens that follow the second marked one, at least", lambda _: 0, room=2)


ADDING = TaskKind(
    "adding",
    "Adding",
    "the sum of two marked numbers out of T, said after the last",
    open_task,
    shape="many → one",
    least_length=2,
    reads_numbers=True,
    lag=LAG,
)
