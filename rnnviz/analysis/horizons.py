"""Forecasts by simple rules, and how far off forecasts are, by the number of steps ahead.

x is a series (T, D); a forecast made behind ``origin`` has seen x_0 … x_origin and says x_{origin+1}, … (K, D).
"""

import warnings

import numpy as np

from rnnviz.domain.arrays import Array


def last_value(x: Array, origin: int, ahead: int) -> Array:
    """It stays as it is: x_{t+h} = x_t."""
    return np.repeat(x[origin : origin + 1], ahead, axis=0).astype(np.float64)


def seasonal_growth(x: Array, origin: int, ahead: int, period: int) -> Array:
    """It changes as it did a ``period`` before: x_{t+1} = x_{t+1−p} + x_t − x_{t−p}, and so on with its own numbers.

    Of logarithms this is “grows as a period ago”, x_{t+1−p} · x_t / x_{t−p}. NaN where less than a period and one
    number are known.
    """
    found = np.full((ahead, x.shape[1]), np.nan)
    if origin < period:
        return found
    row = [*x[: origin + 1].astype(np.float64)]
    for step in range(ahead):
        row.append(row[-period] + row[-1] - row[-period - 1])
        found[step] = row[-1]
    return found


def squared_errors(x: Array, asked: Array, origins: Array, said: Array) -> Array:
    """Mean over D of (said − x)² by origin and horizon, (O, K); NaN where the number is unknown or not asked for.

    asked  (T,) whether x_t counts
    said   (O, K, D) forecasts made behind ``origins`` (O,)
    """
    places = origins[:, None] + 1 + np.arange(said.shape[1])
    inside = places < len(x)
    known = np.minimum(places, len(x) - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        errors = np.mean((said.astype(np.float64) - x[known]) ** 2, axis=2)
    return np.where(inside & asked[known], errors, np.nan)


def root_mean_squares(errors: Array) -> Array:
    """√ of the mean over origins of (O, K), those that are NaN left out: (K,), NaN where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a horizon that no origin reaches
        return np.sqrt(np.nanmean(errors, axis=0)) if len(errors) else np.full(errors.shape[1], np.nan)
