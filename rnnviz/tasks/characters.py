"""Next-character prediction on a text: what the text tasks have in common."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.tasks.task import Batch

OTHER = "\N{REPLACEMENT CHARACTER}"
LARGEST_VOCABULARY = 256
HELD_OUT_SEQUENCES = 16


def vocabulary_of(text: str) -> tuple[str, ...]:
    """The distinct characters in order; where they are too many, the commonest and one for all others."""
    counts = Counter(text)
    if len(counts) <= LARGEST_VOCABULARY:
        return tuple(sorted(counts))
    common = [character for character, _ in counts.most_common(LARGEST_VOCABULARY - 1)]
    return (*sorted(set(common) - {OTHER}), OTHER)


def encode(text: str, vocabulary: tuple[str, ...]) -> Array:
    """Indices (len(text),) of the characters; a character outside becomes the last label."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    labels = np.array([ord(character) for character in vocabulary], dtype=np.uint32)
    order = np.argsort(labels)
    places = np.minimum(np.searchsorted(labels[order], codes), len(labels) - 1)
    found = labels[order][places] == codes
    return np.where(found, order[places], len(labels) - 1).astype(np.int64)


def one_known(codes: Array, size: int) -> Line:
    """Nats of the best guess that knows the character before and nothing else, on ``codes`` (N,) below ``size``."""
    pairs = np.bincount(codes[:-1] * size + codes[1:], minlength=size * size).reshape(size, size)
    before = pairs.sum(axis=1, keepdims=True)
    chances = pairs / np.maximum(before, 1)
    nats = -pairs[pairs > 0] * np.log(chances[pairs > 0])
    return Line("one character known", float(nats.sum() / pairs.sum()))


class CharacterTask:
    """Windows into a training text, and fixed windows into a held-out text."""

    goes_on = True

    def __init__(self, training: str, held_out: str, length: int, note: str) -> None:
        self.vocabulary = vocabulary_of(training + held_out)
        if len(self.vocabulary) < 2:
            raise ValueError(f"the text has only the character {training[0]!r}, expected at least two different ones")
        if len(training) <= length:
            raise ValueError(
                f"length is {length}, but the text has {len(training)} characters to train on; "
                f"expected a length below {len(training)}"
            )
        self.note = note
        self._training = encode(training, self.vocabulary)
        self.texts = (self._training,)
        self.best = one_known(self._training, len(self.vocabulary))
        self._held_out = encode(held_out, self.vocabulary) if len(held_out) > length else None
        self._start = _a_readable_start(held_out if self._held_out is not None else training, length)

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw windows at random places of the training text."""
        return windows(self._training, random.integers(0, len(self._training) - length, size), length)

    def following(self, number: int, size: int, length: int) -> Batch:
        """``size`` places of the training text, evenly spaced, are read on and on; after its end comes its start."""
        return following(self._training, np.arange(size) * (len(self._training) // size), number, length)

    def held_out(self, length: int) -> Batch | None:
        """Evenly spaced windows over the held-out text."""
        if self._held_out is None:
            return None
        starts = np.linspace(0, len(self._held_out) - length - 1, HELD_OUT_SEQUENCES).astype(np.int64)
        return windows(self._held_out, np.unique(starts), length)

    def displayed(self, length: int) -> Batch:
        """Return a window of the held-out text that begins with a line."""
        text = self._training if self._held_out is None else self._held_out
        return windows(text, [self._start], length)


def following(text: Array, starts: Array, number: int, length: int) -> Batch:
    """Window ``number`` of rows that read ``text`` in a circle from ``starts`` on."""
    places = starts[:, None] + number * length + np.arange(length + 1)
    cut = text[places % len(text)]
    return Batch(np.ascontiguousarray(cut[:, :-1]), np.ascontiguousarray(cut[:, 1:]))


def windows(text: Array, starts: Iterable[int], length: int) -> Batch:
    """Return the codes from each of ``starts`` on, and as targets those that follow them."""
    cut = np.stack([text[start : start + length + 1] for start in starts])
    return Batch(np.ascontiguousarray(cut[:, :-1]), np.ascontiguousarray(cut[:, 1:]))


def _a_readable_start(text: str, length: int) -> int:
    """Start of the first line, past the middle, that begins at the margin and is followed by enough text."""
    place = len(text) // 2
    while (place := text.find("\n", place)) != -1 and place + 1 + length < len(text):
        place += 1
        if not text[place].isspace():
            return place
    return 0


def split(text: str, share: float = 0.1) -> tuple[str, str]:
    """Cut the last ``share`` of ``text`` off as the held-out part."""
    cut = len(text) - int(len(text) * share)
    return text[:cut], text[cut:]


def describe(path: Path | str, training: str, held_out: str) -> str:
    """Say in a sentence what was read."""
    return f"{path}: {len(training):,} characters to train on, {len(held_out):,} held out."
