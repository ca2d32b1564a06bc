"""Forecasts by simple rules and errors by the number of steps ahead, against loops."""

import math

import numpy as np
import pytest

from rnnviz.analysis.horizons import last_value, root_mean_squares, seasonal_growth, squared_errors
from rnnviz.tasks.airline import HELD_OUT, YEAR, passengers, seasonal


def test_a_series_that_stays_as_it_is():
    x = np.array([[1.0, 10], [2, 20], [3, 30]])
    assert last_value(x, 1, 2).tolist() == [[2, 20], [2, 20]]


def test_one_step_of_seasonal_growth_is_the_rule_of_the_airline_task():
    x = passengers()
    rule = [seasonal_growth(np.log(x)[:, None], at - 1, 1, YEAR)[0, 0] for at in range(len(x) - HELD_OUT, len(x))]
    np.testing.assert_allclose(np.exp(rule), seasonal(x), rtol=1e-12)


def test_a_rising_season_is_forecast_exactly_beyond_a_whole_period():
    at = np.arange(40.0)
    x = (0.5 * at + np.array([0.0, 3, -1, 2])[np.arange(40) % 4])[:, None]
    np.testing.assert_allclose(seasonal_growth(x[:20], 19, 20, 4), x[20:], rtol=1e-12)


def test_before_a_period_is_known_that_rule_says_nothing():
    x = np.arange(20.0)[:, None]
    assert np.isnan(seasonal_growth(x, 11, 3, 12)).all()
    assert np.isfinite(seasonal_growth(x, 12, 3, 12)).all()


def test_errors_are_those_of_a_loop():
    random = np.random.default_rng(0)
    x, said = random.normal(size=(9, 2)), random.normal(size=(4, 3, 2))
    asked = np.array([True] * 6 + [False] + [True] * 2)
    origins = np.array([2, 4, 5, 7])
    found = squared_errors(x, asked, origins, said)
    for row, origin in enumerate(origins):
        for step in range(3):
            token = origin + 1 + step
            if token < 9 and asked[token]:
                wanted = sum((said[row, step, k] - x[token, k]) ** 2 for k in range(2)) / 2
                assert found[row, step] == pytest.approx(wanted, rel=1e-12)
            else:
                assert math.isnan(found[row, step])


def test_the_mean_leaves_out_what_is_unknown():
    rows = np.array([[4.0, np.nan, np.nan], [0.0, 9.0, np.nan]])
    found = root_mean_squares(rows)
    assert found[:2].tolist() == [math.sqrt(2), 3]
    assert math.isnan(found[2])
    assert np.isnan(root_mean_squares(np.empty((0, 3)))).all()
