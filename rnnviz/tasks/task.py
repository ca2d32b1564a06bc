"""What a network can be trained on. Pure numpy.

B sequences in a batch, T tokens in a sequence. Symbols are indices into their labels, (B, T) int64; numbers are
(B, T, D) float32.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, cast

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers, Symbols, Values

NO_TARGET = -1  # where no label should be predicted; NaN where no number should be
GUESSED = 256  # sequences of which the variance of numbers is taken
DRAWN = 2000  # sequences that stand for all, where not all can be listed

Shape = Literal["one → one", "one → many", "many → one", "many → many", "many → many after reading"]


class Batch(NamedTuple):
    """Sequences and what should be predicted at each of their tokens.

    The loss is the mean over the tokens that have a target; every sequence has at least one. Sequences of different
    lengths are filled up at the end with anything (`filled_up` helps): what follows the last target counts for nothing,
    and layers that read backward begin there, unless the task is ``whole``.
    """

    inputs: Array  # (B, T) int64, or (B, T, D) float32
    targets: Array  # (B, T) int64 with NO_TARGET, or (B, T, O) float32 with NaN, where nothing should be predicted


class Task(Protocol):
    """An opened source of sequences. It never changes: several trainers may draw from one.

    Beside this, it has either a ``vocabulary``, a tuple of labels that are read and predicted, or ``reads`` and
    ``predicts``, each Symbols or Numbers; one of the two may stand beside a vocabulary. It may have a ``chance``, the
    loss of a blind guess or the Line of another rule to start from, where that is not a uniform guess of labels or the
    mean of numbers, a ``best``, the name and loss of the best simple rule or the optimum, and ``others``, Lines of
    further rules. ``whole`` is True where nothing is filled up and what follows the last target is to be read, too: by
    a network that reads backward. It may
    have ``texts``, all that it trains on as a few long rows of indices (N,), where that can be listed.
    ``goes_on`` is True where what is predicted at a token is what is read at the next one, so that a network can go on
    by itself; a ``season`` is after how many tokens such numbers repeat themselves. ``notation`` is "abc" where the
    labels are notes in that notation. ``shows_padding`` is True where what fills up the displayed sequence is to be
    shown.
    """

    note: str  # what was read and held out, in a sentence

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` training sequences of ``length`` tokens, or of the task's own length."""

    def held_out(self, length: int) -> Batch | None:
        """Sequences that are never trained on, always the same; None when nothing is held out."""

    def displayed(self, length: int) -> Batch:
        """Return the one sequence (B = 1) that is shown, always the same."""


class Consecutive(Protocol):
    """A task whose batches can follow each other, so that a state can be carried from one into the next."""

    def following(self, number: int, size: int, length: int) -> Batch:
        """Return batch ``number``, from 0: its row b goes on where row b of the one before ended, endlessly."""


@dataclass(frozen=True)
class LagDial:
    """How far what is asked for lies from where it is asked, in tokens, where that can be set beside the length."""

    about: str  # what is counted, from what to what
    own: Callable[[int], int]  # sequence length → lag of the task as it is published
    room: int  # tokens that a sequence needs beside the lag
    least: int = 0

    def greatest(self, length: int) -> int:
        """The largest lag for which ``length`` tokens are enough; below ``least`` where none fits."""
        return length - self.room

    def fitting(self, length: int) -> str:
        """The lags that fit ``length`` tokens, in words."""
        greatest = max(self.least, self.greatest(length))
        return f"{self.least} to {greatest}" if self.least < greatest else str(self.least)


Opener = Callable[[Path | None, int], Task]  # (file of the user, sequence length) → task
LagOpener = Callable[[Path | None, int, int], Task]  # the same, and the lag


@dataclass(frozen=True)
class TaskKind:
    """An entry of the catalogue: what is offered before anything is read."""

    name: str
    title: str
    about: str
    opener: Opener | LagOpener  # the latter where there is a `lag`
    needs_file: bool = False
    consecutive: bool = False  # its tasks have `Consecutive.following`
    file_kind: str = "a UTF-8 text"  # what the file has to be
    shape: Shape = "many → many"
    least_length: int = 1  # with the task's own lag
    greatest_length: int | None = None  # None: as far as the setting goes, or the user's file
    own_length: bool = False  # its sequences are as long as they are: the setting does not matter
    reads_numbers: bool = False  # its tokens are numbers: there is nothing to embed
    lag: LagDial | None = None
    by_column: Callable[[Path | None, int, str | None], Task] | None = (
        None  # `opener`, with a column of the file by name
    )

    def open(self, file: Path | None, length: int, lag: int | None = None, column: str | None = None) -> Task:
        """Open it, for sequences of ``length`` tokens. Raises BadFileError.

        ``lag``, ``column`` of the file: None is its own, the usual one. What it has no use for is not looked at.
        """
        if self.by_column is not None:
            return self.by_column(file, length, column)
        if self.lag is None:
            return cast("Opener", self.opener)(file, length)
        return cast("LagOpener", self.opener)(file, length, self.lag.own(length) if lag is None else lag)


def reads(task: Task) -> Values:
    """What ``task`` gives to read."""
    found: Values | None = getattr(task, "reads", None)
    return Symbols(getattr(task, "vocabulary", ())) if found is None else found


def predicts(task: Task) -> Values:
    """What ``task`` wants predicted: what it says, else its vocabulary."""
    found: Values | None = getattr(task, "predicts", None)
    return Symbols(getattr(task, "vocabulary", ())) if found is None else found


