"""From numbers to one byte a cell, and from bytes to colours. The gate through which only drawable values pass."""

from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor

from rnnviz.domain.arrays import Array
from rnnviz.drawing.theme import Theme

LEVELS = 250  # bytes 0 … 249 run from low to high
ZERO = 251
NONFINITE = 252
CLEAR = 253

Table = list[int]


def quantise(values: Array, low: float, high: float) -> Array:
    """Bytes of the shape of ``values``: clamped to low … high; NaN and infinities become ``NONFINITE``."""
    with np.errstate(invalid="ignore", over="ignore"):
        levels = (np.clip(values, low, high) - low) * ((LEVELS - 1) / (high - low))
        # One sum tells that all are finite, which is nearly always so.
        if not np.isfinite(np.sum(values, dtype=np.float64)):
            finite = np.isfinite(values)
            return np.where(finite, np.where(finite, levels, 0).astype(np.uint8), np.uint8(NONFINITE))
    return np.asarray(levels.astype(np.uint8))


def quantise_log(log10_values: Array, low: float, high: float) -> Array:
    """The same for log10 magnitudes, where −inf stands for an exact 0 and gets a colour of its own."""
    bytes_ = quantise(log10_values, low, high)
    bytes_[np.isneginf(log10_values)] = ZERO
    return bytes_


@lru_cache(maxsize=4)
def signed_table(theme: Theme) -> Table:
    """Orange (−) over neutral (0) to blue (+)."""
    return _table((theme.negative, theme.neutral, theme.positive), theme)


@lru_cache(maxsize=4)
def openness_table(theme: Theme) -> Table:
    """Shut = dark, open = bright."""
    return _table((theme.shut, theme.open), theme)


@lru_cache(maxsize=4)
def magnitude_table(theme: Theme) -> Table:
    """One sequential map for every gradient."""
    return _table(theme.sequential, theme)


def magnitude_colour(theme: Theme, share: float) -> QColor:
    """Colour at ``share`` (0 … 1) of the sequential map."""
    return QColor.fromRgba(magnitude_table(theme)[round(share * (LEVELS - 1))])


def _table(stops: tuple[str, ...], theme: Theme) -> Table:
    places = np.linspace(0, 1, len(stops))
    colours = np.array([(c.red(), c.green(), c.blue()) for c in map(QColor, stops)])
    shares = np.linspace(0, 1, LEVELS)
    channels = np.stack([np.interp(shares, places, colours[:, channel]) for channel in range(3)], axis=1)
    table = [QColor(*(int(value) for value in row)).rgba() for row in channels.round()]
    table += [0] * (256 - LEVELS)
    table[ZERO] = QColor(theme.zero).rgba()
    table[NONFINITE] = QColor(theme.nonfinite).rgba()
    table[CLEAR] = 0
    return table
