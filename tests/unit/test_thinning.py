"""Thinned lines keep their ends and every peak."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.analysis.thinning import thin


def test_a_short_line_is_left_alone():
    x, y = np.arange(10.0), np.arange(10.0) ** 2
    assert thin(x, y, most=10)[1] is y


@given(st.integers(11, 5000), st.integers(0, 2**32 - 1))
def test_a_long_line_keeps_its_lowest_and_highest_point_and_reaches_as_far(points, seed):
    y = np.random.default_rng(seed).standard_normal(points)
    thin_x, thin_y = thin(np.arange(points), y, most=10)
    run = -(-points // 5)
    assert len(thin_x) <= 10
    assert (thin_y.min(), thin_y.max()) == (y.min(), y.max())
    assert thin_x[0] < run
    assert thin_x[-1] >= points - run
    assert (np.diff(thin_x) >= 0).all()
    assert (y[thin_x] == thin_y).all()
