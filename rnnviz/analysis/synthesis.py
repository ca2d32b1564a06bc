"""A plain voice for melodies: a few sine waves under an envelope."""

from collections.abc import Iterable

import numpy as np

from rnnviz.analysis.abc import Note
from rnnviz.domain.arrays import Array

RATE = 22_050  # samples a second
UNITS_A_MINUTE = 330  # eighths: a jig at 110 dotted quarters
PARTIALS = (1.0, 0.45, 0.2, 0.1)  # how loud the octaves and fifths above a note are, from the note itself on
ATTACK, RELEASE = 0.012, 0.06  # seconds
DECAY = 2.5  # a second: e-folds of the loudness while a note is held
TAIL = 0.2  # seconds of silence at the end
LOUDEST = 0.8  # of what a sample can hold
MOST_SECONDS = 120.0


def frequency(pitch: int) -> float:
    """Hz of a MIDI number: 69 is 440."""
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def render(notes: Iterable[Note], rate: int = RATE, units_a_minute: float = UNITS_A_MINUTE) -> Array:
    """Samples (N,) in −1 … 1 of ``notes``, of which those that begin after two minutes are left out."""
    seconds = 60 / units_a_minute
    heard = [note for note in notes if float(note.start) * seconds < MOST_SECONDS]
    end = max((float(note.start + note.length) * seconds for note in heard), default=0.0)
    sound = np.zeros(round((min(end, MOST_SECONDS) + TAIL) * rate))
    for note in heard:
        first = round(float(note.start) * seconds * rate)
        tone = _tone(frequency(note.pitch), float(note.length) * seconds, rate)[: len(sound) - first]
        sound[first : first + len(tone)] += tone
    loudest = np.abs(sound).max(initial=0.0)
    return sound if loudest == 0 else np.asarray(sound * (LOUDEST / loudest))


def _tone(hertz: float, seconds: float, rate: int) -> Array:
    """One note; partials that the rate cannot hold are left out."""
    at = np.arange(max(round(seconds * rate), 1)) / rate
    partials = [(n, loud) for n, loud in enumerate(PARTIALS, start=1) if n * hertz < rate / 2]
    wave = sum((loud * np.sin(2 * np.pi * n * hertz * at) for n, loud in partials), np.zeros(len(at)))
    envelope = np.minimum(at / ATTACK, 1) * np.minimum((seconds - at).clip(0) / RELEASE, 1) * np.exp(-DECAY * at)
    return np.asarray(wave * envelope)
