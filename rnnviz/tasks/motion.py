"""A film: a small shape moves over frames of 8 × 8 pixels; say after the last one which way.

What leaves at one side comes in at the other, so that every place is equally likely in every frame: a single frame says
nothing about the motion, and who remembers nothing guesses, ln 8 nats. Each frame has noise of its own. What the last
two frames can tell at best is known: under each of the eight ways the last is moved back onto the one before, both are
added up and compared with every shape at every place (Bayes' rule). To get below takes a longer memory.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind

SIDE = 8
NOISE = 0.5  # standard deviation of every pixel
WAYS = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)} | {
    "down right": (1, 1),
    "down left": (1, -1),
    "up right": (-1, 1),
    "up left": (-1, -1),
}
SHAPES = ("###/###/###", ".#./###/.#.", "#.#/.#./#.#", "###/#.#/###", "##./##./...")  # square, plus, cross, ring, dot
HELD_OUT_SEQUENCES = 256
HELD_OUT_SEED = (1895, 3)  # two numbers: no run's seed, which is one, draws the same


def shape(drawn: str) -> Array:
    """A frame (SIDE, SIDE) with the shape at the top left, 1 where it is."""
    frame = np.zeros((SIDE, SIDE))
    for row, pixels in enumerate(drawn.split("/")):
        frame[row, : len(pixels)] = [pixel == "#" for pixel in pixels]
    return frame


def placed() -> Array:
    """Every shape at every place, (shapes · SIDE², SIDE, SIDE), all equally likely."""
    places = [(down, right) for down in range(SIDE) for right in range(SIDE)]
    return np.stack([np.roll(shape(drawn), place, (0, 1)) for drawn in SHAPES for place in places])


class MotionTask:
    """Fresh films for ever; the held-out ones are drawn by a generator of their own."""

    reads = Numbers(tuple(f"row {row} column {column}" for row in range(1, SIDE + 1) for column in range(1, SIDE + 1)))
    predicts = Symbols(tuple(WAYS))
    note = (
        f"A shape moves one pixel a frame in one of {len(WAYS)} ways over {SIDE} × {SIDE} pixels with noise of size "
        f"{NOISE}; which way is asked for after the last frame. Every film is a fresh one, {HELD_OUT_SEQUENCES} others "
        "are held out."
    )

    def __init__(self, length: int) -> None:
        self._frames = placed()
        inputs, targets = self.held_out(length)
        self.best = Line("best of two frames", float(-log_posterior(inputs[:, -2:], targets[:, -2:]).mean()))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` films of ``length`` frames; the last frame alone has a target."""
        first = self._frames[random.integers(0, len(self._frames), size)]
        ways = random.integers(0, len(WAYS), size)
        frames = np.stack([moved(first, ways, time) for time in range(length)], axis=1)
        noisy = frames + random.normal(0, NOISE, frames.shape)
        targets = np.full((size, length), NO_TARGET)
        targets[:, -1] = ways
        return Batch(noisy.reshape(size, length, SIDE * SIDE).astype(np.float32), targets)

    def held_out(self, length: int) -> Batch:
        """Draw the films that are always the same."""
        return self.batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT_SEQUENCES, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out films."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])


def moved(frames: Array, ways: Array, times: int) -> Array:
    """Frames (B, SIDE, SIDE), each moved so many pixels along its way, (B,) indices of WAYS."""
    result = np.empty_like(frames)
    for index, (down, right) in enumerate(WAYS.values()):
        result[ways == index] = np.roll(frames[ways == index], (down * times, right * times), (1, 2))
    return result


def log_posterior(inputs: Array, targets: Array) -> Array:
    """Natural logarithm of the probability of the right way, given all frames, (B,).

    A way's likelihood is the mean over first frames f of exp((Σ_t back_t(x_t) · f − T‖f‖²/2) / σ²).
    """
    size, length = targets.shape
    films = inputs.reshape(size, length, SIDE, SIDE).astype(np.float64)
    firsts = placed().reshape(-1, SIDE * SIDE)
    each = []
    for way in range(len(WAYS)):
        back = sum(moved(films[:, time], np.full(size, way), -time) for time in range(length))
        fit = np.asarray(back).reshape(size, -1) @ firsts.T - length * (firsts**2).sum(axis=1) / 2
        each.append(np.logaddexp.reduce(fit / NOISE**2, axis=1))
    ways = np.stack(each, axis=1)
    return np.asarray(ways[np.arange(size), targets[:, -1]] - np.logaddexp.reduce(ways, axis=1))


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return MotionTask(length)


MOTION = TaskKind(
    "motion",
    "Moving shape",
    "which way a shape moves over small frames",
    open_task,
    shape="many → one",
    least_length=2,
    reads_numbers=True,
    greatest_length=200,  # frames: longer films take seconds to make
)
