"""A voice from a formula: pulses of the glottis, or noise, through the resonances of a mouth (source and filter).

Each sound of a word has three formants, frequencies at which the mouth resonates, and so much voice and noise; between
two sounds all of it glides. A resonance is Klatt's (1980): y_t = A x_t + B y_{t−1} + C y_{t−2} with
C = −exp(−2πb/rate), B = 2 exp(−πb/rate) cos(2πf/rate), A = 1 − B − C for a frequency f and a bandwidth b. The formants
of the vowels are rounded from the means of adults in Peterson and Barney (1952).
"""

from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array

RATE = 8000  # samples a second
BLOCK = 40  # samples for which the mouth keeps still
BANDWIDTHS = (80.0, 100.0, 140.0)  # Hz


class Phone(NamedTuple):
    """One sound: its formants in Hz, how loud voice and noise are, how long it lasts beside others."""

    formants: tuple[float, float, float]
    voice: float = 1.0
    noise: float = 0.0
    share: float = 1.0


# Resonances let low frequencies pass as they are, so that high ones raise a noise a hundredfold: that of “s” is small.
PHONES = {
    "a": Phone((730, 1150, 2440)),
    "e": Phone((530, 1840, 2480)),
    "i": Phone((270, 2290, 3010)),
    "o": Phone((500, 850, 2410)),
    "u": Phone((300, 870, 2240)),
    "m": Phone((250, 1100, 2100), voice=0.35, share=0.6),
    "y": Phone((260, 2200, 3000), voice=0.8, share=0.4),
    "s": Phone((1800, 3300, 3700), voice=0.0, noise=0.01, share=0.8),
}


def spoken(random: np.random.Generator, words: list[str], seconds: float) -> Array:
    """Speak ``words`` at once, each by a speaker of its own: (B, N) with N = ``seconds`` · RATE, rounded to blocks.

    Speakers differ in pitch (90 to 240 Hz, falling or rising a little), in the length of the mouth, which scales the
    formants by 0.9 to 1.15, in where a word's sounds change, and in hiss, 10 to 30 dB below.
    """
    blocks = round(seconds * RATE / BLOCK)
    formants, voice, noise = _mouths(random, words, blocks)
    source = _pulses(random, len(words), blocks * BLOCK) * voice + random.normal(0, 1, voice.shape) * noise
    sound = source
    for formant, bandwidth in zip(np.moveaxis(formants, 2, 0), BANDWIDTHS, strict=True):
        sound = resonance(sound, formant, bandwidth)
    hiss = 10 ** random.uniform(-1.5, -0.5, (len(words), 1)) * sound.std(axis=1, keepdims=True)
    return np.asarray(sound + hiss * random.normal(0, 1, sound.shape))


def resonance(source: Array, frequencies: Array, bandwidth: float) -> Array:
    """Samples (B, N) through one resonance whose frequency in Hz (B, N / BLOCK) may change with every block."""
    decay = np.exp(-np.pi * bandwidth / RATE)
    last = -(decay**2)
    first = 2 * decay * np.cos(2 * np.pi * frequencies / RATE)
    result = np.zeros((source.shape[1] + 2, len(source)))  # two samples of silence before
    for sample, given in enumerate(source.T):
        b = first[:, sample // BLOCK]
        result[sample + 2] = (1 - b - last) * given + b * result[sample + 1] + last * result[sample]
    return np.ascontiguousarray(result[2:].T)


def _pulses(random: np.random.Generator, size: int, samples: int) -> Array:
    """A pulse at every turn of the pitch, and the smooth fall of the glottis behind it, (size, samples)."""
    pitch = random.uniform(90, 240, (size, 1)) * np.linspace(1, random.uniform(0.85, 1.1, size), samples).T
    turns = np.cumsum(pitch / RATE, axis=1) + random.random((size, 1))
    beats = np.diff(np.floor(turns), axis=1, prepend=np.floor(turns[:, :1])) * np.sqrt(RATE / pitch)
    result = np.zeros((samples + 1, size))
    for sample, beat in enumerate(beats.T):
        result[sample + 1] = beat + 0.8 * result[sample]  # about −6 dB an octave above 280 Hz
    return np.asarray(result[1:].T)


def _mouths(random: np.random.Generator, words: list[str], blocks: int) -> tuple[Array, Array, Array]:
    """Formants (B, blocks, 3), and how loud voice and noise are at every sample (B, blocks · BLOCK)."""
    tracks = np.stack([_track(random, word, blocks) for word in words])
    tracks[..., :3] *= random.uniform(0.9, 1.15, (len(words), 1, 1))
    loudness = np.repeat(tracks[..., 3:], BLOCK, axis=1)
    return np.minimum(tracks[..., :3], 0.48 * RATE), loudness[..., 0], loudness[..., 1]


def _track(random: np.random.Generator, word: str, blocks: int) -> Array:
    """Three formants, voice and noise in every block, (blocks, 5): each sound in its share, glides between."""
    phones = [PHONES[letter] for letter in word]
    shares = np.array([phone.share for phone in phones]) * random.uniform(0.8, 1.25, len(phones))
    middles = (np.cumsum(shares) - shares / 2) / shares.sum()
    ends = (np.cumsum(shares) / shares.sum())[:-1]
    glide = 0.06
    places = np.concatenate([[middles[0]], *[[end - glide, end + glide] for end in ends], [middles[-1]]])
    values = np.array([(*phone.formants, phone.voice, phone.noise) for phone in phones])
    rows = np.concatenate([values[:1], *[values[k : k + 2] for k in range(len(ends))], values[-1:]])
    at = np.linspace(0, 1, blocks)
    return np.stack([np.interp(at, places, column) for column in rows.T], axis=1)
