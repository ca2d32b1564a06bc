"""The multiplication problem: the product of two marked numbers out of T.

Hochreiter and Schmidhuber (1997); sequences as in the adding problem. For U and V uniform in 0 … 1 the variance of the
product, which is the squared error of always saying 1/4, is (E U²)² − (E U)⁴ = 1/9 − 1/16 = 7/144. Who knows one of the
two says half of it and has E U² · Var V = 1/36.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers
from rnnviz.tasks.adding import LAG, AddingTask, at_least
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import Batch, Task, TaskKind


class MultiplicationTask(FreshTask):
    """The adding problem's sequences, asked for something else."""

    held_out_seed = (1997, 5)
    reads = AddingTask.reads
    predicts = Numbers(("product",), tolerance=0.04)
    chance = 7 / 144
    best = Line("one of the two known", 1 / 36)

    def __init__(self, lag: int) -> None:
        self._marked = AddingTask(lag)
        self.note = (
            f"The product of the two marked values is asked for after the last token{at_least(lag)}. Every sequence is "
            f"a fresh one, {HELD_OUT_SEQUENCES} others are held out."
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences; the last token alone has a target."""
        inputs, targets = self._marked.batch(random, size, length)
        values, marked = inputs[..., 0], inputs[..., 1] > 0
        targets[:, -1, 0] = np.where(marked, values, 1).prod(axis=1)
        return Batch(inputs, targets)


def open_task(file: Path | None, length: int, lag: int) -> Task:
    """Needs no file."""
    return MultiplicationTask(lag)


MULTIPLICATION = TaskKind(
    "multiplication",
    "Multiplication problem",
    "the product of two marked numbers out of T, said after the last",
    open_task,
    shape="many → one",
    least_length=2,
    reads_numbers=True,
    lag=LAG,
)
