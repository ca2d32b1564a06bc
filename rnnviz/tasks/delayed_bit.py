"""The delayed first bit: the first of T numbers is −1 or 1, all others are noise; say at the end which it was.

The shortest form of the latch problem of Bengio, Simard and Frasconi (1994). A guess has ln 2 nats; what decides is
whether the network keeps one bit over T − 1 tokens, or over so many as the lag says: then it is asked for earlier, and
what follows counts for nothing.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.values import Numbers, Symbols
from rnnviz.tasks.task import NO_TARGET, Batch, LagDial, Task, TaskKind

NOISE = 0.5  # standard deviation of the other numbers
HELD_OUT_SEQUENCES = 256
HELD_OUT_SEED = (1994, 5)  # two numbers: no run's seed, which is one, draws the same


class DelayedBitTask:
    """Fresh sequences for ever; the held-out ones are drawn by a generator of their own."""

    reads = Numbers(("signal",))
    predicts = Symbols(("−", "+"))

    def __init__(self, length: int, lag: int) -> None:
        self._asked = lag  # at which token
        when = "after the last" if lag == length - 1 else f"{lag} tokens later, what follows counts for nothing"
        self.note = (
            f"The first number is −1 or 1, the others are noise of size {NOISE}; the first one's sign is asked for "
            f"{when}. Every sequence is a fresh one, {HELD_OUT_SEQUENCES} others are held out."
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences; one token alone has a target, the last as published."""
        bits = random.integers(0, 2, size)
        inputs = random.normal(0, NOISE, (size, length, 1)).astype(np.float32)
        inputs[:, 0, 0] = 2 * bits - 1
        targets = np.full((size, length), NO_TARGET)
        targets[:, self._asked] = bits
        return Batch(inputs, targets)

    def held_out(self, length: int) -> Batch:
        """Draw the sequences that are always the same."""
        return self.batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT_SEQUENCES, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out sequences."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])


def open_task(file: Path | None, length: int, lag: int) -> Task:
    """Needs no file."""
    return DelayedBitTask(length, lag)


DELAYED_BIT = TaskKind(
    "delayed_bit",
    "Delayed first bit",
    "whether the first of T numbers was −1 or 1, said after the last",
    open_task,
    shape="many → one",
    reads_numbers=True,
    lag=LagDial(
        "tokens from the bit to where it is asked for; what follows counts for nothing",
        lambda length: length - 1,
        room=1,
    ),
)
