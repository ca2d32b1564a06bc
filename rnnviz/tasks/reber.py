"""The embedded Reber grammar: strings of B, T, S, X, P, V, E in which the last but one repeats the second.

Reber (1967), embedded as in Smith and Zipser (1989) and Hochreiter and Schmidhuber (1997). An inner string goes
through the graph below, either way with probability 1/2; the outer one is B, then T or P, the inner string, the same T
or P again, E. The next symbol is asked for at every one but the last.

An inner string has 6 choices and 8 symbols in the mean, an outer one 7 and 12: solve c = 1 + mean of the c that follow.
So the optimum is 7 ln 2 nats in 11 predictions, 0.4411 each, and whoever does not remember the second symbol over the
whole inner string has one choice more to guess, 0.5041. (Counted in 200 000 strings: 0.4415 and 0.5044.)
Any few strings have more choices or less, so the lines drawn are those of the very strings that are held out: 0.4373
and 0.5012. A string asked for in P predictions has P − 4 choices: B, E and the symbol repeated have none, nor the B
before the inner string.
"""

import math
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.tasks.fresh import FreshTask
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind, filled_up

SYMBOLS = "BTSXPVE"
PREDICTIONS = 11  # in the mean
CERTAIN = 4  # of them, in every string
OPTIMUM = 7 * math.log(2) / PREDICTIONS
WITHOUT_LONG_MEMORY = 8 * math.log(2) / PREDICTIONS
START, END = 1, 6
GRAPH = {  # at each node both ways on: a symbol, and the node behind it
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", END)),
    5: (("P", 4), ("V", END)),
}


class ReberTask(FreshTask):
    """One string a sequence, so of a length of its own: 9 symbols at least."""

    held_out_seed = (1967, 7)
    held_out_sequences = 1024
    vocabulary = tuple(SYMBOLS)
    goes_on = True
    note = (
        "The next symbol of a string of the embedded Reber grammar, whose last but one is the second again. Without "
        f"remembering that one a loss of {WITHOUT_LONG_MEMORY:.4f} is possible in the long run, with it {OPTIMUM:.4f}; "
        f"the lines are those of the {held_out_sequences} strings held out. Every other string is a fresh one."
    )

    def __init__(self) -> None:
        self.best = Line("optimum", nats(self.held_out(0), CERTAIN))
        self.others = (Line("without long memory", nats(self.held_out(0), CERTAIN - 1)),)

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` strings, filled up with E; ``length`` does not matter."""
        strings = [_codes(embedded(random)) for _ in range(size)]
        inputs = filled_up([codes[:-1] for codes in strings], SYMBOLS.index("E"))
        return Batch(inputs, filled_up([codes[1:] for codes in strings], NO_TARGET))


def embedded(random: np.random.Generator) -> str:
    """Draw a string of the embedded grammar."""
    kept = "TP"[random.integers(2)]
    return f"B{kept}{_inner(random)}{kept}E"


def _inner(random: np.random.Generator) -> str:
    node, found = START, "B"
    while node != END:
        symbol, node = GRAPH[node][random.integers(2)]
        found += symbol
    return found + "E"


def nats(strings: Batch, certain: int) -> float:
    """Loss on ``strings`` of who guesses between two symbols everywhere but at ``certain`` places of each."""
    asked_for = np.count_nonzero(strings.targets != NO_TARGET)
    return float((asked_for - certain * len(strings.targets)) * math.log(2) / asked_for)


def _codes(string: str) -> Array:
    return np.array([SYMBOLS.index(symbol) for symbol in string])


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return ReberTask()


REBER = TaskKind(
    "reber",
    "Embedded Reber grammar",
    "the next symbol of a string whose last but one repeats the second",
    open_task,
    own_length=True,
)