def chance(task: Task, length: int) -> Line:
    """The loss of a blind guess: what ``task`` says, else of the best one that knows nothing."""
    told: Line | float | None = getattr(task, "chance", None)
    if isinstance(told, Line):
        return told
    kind = predicts(task)
    if isinstance(kind, Symbols):
        return Line("chance", float(np.log(kind.size))) if told is None else Line("frequencies alone", told)
    return Line("always the mean" if told is None else "chance", _variance(task, length) if told is None else told)


def best(task: Task) -> Line | None:
    """The best simple rule or the optimum, where ``task`` knows one."""
    found: tuple[str, float] | None = getattr(task, "best", None)
    return None if found is None else Line(*found)


def texts(task: Task, length: int) -> list[Array]:
    """Rows of indices (N,) that ``task``, which reads symbols, trains on: all of them, or else some drawn at random.

    What fills a sequence up is left out.
    """
    found: Sequence[Array] | None = getattr(task, "texts", None)
    if found is not None:
        return list(found)
    inputs, targets = task.batch(np.random.default_rng(0), DRAWN, length)
    if is_whole(task):
        return list(inputs)
    ends = [int(np.flatnonzero(row)[-1]) + 1 for row in asked(targets)]
    return [row[:end] for row, end in zip(inputs, ends, strict=True)]


def lists_texts(task: Task) -> bool:
    """Whether `texts` are all that ``task`` trains on, and not `DRAWN` sequences that stand for all."""
    return getattr(task, "texts", None) is not None


def others(task: Task) -> tuple[Line, ...]:
    """What else ``task`` gives to compare with."""
    return tuple(getattr(task, "others", ()))


def is_whole(task: Task) -> bool:
    """Whether the sequences of ``task`` go on behind their last target."""
    return bool(getattr(task, "whole", False))


def mute(task: Task) -> str:
    """Why a network that has learned ``task`` cannot go on by itself; empty where it can."""
    if getattr(task, "goes_on", False):
        return ""
    read, predicted = reads(task), predicts(task)
    if type(read) is not type(predicted):
        kinds = ("labels", "numbers") if isinstance(read, Symbols) else ("numbers", "labels")
        return f"it reads {kinds[0]} and predicts {kinds[1]}, which it cannot read"
    if isinstance(read, Symbols) and isinstance(predicted, Symbols) and read.labels != predicted.labels:
        return "the labels that it predicts are not the ones that it reads"
    return "what it predicts at a token is not what is read at the next one"


def shows_padding(task: Task) -> bool:
    """Whether what fills up the displayed sequence of ``task`` is to be shown, as padding."""
    return bool(getattr(task, "shows_padding", False))


def filled_up(rows: Sequence[Array], fill: float) -> Array:
    """Rows (T_b,) or (T_b, D) of different lengths as one array (B, T) or (B, T, D), with ``fill`` at the ends."""
    longest = max(len(row) for row in rows)
    made = np.full((len(rows), longest, *rows[0].shape[1:]), fill, rows[0].dtype)
    for place, row in enumerate(rows):
        made[place, : len(row)] = row
    return made


def _variance(task: Task, length: int) -> float:
    """Mean variance of the numbers that should be predicted, held out if possible."""
    held_out = task.held_out(length)
    batch = task.batch(np.random.default_rng(0), GUESSED, length) if held_out is None else held_out
    return float(np.nanvar(batch.targets.astype(np.float64), axis=(0, 1)).mean())


def refuse_misfit(task: Task, batch: Batch) -> None:
    """Raise ValueError unless ``batch`` is what ``task`` says that it reads and predicts."""
    read, predicted = reads(task), predicts(task)
    if isinstance(predicted, Symbols) and predicted.size < 2:
        raise ValueError(f"the task predicts {predicted.labels}, expected at least two different labels")
    for name, kind, array in (("inputs", read, batch.inputs), ("targets", predicted, batch.targets)):
        _refuse_array(name, kind, array)
    if batch.inputs.shape[:2] != batch.targets.shape[:2]:
        raise ValueError(
            f"targets are {batch.targets.shape}, expected {batch.inputs.shape[:2]} tokens as the inputs have"
        )
    if not asked(batch.targets).any(axis=1).all():
        raise ValueError("a sequence has no target at any token, expected at least one")


def asked(targets: Array) -> Array:
    """Whether anything should be predicted at each token, (…, T) of labels (…, T) or of numbers (…, T, O)."""
    if targets.dtype.kind == "f":
        return np.asarray(~np.isnan(targets).all(axis=-1))
    return np.asarray(targets != NO_TARGET)


def _refuse_array(name: str, kind: Values, array: Array) -> None:
    if isinstance(kind, Numbers):
        if array.ndim != 3 or array.shape[2] != kind.size or array.dtype != np.float32:
            raise ValueError(
                f"{name} are {array.shape} of {array.dtype}, expected (B, T, {kind.size}) of float32, "
                f"one number for each of {', '.join(kind.names)}"
            )
        wrong = np.isinf(array) if name == "targets" else ~np.isfinite(array)
        if wrong.any():
            sequence, token, place = np.argwhere(wrong)[0].tolist()
            raise ValueError(
                f"{name}: {kind.names[place]!r} is {array[sequence, token, place]} at token {token} of sequence "
                f"{sequence}, expected a finite number"
            )
        return
    if array.ndim != 2 or array.dtype != np.int64:
        raise ValueError(f"{name} are {array.shape} of {array.dtype}, expected (B, T) of int64, indices of labels")
    low = NO_TARGET if name == "targets" else 0
    if array.min() < low or array.max() >= kind.size:
        raise ValueError(
            f"{name} run from {array.min()} to {array.max()}, expected {low} to {kind.size - 1}, indices of labels"
        )
