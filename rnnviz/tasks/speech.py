"""Speech recognition in the small: which vowel or word of ten a synthetic voice says, from its spectrum.

A token is a frame of 32 ms, one every 16 ms: the logarithm of the power in 20 bands, as `voices.py` and `mel.py` make
them, standardised by what is trained on. After the last frame the word is asked for. “am” has the same sounds as
“ma”, and “os” as “so”: their mean spectra are alike, so that their order has to be remembered. The rule to compare with
knows the mean spectrum alone: normal distributions with one covariance for all words.
"""

from functools import cache
from pathlib import Path

import numpy as np

from rnnviz.analysis.mel import log_mel, mel_filters
from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind, filled_up
from rnnviz.tasks.voices import RATE, spoken

WORDS = ("a", "e", "i", "o", "u", "ma", "am", "so", "os", "yes")
BANDS, FRAME, HOP = 20, 256, 128
LOW, HIGH = 100.0, 3900.0  # Hz
LENGTHS = (0.24, 0.3, 0.36)  # seconds
EACH, HELD_OUT_EACH = 30, 8  # recordings of every word in every length
SEED = (1952, 8)


def frames(sounds: Array, rate: int = RATE) -> Array:
    """Log-mel frames (…, T, BANDS) of samples (…, N), each recording brought to the same loudness.

    Frames last as long at every ``rate``, to a sample.
    """
    loudness = np.sqrt(np.mean(sounds**2, axis=-1, keepdims=True))
    size, hop = round(FRAME * rate / RATE), round(HOP * rate / RATE)
    filters = mel_filters(BANDS, size, rate, LOW, HIGH)
    return log_mel(sounds / np.maximum(loudness, 1e-12), filters, size, hop)


@cache
def recordings(each: int, seed: tuple[int, ...]) -> tuple[tuple[Array, int], ...]:
    """``each`` recordings of every word in every length: frames (T, BANDS) and the index of the word."""
    random = np.random.default_rng(seed)
    indices = np.repeat(np.arange(len(WORDS)), each)
    return tuple(
        pair
        for seconds in LENGTHS
        for pair in zip(frames(spoken(random, [WORDS[k] for k in indices], seconds)), indices.tolist(), strict=True)
    )


class SpeechTask:
    """A fixed set of recordings to train on, and others by other speakers held out."""

    predicts = Symbols(WORDS)
    note = (
        f"{len(WORDS)} vowels and words, {', '.join(WORDS)}, by a synthetic voice: "
        f"{EACH * len(LENGTHS) * len(WORDS)} recordings to train on, "
        f"{HELD_OUT_EACH * len(LENGTHS) * len(WORDS)} of other speakers held out. A token is the power in {BANDS} "
        f"bands of mel frequency, every {1000 * HOP / RATE:g} ms; which word it was is asked for after the last."
    )

    def __init__(self) -> None:
        self.reads = Numbers(tuple(f"band {band}" for band in range(1, BANDS + 1)))
        training, held_out = recordings(EACH, (*SEED, 0)), recordings(HELD_OUT_EACH, (*SEED, 1))
        rows = np.concatenate([rows for rows, _ in training])
        self._mean, self._deviation = rows.mean(axis=0), rows.std(axis=0)
        self._training, self._held_out = self._scaled(training), self._scaled(held_out)
        self.best = Line("mean spectrum alone", mean_spectrum_loss(self._training, self._held_out, len(WORDS)))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` recordings."""
        return asked_at_the_end([self._training[k] for k in random.integers(0, len(self._training), size)])

    def held_out(self, length: int) -> Batch:
        """All recordings held out."""
        return asked_at_the_end(self._held_out)

    def displayed(self, length: int) -> Batch:
        """Return the first “yes” that is held out."""
        return asked_at_the_end([next(pair for pair in self._held_out if WORDS[pair[1]] == "yes")])

    def _scaled(self, pairs: tuple[tuple[Array, int], ...]) -> list[tuple[Array, int]]:
        return [(((rows - self._mean) / self._deviation).astype(np.float32), word) for rows, word in pairs]


def mean_spectrum_loss(training: list[tuple[Array, int]], held_out: list[tuple[Array, int]], labels: int) -> float:
    """Cross-entropy in nats of the linear discriminant on each recording's mean frame; all words equally likely."""
    known, words = _mean_frames(training)
    fresh, right = _mean_frames(held_out)
    means = np.stack([known[words == k].mean(axis=0) for k in range(labels)])
    whiten = np.linalg.cholesky(np.linalg.inv(np.cov((known - means[words]).T)))
    scores = -(((fresh[:, None] - means) @ whiten) ** 2).sum(axis=2) / 2
    return float(np.mean(np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(right)), right]))


def _mean_frames(pairs: list[tuple[Array, int]]) -> tuple[Array, Array]:
    return np.stack([rows.mean(axis=0, dtype=np.float64) for rows, _ in pairs]), np.array([word for _, word in pairs])


def asked_at_the_end(pairs: list[tuple[Array, int]]) -> Batch:
    """Frames (T_b, BANDS) and the label that is to be said after the last of them."""
    inputs = filled_up([rows for rows, _ in pairs], 0)
    targets = np.full(inputs.shape[:2], NO_TARGET)
    for place, (rows, word) in enumerate(pairs):
        targets[place, len(rows) - 1] = word
    return Batch(inputs, targets)


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return SpeechTask()


SPEECH = TaskKind(
    "speech",
    "Spoken words",
    "which of ten words a synthetic voice says, from its spectrum",
    open_task,
    shape="many → one",
    own_length=True,
    reads_numbers=True,
)
