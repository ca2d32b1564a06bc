"""Temporal order: which of two symbols came first, and which second.

Pascanu, Mikolov and Bengio (2013), after Hochreiter and Schmidhuber (1997).
Two of T tokens are A or B, one in [0.1 T, 0.2 T) and one in [0.5 T, 0.6 T); all others are drawn from four distractors
that mean nothing. After the last token the network says which two there were, in order: one of four classes, ln 4 nats
for a guess. The first has to be remembered over about 0.9 T tokens, the second over 0.4 T at least.
With another lag than that, the first T − lag tokens are those of a sequence whose own lag would begin there: the two
symbols stand in the same proportions, and then so many distractors follow.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.values import Symbols
from rnnviz.tasks.task import NO_TARGET, Batch, LagDial, Task, TaskKind

SHORTEST = 6  # below, no token lies in [0.1 T, 0.2 T)
HELD_OUT_SEQUENCES = 256
HELD_OUT_SEED = (2013, 1063)  # two numbers: no run's seed, which is one, draws the same


class TemporalOrderTask:
    """Fresh sequences for ever; the held-out ones are drawn by a generator of their own."""

    vocabulary: tuple[str, ...] = ("A", "B", "w", "x", "y", "z")
    predicts = Symbols(("AA", "BA", "AB", "BB"))  # the first, then the second: index first + 2 · second

    def __init__(self, lag: int) -> None:
        self._lag = lag
        self.note = (
            "Two of the tokens are A or B, the others mean nothing; the class, AA, AB, BA or BB, is asked for after "
            f"the last token, at least {lag} tokens after the second. Every sequence is a fresh one, "
            f"{HELD_OUT_SEQUENCES} others are held out."
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences; the last token alone has a target."""
        inputs = random.integers(2, len(self.vocabulary), (size, length))
        symbols = random.integers(0, 2, (size, 2))
        rows, published = np.arange(size), _published(length, self._lag)
        for which, (low, high) in enumerate((_within(1, 2, published), _within(5, 6, published))):
            inputs[rows, random.integers(low, high, size)] = symbols[:, which]
        return Batch(inputs, _at_the_end(symbols[:, 0] + 2 * symbols[:, 1], length))

    def held_out(self, length: int) -> Batch:
        """Draw the sequences that are always the same."""
        return self.batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT_SEQUENCES, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out sequences."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])


def _own_lag(length: int) -> int:
    """Tokens after the last one at which the second symbol may stand."""
    return length - _within(5, 6, length)[1]


def _published(length: int, lag: int) -> int:
    """Length of the published sequence whose second symbol stands below ``length`` − ``lag``: T for its own lag."""
    return length if lag == _own_lag(length) else 10 * (length - lag) // 6


def _within(low: int, high: int, length: int) -> tuple[int, int]:
    """Whole numbers p with low/10 · T ≤ p < high/10 · T, as a half-open range."""
    return -(-low * length // 10), -(-high * length // 10)


def _at_the_end(classes: Array, length: int) -> Array:
    targets = np.full((len(classes), length), NO_TARGET)
    targets[:, -1] = classes
    return targets


def open_task(file: Path | None, length: int, lag: int) -> Task:
    """Needs no file."""
    return TemporalOrderTask(lag)


TEMPORAL_ORDER = TaskKind(
    "temporal_order",
    "Temporal order",
    "which of A and B came first and which second, said after the last of T tokens",
    open_task,
    shape="many → one",
    least_length=SHORTEST,
    lag=LagDial("tokens that follow the second of the two symbols, at least", _own_lag, room=4),
)
