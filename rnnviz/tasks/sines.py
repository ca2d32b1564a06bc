"""Noisy sums of two sines: the next number of a signal of which nothing but the two periods is always the same.

x_t = Σ_k (a_k cos 2πt/P_k + b_k sin 2πt/P_k) + noise, all a and b normal with variance s² and new in every sequence.
Such numbers are jointly normal with the covariance s² Σ_k cos 2π(t−u)/P_k + σ²·1[t=u], so the best guess of the next
one is known exactly: the variance that is left is a squared diagonal entry of the covariance's Cholesky factor. It
needs a memory: at the first token everything is open, after one or two periods little but the noise.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers
from rnnviz.tasks.task import Batch, Task, TaskKind

PERIODS = (7.0, 19.0)  # tokens
SIZE = 0.7  # s
NOISE = 0.2  # σ
HELD_OUT_SEQUENCES = 256
HELD_OUT_SEED = (1822, 2)  # two numbers: no run's seed, which is one, draws the same


def covariance(length: int) -> Array:
    """Of ``length`` numbers in a row, (length, length)."""
    apart = np.subtract.outer(np.arange(length), np.arange(length))
    waves = sum(np.cos(2 * np.pi * apart / period) for period in PERIODS)
    return np.asarray(SIZE**2 * waves + NOISE**2 * np.eye(length))


def optimum(length: int) -> float:
    """Mean squared error of the best guess of each next number, given all before it in the sequence."""
    left = np.diag(np.linalg.cholesky(covariance(length + 1))) ** 2
    return float(left[1:].mean())


class SinesTask:
    """Fresh sequences for ever; the held-out ones are drawn by a generator of their own."""

    goes_on = True
    reads = Numbers(("signal",))
    predicts = Numbers(("next signal",), tolerance=2 * NOISE)
    chance = Line("always 0", len(PERIODS) * SIZE**2 + NOISE**2)
    note = (
        f"Two sines with periods of {PERIODS[0]:g} and {PERIODS[1]:g} tokens, each of random size and phase, and noise "
        f"of size {NOISE}: the next number. Every sequence is a fresh one, {HELD_OUT_SEQUENCES} others are held out."
    )

    def __init__(self, length: int) -> None:
        self.best = Line("optimum", optimum(length))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences."""
        angles = 2 * np.pi * np.arange(length + 1) / np.array(PERIODS)[:, None]
        waves = np.concatenate([np.cos(angles), np.sin(angles)])  # (2·periods, T + 1)
        signal = random.normal(0, SIZE, (size, len(waves))) @ waves
        numbers = (signal + random.normal(0, NOISE, signal.shape))[..., None].astype(np.float32)
        return Batch(np.ascontiguousarray(numbers[:, :-1]), np.ascontiguousarray(numbers[:, 1:]))

    def held_out(self, length: int) -> Batch:
        """Draw the sequences that are always the same."""
        return self.batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT_SEQUENCES, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out sequences."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return SinesTask(length)


SINES = TaskKind("sines", "Noisy sines", "the next number of a noisy sum of two sines", open_task, reads_numbers=True)
