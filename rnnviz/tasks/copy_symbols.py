"""The copying problem: ten symbols are read first and written last, with nothing but blanks between.

Hochreiter and Schmidhuber (1997), here as in Arjovsky, Shah and Bengio (2016): 10 symbols out of 8, T − 1 blanks, a
marker, 10 blanks; blanks are to be written until the marker, after it the ten symbols in order: T + 20 tokens in all.
Who knows when to write but not what has 10 ln 8 / (T + 20) nats a token. Who does not even know when, but how often
every symbol is asked for, has the entropy of that.
With a lag, so many blanks come before the marker; what is left of the tokens is blank, and to be written blank, after
the answer: as many letters are asked for in as many tokens, so both losses stay.
"""

import math
from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.domain.values import Symbols
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import Batch, LagDial, Task, TaskKind

COPIED = 10  # symbols to remember
SYMBOLS = "abcdefgh"
BLANK, MARKER = len(SYMBOLS), len(SYMBOLS) + 1
LEAST_LENGTH = 2 * COPIED + 1


class CopyTask(FreshTask):
    """Sequences of ``length`` tokens, with ``lag`` blanks before the marker; as published, T = ``length`` − 20."""

    held_out_seed = (2016, 10)
    reads = Symbols((*SYMBOLS, "·", "▸"))
    predicts = Symbols((*SYMBOLS, "·"))

    def __init__(self, length: int, lag: int) -> None:
        self._answer = COPIED + lag + 1  # the token behind the marker
        self.note = (
            f"{COPIED} letters are read first; when after {lag} blanks ▸ comes, they are to be written again. Every "
            f"sequence is a fresh one, {HELD_OUT_SEQUENCES} others are held out."
        )
        share = COPIED / length  # of the tokens that ask for a letter
        guess = share * math.log(len(SYMBOLS))
        self.best = Line("without memory", guess)
        self.chance = guess - share * math.log(share) - (1 - share) * math.log(1 - share)

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences."""
        letters = random.integers(0, len(SYMBOLS), (size, COPIED))
        inputs, targets = np.full((size, length), BLANK), np.full((size, length), BLANK)
        inputs[:, :COPIED] = targets[:, self._answer : self._answer + COPIED] = letters
        inputs[:, self._answer - 1] = MARKER
        return Batch(inputs, targets)


def open_task(file: Path | None, length: int, lag: int) -> Task:
    """Needs no file."""
    return CopyTask(length, lag)


COPY = TaskKind(
    "copy",
    "Copying problem",
    f"{COPIED} letters, written again after T − {2 * COPIED} blanks",
    open_task,
    least_length=LEAST_LENGTH,
    lag=LagDial(
        "blanks between the last letter and ▸; what is left of T is blank after the answer",
        lambda length: length - LEAST_LENGTH,
        room=LEAST_LENGTH,
    ),
)
