"""Look ahead: y_t = x_{t+5}, random bits that are asked for five tokens, or another lag, before they can be read.

A network that reads from left to right knows nothing of them and has ln 2 nats for ever, however long it learns. One
that reads both ways needs nothing but a memory of so many tokens in its backward direction.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import NO_TARGET, Batch, LagDial, Task, TaskKind

AHEAD = 5


class LookAheadTask(FreshTask):
    """Bits of a fair coin; the last ``lag`` tokens, 1 or more, are asked for nothing."""

    held_out_seed = (1997, 11)
    vocabulary = ("0", "1")
    whole = True
    best = Line("reading both ways", 0.0)

    def __init__(self, lag: int) -> None:
        self._lag = lag
        later = "1 token" if lag == 1 else f"{lag} tokens"
        self.note = (
            f"At every token the bit that comes {later} later: reading left to right nobody can know it. "
            f"Every sequence is a fresh one, {HELD_OUT_SEQUENCES} others are held out."
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences."""
        bits = random.integers(0, 2, (size, length))
        targets = np.full_like(bits, NO_TARGET)
        targets[:, : -self._lag] = bits[:, self._lag :]
        return Batch(bits, targets)


def open_task(file: Path | None, length: int, lag: int) -> Task:
    """Needs no file."""
    return LookAheadTask(lag)


LOOK_AHEAD = TaskKind(
    "look_ahead",
    "Look ahead",
    f"the bit that comes {AHEAD} tokens later, known only to who reads from both ends",
    open_task,
    least_length=AHEAD + 1,
    lag=LagDial("tokens from where a bit is asked for to where it is read", lambda _: AHEAD, room=1, least=1),
)
