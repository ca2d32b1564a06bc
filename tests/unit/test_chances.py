"""Probabilities at a temperature, and what is drawn from them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.analysis.chances import chances, drawn, entropy, lots

LOGITS = np.array([1.5, -0.5, 0.25, 1.0, -2.0])


def test_at_temperature_one_they_are_the_softmax():
    powers = [math.exp(x) for x in LOGITS]
    np.testing.assert_allclose(chances(LOGITS), [power / sum(powers) for power in powers], rtol=1e-14)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0, 10.0])
def test_a_temperature_divides_the_logits(temperature):
    np.testing.assert_allclose(chances(LOGITS, temperature), chances(LOGITS / temperature), rtol=1e-12)


def test_at_zero_all_lies_on_the_first_of_the_largest():
    assert chances(np.array([0.0, 3.0, 3.0]), 0).tolist() == [0, 1, 0]
    assert chances(np.array([[0.0, 3.0], [1.0, 0.5]]), 0).tolist() == [[0, 1], [1, 0]]


def test_a_small_temperature_tends_to_the_largest_and_a_high_one_to_all_alike():
    np.testing.assert_allclose(chances(LOGITS, 1e-3), chances(LOGITS, 0), atol=1e-200)
    np.testing.assert_allclose(chances(LOGITS, 1e9), 0.2, rtol=1e-8)
    assert chances(LOGITS * 1e300, 1e-300).tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_labels_are_drawn_as_often_as_their_probabilities_say(temperature):
    """Pearson's chi-square with 4 degrees of freedom is above 18.5 in one of a thousand."""
    wanted = chances(LOGITS, temperature) * 20_000
    found = np.bincount([drawn(chances(LOGITS, temperature), lot) for lot in lots(3, 20_000)], minlength=5)
    assert ((found - wanted) ** 2 / wanted).sum() < 18.5


def test_other_temperatures_are_told_apart_by_that_measure():
    """Otherwise the test above would prove nothing."""
    wanted = chances(LOGITS, 1.0) * 20_000
    found = np.bincount([drawn(chances(LOGITS, 1.1), lot) for lot in lots(3, 20_000)], minlength=5)
    assert ((found - wanted) ** 2 / wanted).sum() > 18.5


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=9), st.floats(0, 1, exclude_max=True))
def test_what_is_impossible_is_never_drawn(logits, lot):
    probabilities = chances(np.array(logits), 0.01)
    assert probabilities[drawn(probabilities, lot)] > 0


def test_the_lot_of_a_token_is_the_same_in_a_longer_sequence():
    assert lots(5, 100)[:30].tolist() == lots(5, 30).tolist()
    assert not np.array_equal(lots(5, 30), lots(6, 30))


def test_entropy_is_ln_of_how_many_are_equally_likely():
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(math.log(8), rel=1e-14)
    assert entropy(np.array([0.0, 1.0])) == 0
