"""Recordings of the user's own: which label each has, from its spectrum. Say the label after the last frame.

Frames are those of `speech.py`, at whatever rate was recorded. A blind guess knows how often every label comes: the
entropy of the labels that are trained on. The rule to compare with knows the mean spectrum alone, where there are
enough recordings to tell how spectra vary.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.files.errors import BadFileError
from rnnviz.files.recordings import EXPECTED, Recording, find_recordings
from rnnviz.files.wav import Limits, Sound, read_wav
from rnnviz.tasks.speech import BANDS, asked_at_the_end, frames, mean_spectrum_loss
from rnnviz.tasks.task import Batch, Task, TaskKind

LIMITS = Limits(least_seconds=0.1, most_seconds=10.0, least_rate=8000)  # the highest band ends at 3900 Hz
HELD_OUT_EVERY = 5  # recording of a label
FEWEST_EACH = 2
MOST_LABELS, MOST_FILES = 100, 3000


class OwnSpeechTask:
    """Every fifth recording of a label is held out, at least one of each."""

    def __init__(self, recordings: list[Recording], sounds: list[Sound], name: str) -> None:
        labels = tuple(sorted({recording.label for recording in recordings}))
        self.reads = Numbers(tuple(f"band {band}" for band in range(1, BANDS + 1)))
        self.predicts = Symbols(labels)
        answers = [labels.index(recording.label) for recording in recordings]
        rows = [frames(sound.samples, sound.rate) for sound in sounds]
        held = _held_out(answers)
        known = np.concatenate([row for row, out in zip(rows, held, strict=True) if not out])
        mean, deviation = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-6)
        pairs = [(((row - mean) / deviation).astype(np.float32), k) for row, k in zip(rows, answers, strict=True)]
        self._training = [pair for pair, out in zip(pairs, held, strict=True) if not out]
        self._held_out = [pair for pair, out in zip(pairs, held, strict=True) if out]
        shares = np.bincount([k for _, k in self._training]) / len(self._training)
        self.chance = -float((shares * np.log(shares)).sum())
        self.best = _mean_spectrum(self._training, self._held_out, len(labels))
        self.note = (
            f"{name}: {len(self._training)} recordings of {len(labels)} labels to train on, {len(self._held_out)} "
            f"others held out, every {HELD_OUT_EVERY}th of a label. A token is the power in {BANDS} bands of mel "
            f"frequency, every 16 ms.{_mixed(sounds)}"
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` recordings."""
        return asked_at_the_end([self._training[k] for k in random.integers(0, len(self._training), size)])

    def held_out(self, length: int) -> Batch:
        """All recordings held out."""
        return asked_at_the_end(self._held_out)

    def displayed(self, length: int) -> Batch:
        """Return the first of them."""
        return asked_at_the_end(self._held_out[:1])


def _held_out(answers: list[int]) -> list[bool]:
    """The first of every five of a label."""
    seen: Counter[int] = Counter()
    found = []
    for answer in answers:
        found.append(seen[answer] % HELD_OUT_EVERY == 0)
        seen[answer] += 1
    return found


def _mean_spectrum(training: list[tuple[Array, int]], held_out: list[tuple[Array, int]], labels: int) -> Line | None:
    if len(training) < labels + 2 * BANDS:
        return None
    try:
        return Line("mean spectrum alone", mean_spectrum_loss(training, held_out, labels))
    except np.linalg.LinAlgError:  # recordings that are copies of each other
        return None


def _mixed(sounds: list[Sound]) -> str:
    mixed = sum(sound.channels > 1 for sound in sounds)
    return f" {mixed} recordings with several channels were mixed down to one." if mixed else ""


def open_task(file: Path | None, length: int) -> Task:
    """Read ``file``, a table or a folder. Raises BadFileError with a sentence that names the file."""
    if file is None:
        raise ValueError("file is not set, expected the path of a folder or a table of recordings for 'speech_wav'")
    recordings = find_recordings(file)
    refuse_labels(file, recordings)
    return OwnSpeechTask(recordings, [_read(recording) for recording in recordings], file.name)


def _read(recording: Recording) -> Sound:
    path = recording.path
    sound = read_wav(path, **LIMITS._asdict())
    if not sound.samples.any():
        raise BadFileError(path, "every sample is 0, expected a sound")
    return sound


def refuse_labels(file: Path, recordings: Sequence[Recording]) -> None:
    """Raise BadFileError, naming ``file``, where there are too few or too many labels or recordings of them."""
    counts = Counter(recording.label for recording in recordings)
    if len(counts) == 1:
        raise BadFileError(
            file, f"every label is {recordings[0].label!r}, expected at least two different ones; {EXPECTED}"
        )
    if len(counts) > MOST_LABELS or len(recordings) > MOST_FILES:
        found = f"{len(recordings)} recordings of {len(counts)} labels"
        raise BadFileError(file, f"{found}, expected at most {MOST_FILES} of {MOST_LABELS}")
    label, fewest = min(counts.items(), key=lambda pair: pair[1])
    if fewest < FEWEST_EACH:
        raise BadFileError(
            file,
            f"the label {label!r} has {fewest} recording, expected at least {FEWEST_EACH}: one of them is held out",
        )


SPEECH_WAV = TaskKind(
    "speech_wav",
    "Own recordings",
    "what is said in WAV files of yours: a folder, or a CSV table file,label",
    open_task,
    needs_file=True,
    file_kind="a folder of WAV files, or a CSV table of them and their labels",
    shape="many → one",
    own_length=True,
    reads_numbers=True,
)
