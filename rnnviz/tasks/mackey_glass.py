"""The Mackey-Glass series: chaotic, from an equation with a delay, and hard for any rule without a memory.

dx/dt = 0.2 x(t−τ) / (1 + x(t−τ)¹⁰) − 0.1 x(t) with τ = 17 (Mackey and Glass, 1977), in steps of 0.1 by the rule of
Runge and Kutta of fourth order, x(t−τ) between two steps by a straight line. One number in six units of time, as is
usual, after 300 units that are left out.
"""

from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.tasks.series import SeriesTask, autoregression, naive, refuse_too_long, standardised
from rnnviz.tasks.task import Task, TaskKind

TAU = 17.0
STEP = 0.1
BETWEEN = 6.0  # units of time from one number to the next
LEFT_OUT = 300.0
START = 1.2
TRAINING, HELD_OUT = 1000, 256  # numbers
ORDER = 4  # of the linear rule: the usual four inputs x(t), x(t−6), x(t−12), x(t−18)


def slope(x: float, delayed: float) -> float:
    """dx/dt."""
    return 0.2 * delayed / (1 + delayed**10) - 0.1 * x


def mackey_glass(steps: int, start: float = START) -> Array:
    """X at 0, STEP, 2·STEP … (steps + 1,), where x was ``start`` up to 0."""
    delay = round(TAU / STEP)
    x = [start] * (delay + 1)  # x[−1] is now, x[−1 − delay] is τ ago
    for _ in range(steps):
        now, old, new = x[-1], x[-1 - delay], x[-delay]
        middle = (old + new) / 2
        one = slope(now, old)
        two = slope(now + STEP / 2 * one, middle)
        three = slope(now + STEP / 2 * two, middle)
        four = slope(now + STEP * three, new)
        x.append(now + STEP / 6 * (one + 2 * two + 2 * three + four))
    return np.array(x[delay:])


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file. Raises ValueError for a length that does not fit."""
    refuse_too_long(length, TRAINING)
    every, first = round(BETWEEN / STEP), round(LEFT_OUT / STEP)
    series = standardised(mackey_glass(first + every * (TRAINING + HELD_OUT))[first::every][1:], TRAINING)
    note = (
        f"The Mackey-Glass series, τ = {TAU:g}, one number in {BETWEEN:g} units of time, standardised: "
        f"{TRAINING:,} to train on, the next {HELD_OUT} held out."
    )
    best = Line(f"linear rule, {ORDER} numbers back", autoregression(series, ORDER))
    return SeriesTask(series, "x", note, Line("same as the last", naive(series)), best)


MACKEY_GLASS = TaskKind(
    "mackey_glass",
    "Mackey-Glass",
    "the next number of a chaotic series that an equation with a delay makes",
    open_task,
    reads_numbers=True,
    greatest_length=TRAINING - 1,
)
