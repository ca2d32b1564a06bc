"""Airline passengers: a rising series with a season, 1949 to 1960, by month; the best known one of its kind.

144 monthly totals of international passengers in thousands (Box and Jenkins, 1976, series G). The logarithm makes
growth a straight line and the season's swing even. Two rules to compare with: next month is like this one; next month
grows on this one as it did a year before, x_t = x_{t−12} · x_{t−1} / x_{t−13}. On the months held out they are off by
51.78 and 19.71 thousand (root mean square).
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.files.assets import asset
from rnnviz.tasks.series import SeriesTask, mean_guess, naive, refuse_too_long, standardised
from rnnviz.tasks.task import Task, TaskKind

MONTHS, HELD_OUT = 144, 24
YEAR = 12


def passengers() -> Array:
    """Thousands in each month, (MONTHS,)."""
    return np.loadtxt(asset("airline.csv"), delimiter=",", skiprows=1, usecols=1, encoding="utf-8")


def seasonal(x: Array) -> Array:
    """What the second rule says of each month held out, (HELD_OUT,)."""
    at = np.arange(len(x) - HELD_OUT, len(x))
    return np.asarray(x[at - YEAR] * x[at - 1] / x[at - YEAR - 1])


def root_mean_square(errors: Array) -> float:
    """√ of the mean square."""
    return float(np.sqrt(np.mean(errors**2)))


class AirlineTask(SeriesTask):
    """A series that repeats itself every year."""

    season = YEAR


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file. Raises ValueError for a length that does not fit."""
    x = passengers()
    cut = len(x) - HELD_OUT
    refuse_too_long(length, cut)
    series = standardised(np.log(x), cut)
    scale = np.log(x[:cut]).std()
    same, grown = (root_mean_square(x[cut:] - said) for said in (x[cut - 1 : -1], seasonal(x)))
    off = (np.log(seasonal(x)) - np.log(x[cut:])) / scale
    note = (
        f"Airline passengers by month, 1949 to 1960, their logarithm standardised: {cut} months to train on, the last "
        f"{HELD_OUT} held out. On these, “like the last month” is off by {same:.2f} thousand passengers (root mean "
        f"square), “grows as a year ago” by {grown:.2f}."
    )
    last_month = Line(f"like last month (off by {same:.1f})", naive(series))
    a_year_ago = Line(f"grows as a year ago (off by {grown:.1f})", float(np.mean(off**2)))
    chance = Line("always the mean", mean_guess(series))
    return AirlineTask(series, "passengers", note, chance, a_year_ago, last_month)


AIRLINE = TaskKind(
    "airline",
    "Airline passengers",
    "next month's passengers, 1949 to 1960",
    open_task,
    reads_numbers=True,
    greatest_length=MONTHS - HELD_OUT - 1,
)
