"""Vectors by counting, against tables made by hand and the theorems about them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.analysis.cooccurrence import cooccurrences, factors, positive_pmi

# “a b a c”: next to each other ab, ba, ac; two apart aa, bc.
TINY = np.array([0, 1, 0, 2])
NEXT = np.array([[0, 2, 1], [2, 0, 0], [1, 0, 0]], float)


def test_neighbours_are_counted_on_both_sides():
    assert cooccurrences([TINY], 3, window=1).tolist() == NEXT.tolist()


def test_a_token_two_places_away_counts_in_a_window_of_two():
    apart = np.array([[2, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert cooccurrences([TINY], 3, window=2).tolist() == (NEXT + apart).tolist()


def test_nothing_is_near_across_the_ends_of_rows():
    assert cooccurrences([TINY[:2], TINY[2:]], 3).tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize("rows", [[], [np.array([1])], [np.array([], np.int64)]])
def test_a_text_without_neighbours_has_none(rows):
    assert cooccurrences(rows, 3).tolist() == np.zeros((3, 3)).tolist()


def test_ppmi_of_a_tiny_text_is_as_by_hand():
    """Six pairs; p(a) = 3/6, p(b) = 2/6, p(c) = 1/6, p(a, b) = 2/6, p(a, c) = 1/6: both ratios are 2."""
    ln2 = np.log(2)
    assert positive_pmi(NEXT) == pytest.approx(np.array([[0, ln2, ln2], [ln2, 0, 0], [ln2, 0, 0]]), rel=1e-15)


def test_what_comes_together_more_seldom_than_by_chance_counts_as_by_chance():
    """p(a) = p(b) = 1/2: by chance 1/4 each. p(a, a) = 4/10, which is 8/5 of it, and p(a, b) = 1/10, which is less."""
    found = positive_pmi(np.array([[4.0, 1], [1, 4]]))
    assert found == pytest.approx(np.array([[np.log(1.6), 0], [0, np.log(1.6)]]), rel=1e-14)


def test_ppmi_of_a_table_of_zeros_is_zero():
    assert positive_pmi(np.zeros((3, 3))).tolist() == np.zeros((3, 3)).tolist()


def symmetric(size, seed):
    table = np.random.default_rng(seed).normal(size=(size, size))
    return table + table.T


@pytest.mark.parametrize("seed", range(3))
def test_all_factors_together_give_the_table_back(seed):
    table = symmetric(9, seed)
    left, right = factors(table, 9)
    np.testing.assert_allclose(left @ right.T, table, rtol=0, atol=1e-13)


@pytest.mark.parametrize("rank", range(1, 9))
def test_some_of_them_are_the_best_approximation_of_that_rank(rank):
    """What is left over is √(σ²_{r+1} + …), as Eckart and Young proved that nothing can be nearer."""
    table = symmetric(9, 5)
    left, right = factors(table, rank)
    rest = np.linalg.svd(table, compute_uv=False)[rank:]
    assert np.linalg.norm(table - left @ right.T) == pytest.approx(np.linalg.norm(rest), rel=1e-12)
    assert left.shape == right.shape == (9, rank)


def test_factors_are_those_of_numpys_svd():
    table = symmetric(7, 1)
    u, sigma, _ = np.linalg.svd(table)
    left, right = factors(table, 7)
    np.testing.assert_allclose(np.abs(left), np.abs(u * np.sqrt(sigma)), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(left, axis=0), np.sqrt(sigma), rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(right, axis=0), np.sqrt(sigma), rtol=1e-12)


def test_the_largest_entry_of_every_column_is_positive():
    left, _ = factors(symmetric(8, 2), 8)
    assert (left[np.abs(left).argmax(axis=0), np.arange(8)] > 0).all()


def test_columns_that_the_table_cannot_fill_are_zero():
    left, right = factors(symmetric(3, 0), 5)
    assert left.shape == right.shape == (3, 5)
    assert not left[:, 3:].any()
    assert left[:, :3].any()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 5), max_size=20).map(np.array), max_size=4), st.integers(1, 4))
def test_counts_are_those_of_a_plain_loop(rows, window):
    rows = [row.astype(np.int64) for row in rows]
    expected = np.zeros((6, 6))
    for row in rows:
        for place, token in enumerate(row):
            for other in row[max(place - window, 0) : place]:
                expected[token, other] += 1
                expected[other, token] += 1
    assert cooccurrences(rows, 6, window).tolist() == expected.tolist()
