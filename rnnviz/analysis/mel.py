"""Log-mel frames: what a sound has in bands that are as wide as an ear hears them apart."""

import numpy as np

from rnnviz.domain.arrays import Array

FLOOR = 1e-6  # of a band's power, so that silence has a logarithm


def mel(hertz: float) -> float:
    """Pitch in mel: 2595 · log10(1 + f / 700)."""
    return float(2595 * np.log10(1 + hertz / 700))


def hertz(mels: Array) -> Array:
    """The frequencies of pitches in mel."""
    return np.asarray(700 * (10 ** (mels / 2595) - 1))


def mel_filters(bands: int, size: int, rate: float, low: float, high: float) -> Array:
    """Triangles over the bins of a spectrum, (bands, size // 2 + 1), each 1 at its middle.

    ``size``: samples in a frame; ``rate`` in Hz. The corners are evenly spaced in mel from ``low`` to ``high`` Hz; each
    triangle begins at the middle of the one below and ends at that of the one above.
    """
    corners = hertz(np.linspace(mel(low), mel(high), bands + 2))
    bins = np.arange(size // 2 + 1) * rate / size
    left, middle, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    return np.asarray(np.clip(np.minimum((bins - left) / (middle - left), (right - bins) / (right - middle)), 0, None))


def log_mel(sound: Array, filters: Array, size: int, hop: int) -> Array:
    """Natural logarithm of the power in each band of each frame, (…, frames, bands), of samples (…, N).

    Frames are ``size`` samples under a Hann window, ``hop`` apart; an end that fills no frame is left out.
    """
    frames = np.lib.stride_tricks.sliding_window_view(sound, size, axis=-1)[..., ::hop, :]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=-1)) ** 2 / size
    return np.asarray(np.log(power @ filters.T + FLOOR))
