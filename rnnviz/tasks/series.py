"""What tasks about one series of numbers share: windows of it, its end held out, one step ahead."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers
from rnnviz.tasks.task import Batch

LARGEST_HELD_OUT = 256  # numbers, evenly spaced; each takes a window


class Standardised(NamedTuple):
    """A series with mean 0 and standard deviation 1 in its first ``cut`` numbers, the training part."""

    numbers: Array  # (N,) float64
    cut: int

    def places(self) -> Array:
        """Indices of the numbers that are held out and asked for."""
        size = len(self.numbers) - self.cut
        return np.unique(np.linspace(self.cut, len(self.numbers) - 1, min(size, LARGEST_HELD_OUT)).round().astype(int))


def standardised(numbers: Array, cut: int) -> Standardised:
    """Scale ``numbers`` (N,) by the first ``cut`` alone, so that nothing is learned from what is held out.

    Raises ValueError where those are all the same, or so large that their variance is not finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = numbers[:cut].mean(), numbers[:cut].std()
    if not deviation > 0 or not np.isfinite(deviation):
        found = f"all are {numbers[0]:g}" if np.ptp(numbers[:cut]) == 0 else "too far apart to tell their variance"
        raise ValueError(f"the {cut} numbers to train on: {found}, expected different ones of moderate size")
    return Standardised((numbers - mean) / deviation, cut)


class SeriesTask:
    """Windows of one series; at every token the next number is asked for.

    Held out is the end of the series: each of its numbers is predicted once, from the ``length`` numbers before it, and
    so are the lines to compare with. ``season``: after how many numbers it repeats itself, where that is known.
    """

    goes_on = True
    season: int | None = None

    def __init__(self, series: Standardised, name: str, note: str, *lines: Line) -> None:
        """``lines``: those of a blind guess, of the best simple rule, and any others."""
        self.reads = Numbers((name,))
        self.predicts = Numbers((f"next {name}",))
        self.note = note
        self.chance, self.best, *self.others = lines
        self._series = series

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw windows at random places of the training part."""
        return _windows(self._series.numbers, random.integers(0, self._series.cut - length, size), length)

    def held_out(self, length: int) -> Batch:
        """One window for each number held out, which alone is its target."""
        windows = _windows(self._series.numbers, self._series.places() - length, length)
        windows.targets[:, :-1] = np.nan
        return windows

    def displayed(self, length: int) -> Batch:
        """Return the last window; numbers of the training part are read, not asked for."""
        start = len(self._series.numbers) - length - 1
        window = _windows(self._series.numbers, [start], length)
        window.targets[:, : max(self._series.cut - start - 1, 0)] = np.nan
        return window


def refuse_too_long(length: int, cut: int) -> None:
    """Raise ValueError where no window of ``length`` tokens and a target fits into ``cut`` numbers."""
    if length >= cut:
        raise ValueError(f"length is {length}, but there are {cut} numbers to train on; expected a length below {cut}")


def mean_guess(series: Standardised) -> float:
    """Squared error of always saying the mean of the training part, which is 0, over what is held out."""
    return float(np.mean(series.numbers[series.places()] ** 2))


def naive(series: Standardised) -> float:
    """Squared error of saying that the next number is like the last one, over what is held out."""
    at = series.places()
    return float(np.mean((series.numbers[at] - series.numbers[at - 1]) ** 2))


def autoregression(series: Standardised, order: int) -> float:
    """Squared error, over what is held out, of the best linear rule of the training part.

    Least squares: x_t from its ``order`` predecessors and a constant.
    """
    weights, *_ = np.linalg.lstsq(*_past_and_present(series.numbers, range(order, series.cut), order), rcond=None)
    past, present = _past_and_present(series.numbers, series.places(), order)
    return float(np.mean((past @ weights - present) ** 2))


def _past_and_present(numbers: Array, places: Iterable[int], order: int) -> tuple[Array, Array]:
    at = np.fromiter(places, int)
    past = np.stack([numbers[at - back] for back in range(1, order + 1)] + [np.ones(len(at))], axis=1)
    return past, numbers[at]


def _windows(numbers: Array, starts: Iterable[int], length: int) -> Batch:
    windows = np.stack([numbers[start : start + length + 1] for start in starts])[..., None].astype(np.float32)
    return Batch(windows[:, :-1].copy(), windows[:, 1:].copy())  # no shared memory: targets are masked
