"""The range of decades, its ticks, the token columns, and the ticks of a logarithmic axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.drawing.decades import PATIENCE, Decades, power_of_ten
from rnnviz.drawing.time_plot import log_ticks
from rnnviz.drawing.token_axis import TokenAxis


def values(*numbers):
    return np.array(numbers, float)


def range_of(decades):
    return decades.low, decades.high


@pytest.mark.parametrize(
    ("log10_values", "expected"),
    [
        ((-3.5, 0.5), (-4, 1)),
        ((-6.2, 0.5), (-7, 1)),
        ((-6.2,), (-9, 1)),
        ((2.1,), (-4, 3)),
        ((-8.0, 4.0), (-8, 4)),
        ((-np.inf, np.nan, np.inf, -6.2, -3.5), (-7, 1)),
    ],
)
def test_a_range_widens_at_once_to_whole_decades(log10_values, expected):
    decades = Decades()
    changed = decades.follow(values(*log10_values))
    assert range_of(decades) == expected
    assert changed == (expected != (-4, 1))


@pytest.mark.parametrize("log10_values", [(), (np.nan,), (np.inf, -np.inf)])
def test_nothing_finite_leaves_the_range(log10_values):
    decades = Decades()
    assert not decades.follow(values(*log10_values))
    assert range_of(decades) == (-4, 1)


def test_a_range_narrows_only_after_it_was_too_wide_for_long():
    decades = Decades(-12, 1)
    answers = [decades.follow(values(-3.5, 0.5)) for _ in range(PATIENCE)]
    assert answers == [False] * (PATIENCE - 1) + [True]
    assert range_of(decades) == (-4, 1)


def test_one_wide_look_starts_the_patience_anew():
    decades = Decades(-12, 1)
    for _ in range(PATIENCE - 1):
        decades.follow(values(-3.5, 0.5))
    decades.follow(values(-11.5, 0.5))
    assert not decades.follow(values(-3.5, 0.5))
    assert range_of(decades) == (-12, 1)


def test_a_range_that_is_a_little_too_wide_stays_for_ever():
    decades = Decades(-6, 1)
    assert not any(decades.follow(values(-3.5, 0.5)) for _ in range(3 * PATIENCE))


@given(st.lists(st.lists(st.floats(-46, 40), max_size=4), max_size=30))
def test_whatever_comes_fits_and_the_range_has_three_decades(looks):
    decades = Decades()
    for look in looks:
        decades.follow(values(*look))
        assert decades.high - decades.low >= 3
        assert all(decades.low <= value <= decades.high for value in look)


def test_a_share_runs_from_low_to_high_and_is_clamped():
    shares = Decades(-4, 1).share(values(-4, 1, -1.5, -9, 7, np.nan))
    np.testing.assert_allclose(shares, [0, 1, 0.5, 0, 1, np.nan])


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (-4, 1, 6, [-4, -3, -2, -1, 0, 1]),
        (-4, 1, 3, [-4, -2, 0]),
        (-7, 1, 6, [-6, -4, -2, 0]),
        (-12, 1, 6, [-10, -5, 0]),
        (-46, 39, 2, [0]),
    ],
)
def test_ticks_are_few_whole_and_evenly_spaced(low, high, most, ticks):
    assert Decades(low, high).ticks(most) == ticks


@given(st.integers(-60, 37), st.integers(3, 99), st.integers(2, 12))
def test_there_are_never_too_many_ticks_and_at_least_one(low, span, most):
    ticks = Decades(low, low + span).ticks(most)
    assert 1 <= len(ticks) <= most
    assert all(low <= tick <= low + span for tick in ticks)


@pytest.mark.parametrize(("exponent", "written"), [(0, "10⁰"), (-3, "10⁻³"), (12, "10¹²")])
def test_powers_of_ten_are_written_with_raised_digits(exponent, written):
    assert power_of_ten(exponent) == written


def test_columns_of_tokens_share_the_width():
    axis = TokenAxis(left=92, width=100, tokens=4)
    assert (axis.step, axis.right, axis.middle(0), axis.middle(3)) == (25, 192, 104.5, 179.5)
    np.testing.assert_allclose(axis.middle(np.arange(2)), [104.5, 129.5])


@pytest.mark.parametrize(("x", "token"), [(91.9, None), (92, 0), (116.9, 0), (117, 1), (191.9, 3), (192, None)])
def test_a_place_belongs_to_the_column_around_it(x, token):
    assert TokenAxis(left=92, width=100, tokens=4).token_at(x) == token


@given(st.floats(0, 200), st.floats(1, 4000), st.integers(1, 2000))
def test_the_middle_of_a_column_belongs_to_it(left, width, tokens):
    axis = TokenAxis(left, width, tokens)
    for token in {0, tokens // 2, tokens - 1}:
        assert axis.token_at(axis.middle(token)) == token


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-1, 0, ["0.1", "0.2", "0.5", "1"]),
        (-2, 0.5, ["0.01", "0.03", "0.1", "0.3", "1", "3"]),
        (-4, 0, ["10⁻⁴", "10⁻³", "0.01", "0.1", "1"]),
        (-1.5, -0.5, ["0.05", "0.1", "0.2"]),
    ],
)
def test_a_logarithmic_axis_has_round_numbers(low, high, labels):
    assert [label for _, label in log_ticks(low, high)] == labels


@pytest.mark.parametrize("most", [2, 3, 5])
@pytest.mark.parametrize(("low", "high"), [(-1.5, -0.5), (-2, 0.5), (-4, 0), (2, 22)])
def test_a_low_axis_has_no_more_labels_than_fit(low, high, most):
    assert 2 <= len(log_ticks(low, high, most)) <= most


@given(st.floats(-40, 30), st.floats(1, 45))
def test_logarithmic_ticks_are_few_ascending_inside_and_not_written_alike(low, span):
    ticks = log_ticks(low, low + span)
    places, labels = [place for place, _ in ticks], [label for _, label in ticks]
    assert 1 <= len(ticks) <= 9
    assert places == sorted(places)
    assert all(low <= place <= low + span for place in places)
    assert len(set(labels)) == len(labels)
