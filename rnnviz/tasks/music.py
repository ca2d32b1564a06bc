"""Music: the next symbol of melodies in ABC notation, note by note.

The melodies are jigs made by rule (`jigs.py`), so that every bar has exactly six eighths and repeats are literal. A bar
line comes after six eighths, which takes counting; a repeat takes a memory of 45 tokens or so. The rule to compare with
knows the last symbol alone: a table of which one follows which, counted over what is trained on.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.tasks.jigs import ENDING, SCALE, note, tune
from rnnviz.tasks.task import Batch, Task, TaskKind

TUNES, HELD_OUT_TUNES = 300, 40
HELD_OUT_SEQUENCES = 128  # evenly spaced
SEED = (1782, 6)
SMOOTHING = 0.01  # added to every count, so that no pair is impossible

VOCABULARY = ("|", ENDING, *(note(letter, eighths) for letter in SCALE for eighths in (1, 2, 3)))


@cache
def tunes(many: int, seed: tuple[int, ...]) -> Array:
    """``many`` tunes, one after the other, as indices into VOCABULARY, (N,)."""
    random, index = np.random.default_rng(seed), {token: place for place, token in enumerate(VOCABULARY)}
    return np.array([index[token] for _ in range(many) for token in tune(random)])


class MusicTask:
    """Windows that begin with a bar, of tunes to train on and of others held out."""

    vocabulary = VOCABULARY
    goes_on = True
    notation = "abc"
    note = (
        f"Jigs in ABC notation, in G and 6/8, made by rule: {TUNES} to train on, {HELD_OUT_TUNES} others held out. A "
        "token is a note with its length in eighths, or a bar line."
    )

    def __init__(self, length: int) -> None:
        self._training, self._held_out = tunes(TUNES, (*SEED, 0)), tunes(HELD_OUT_TUNES, (*SEED, 1))
        self.texts = (self._training,)
        refuse_too_long(length, len(self._held_out))
        self.best = Line("one symbol back", bigram_loss(self._training, self.held_out(length)))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw windows that begin with a bar of a training tune."""
        starts = _bars(self._training, length)
        return _windows(self._training, starts[random.integers(0, len(starts), size)], length)

    def held_out(self, length: int) -> Batch:
        """Windows from evenly spaced bars."""
        starts = _bars(self._held_out, length)
        every = np.linspace(0, len(starts) - 1, HELD_OUT_SEQUENCES).astype(int)
        return _windows(self._held_out, starts[np.unique(every)], length)

    def displayed(self, length: int) -> Batch:
        """Return the beginning of the first tune held out."""
        return _windows(self._held_out, [0], length)


def refuse_too_long(length: int, symbols: int) -> None:
    """Raise ValueError where a window does not fit."""
    if length >= symbols:
        raise ValueError(f"length is {length}, expected a length below {symbols}, the symbols held out")


def bigram_loss(training: Array, held_out: Batch) -> float:
    """Cross-entropy in nats of the next symbol, told by the last one alone."""
    counts = np.full((len(VOCABULARY), len(VOCABULARY)), SMOOTHING)
    np.add.at(counts, (training[:-1], training[1:]), 1)
    chances = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.log(chances[held_out.inputs, held_out.targets]).mean())


def _bars(symbols: Array, length: int) -> Array:
    """Places at which a bar begins and ``length`` + 1 symbols follow."""
    lines = np.flatnonzero(symbols <= VOCABULARY.index(ENDING))
    starts = np.concatenate([[0], lines + 1])
    return starts[starts + length < len(symbols)]


def _windows(symbols: Array, starts: Iterable[int], length: int) -> Batch:
    windows = np.stack([symbols[start : start + length + 1] for start in starts])
    return Batch(np.ascontiguousarray(windows[:, :-1]), np.ascontiguousarray(windows[:, 1:]))


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file. Raises ValueError for a length that does not fit."""
    return MusicTask(length)


MUSIC = TaskKind("music", "Jigs in ABC", "the next symbol of a melody in ABC notation", open_task)
