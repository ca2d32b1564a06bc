"""Sequences of numbers of the user's own, from a `.npy` or `.npz` file: say the next row, or what the file answers.

Sequences of different lengths are filled up at the end with zeros; nothing is asked there, and it is drawn as padding.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.values import Numbers, Symbols, Values
from rnnviz.files.errors import BadFileError
from rnnviz.files.examples import Examples, read_examples
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind

HELD_OUT_EVERY = 5  # one sequence in so many
FEWEST = 5
MOST_LABELS, MOST_HELD_OUT = 1000, 256


class ArraysTask:
    """Numbers are standardised by what is trained on, each channel by itself; predicted numbers likewise."""

    shows_padding = True

    def __init__(self, examples: Examples, name: str) -> None:
        count, longest = examples.inputs.shape[:2]
        held_out = np.arange(count) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
        self._training, self._held_out = np.flatnonzero(~held_out), np.flatnonzero(held_out)[:MOST_HELD_OUT]
        self._counts = np.arange(longest) < examples.lengths[:, None]  # (N, T): whether a token is there
        inputs = self._standardised(examples.inputs, self._counts)
        self._inputs = np.where(self._counts[..., None], inputs, 0).astype(np.float32)
        self.reads: Values = Numbers(tuple(f"x{place + 1}" for place in range(inputs.shape[2])))
        self.predicts, self._targets = self._asked(examples)
        if examples.answers is None:  # nothing is known to come behind the last row
            self._inputs, self._targets = self._inputs[:, :-1], self._targets[:, :-1]
        self._lengths = examples.lengths - (examples.answers is None)
        what = "the next row" if examples.answers is None else "the answer"
        self.note = (
            f"{name}: {examples.note}; standardised; {what} is asked. Every {HELD_OUT_EVERY}th sequence is held out, "
            f"{int(held_out.sum()):,} in all."
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` of the sequences to train on."""
        return self._some(self._training[random.integers(0, len(self._training), size)])

    def held_out(self, length: int) -> Batch:
        """Return the sequences held out."""
        return self._some(self._held_out)

    def displayed(self, length: int) -> Batch:
        """Return the one of them whose length is in the middle, filled up like the longest."""
        order = self._held_out[np.argsort(self._lengths[self._held_out], kind="stable")]
        middle = order[len(order) // 2 : len(order) // 2 + 1]
        return Batch(self._inputs[middle].copy(), self._targets[middle].copy())

    def _some(self, rows: Array) -> Batch:
        longest = int(self._lengths[rows].max())
        return Batch(self._inputs[rows, :longest], self._targets[rows, :longest])

    def _standardised(self, values: Array, known: Array) -> Array:
        """``values`` (N, T, ·), by mean and deviation of the ``known`` (N, T) of the sequences to train on."""
        seen = values[self._training][known[self._training]]
        deviation = seen.std(axis=0)
        return np.asarray((values - seen.mean(axis=0)) / np.where(deviation > 0, deviation, 1))

    def _asked(self, examples: Examples) -> tuple[Values, Array]:
        answers = examples.answers
        if answers is None:
            later = np.full_like(self._inputs, np.nan)
            later[:, :-1] = np.where(self._counts[:, 1:, None], self._inputs[:, 1:], np.nan)
            return self.reads, later
        if answers.dtype.kind == "i":
            return self._labels(answers)
        per_token = answers.ndim == 3
        wide = answers if per_token else np.repeat(answers[:, None], self._counts.shape[1], axis=1)
        names = tuple(f"y{place + 1}" for place in range(wide.shape[2]))
        asked = self._counts if per_token else self._last()
        return Numbers(names), np.where(asked[..., None], self._standardised(wide, asked), np.nan).astype(np.float32)

    def _labels(self, answers: Array) -> tuple[Values, Array]:
        per_token = answers.ndim == 2
        wide = answers if per_token else np.repeat(answers[:, None], self._counts.shape[1], axis=1)
        asked = self._counts if per_token else self._last()
        count = int(wide[asked].max()) + 1
        if not 2 <= count <= MOST_LABELS:
            raise ValueError(f"labels run up to {count - 1}, expected 2 to {MOST_LABELS} different ones from 0 on")
        return Symbols(tuple(map(str, range(count)))), np.where(asked, wide, NO_TARGET)

    def _last(self) -> Array:
        """(N, T): whether a token is the last of its sequence."""
        return self._counts & ~np.pad(self._counts[:, 1:], ((0, 0), (0, 1)))


def open_task(file: Path | None, length: int) -> Task:
    """Read ``file``. Raises BadFileError with a sentence."""
    if file is None:
        raise ValueError("file is not set, expected the path of a .npy or .npz file for the task 'own_arrays'")
    examples = read_examples(file)
    if len(examples.inputs) < FEWEST:
        raise BadFileError(file, f"{len(examples.inputs)} sequences, expected at least {FEWEST}")
    if examples.answers is None and examples.lengths.min() < 2:
        raise BadFileError(file, "a sequence has one token, expected two: the next row is asked without answers 'y'")
    try:
        return ArraysTask(examples, file.name)
    except ValueError as error:
        raise BadFileError(file, str(error)) from error


OWN_ARRAYS = TaskKind(
    "own_arrays",
    "Own arrays",
    "the next row, or the answer y, of sequences in a .npy or .npz file of yours",
    open_task,
    needs_file=True,
    file_kind="a .npy or .npz file of sequences (N, T, D)",
    own_length=True,
    reads_numbers=True,
)
