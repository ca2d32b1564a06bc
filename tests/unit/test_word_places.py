"""Words that are written on a map do not lie on each other."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.drawing.word_places import pushed_in, without_overlap

FRAME = (0.0, 0.0, 100.0, 50.0)
POINTS = st.lists(st.tuples(st.integers(-20, 120), st.integers(-20, 70)), min_size=1, max_size=25)


def boxes(middles, sizes):
    inside = pushed_in(middles, sizes, FRAME)
    return np.concatenate([inside - sizes / 2, inside + sizes / 2], axis=1)


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@settings(deadline=None)
@given(POINTS, st.integers(1, 40), st.integers(1, 20))
def test_no_two_lie_on_each_other_and_none_is_left_out_without_a_reason(points, width, height):
    middles = np.array(points, float)
    sizes = np.full_like(middles, 1) * (width, height)
    shown, found = without_overlap(middles, sizes, FRAME), boxes(middles, sizes)
    assert shown[0]
    for one, other in itertools.combinations(np.flatnonzero(shown), 2):
        assert not overlap(found[one], found[other])
    for hidden in np.flatnonzero(~shown):
        assert any(overlap(found[hidden], found[place]) for place in np.flatnonzero(shown[:hidden]))
    assert (found[:, :2] >= 0).all()
    assert (found[:, 2:] <= FRAME[2:]).all()


def test_what_is_not_finite_is_not_shown():
    middles = np.array([[50, 25], [np.nan, 3], [3, np.inf], [90, 25]])
    assert without_overlap(middles, np.full((4, 2), 5.0), FRAME).tolist() == [True, False, False, True]


@pytest.mark.parametrize(("middle", "pushed"), [((50, 25), (50, 25)), ((-9, 60), (5, 46)), ((98, 0), (95, 4))])
def test_boxes_are_moved_no_farther_than_into_the_frame(middle, pushed):
    assert pushed_in(np.array([middle], float), np.array([[10.0, 8.0]]), FRAME).tolist() == [list(map(float, pushed))]
