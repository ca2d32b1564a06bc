"""The plane of the map and the neighbours in it, against numpy's own decomposition."""

import numpy as np
import pytest

from rnnviz.analysis.embedding import nearest, not_flipped, principal_plane
from tests.builders import trainer


def cloud(tokens, dimension, seed=0):
    return np.random.default_rng(seed).normal(size=(tokens, dimension)).astype(np.float32)


@pytest.mark.parametrize(("tokens", "dimension"), [(50, 4), (4, 50), (6, 6), (3, 2), (2, 7)])
def test_places_and_shares_are_those_of_the_svd(tokens, dimension):
    vectors = cloud(tokens, dimension)
    centred = vectors.astype(float) - vectors.mean(axis=0, dtype=float)
    u, sigma, _ = np.linalg.svd(centred, full_matrices=False)
    places, shares = principal_plane(vectors)
    several = min(2, tokens - 1)  # one dimension goes with the mean
    np.testing.assert_allclose(np.abs(places[:, :several]), np.abs(u * sigma)[:, :several], rtol=1e-9, atol=1e-12)
    assert shares[:several] == pytest.approx((sigma**2 / (sigma**2).sum())[:several], rel=1e-12)


def test_vectors_in_a_plane_keep_all_their_distances():
    flat = cloud(12, 2)
    turned, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))
    vectors = np.pad(flat, ((0, 0), (0, 6))) @ turned + 5
    places, shares = principal_plane(vectors)
    assert sum(shares) == pytest.approx(1, rel=1e-12)
    apart = [np.linalg.norm(part[:, None] - part[None], axis=2) for part in (places, flat.astype(float))]
    np.testing.assert_allclose(*apart, rtol=0, atol=1e-6)


def test_on_each_axis_the_outermost_place_is_positive():
    for seed in range(10):
        places, _ = principal_plane(cloud(9, 5, seed))
        assert (places[np.abs(places).argmax(axis=0), [0, 1]] > 0).all()


def test_one_dimension_spreads_along_one_axis():
    places, shares = principal_plane(np.array([[1.0], [2.0], [6.0]], np.float32))
    assert places.tolist() == [[-2, 0], [-1, 0], [3, 0]]
    assert shares == (1.0, 0.0)


@pytest.mark.parametrize("vectors", [np.ones((5, 3)), np.ones((1, 3)), np.full((4, 3), np.nan), np.full((4, 2), 1e200)])
def test_without_a_spread_all_places_are_the_middle(vectors):
    places, shares = principal_plane(vectors)
    assert not places.any()
    assert shares == (0.0, 0.0)


def test_a_vector_that_is_not_finite_is_no_crash():
    vectors = cloud(5, 3)
    vectors[2, 1] = np.inf
    places, shares = principal_plane(vectors)
    assert places.shape == (5, 2)
    assert shares == (0.0, 0.0)


def test_axes_keep_their_sides_from_map_to_map():
    before, _ = principal_plane(cloud(20, 4))
    for signs in ([1, 1], [-1, 1], [1, -1], [-1, -1]):
        moved = before * signs + 0.01 * cloud(20, 2, 3)
        assert ((not_flipped(moved, before) * before).sum(axis=0) > 0).all()
        np.testing.assert_array_equal(np.abs(not_flipped(moved, before)), np.abs(moved))


def test_neighbours_are_nearest_in_angle_and_not_in_length():
    vectors = np.array([[1, 0], [0.1, 0.1], [100, 1], [-1, 0], [0, 1]], np.float32)
    found = nearest(vectors, 0, 4)
    assert [place for place, _ in found] == [2, 1, 4, 3]
    assert [cosine for _, cosine in found] == pytest.approx([100 / np.hypot(100, 1), np.sqrt(0.5), 0, -1], abs=1e-7)


def test_there_are_no_more_neighbours_than_other_tokens():
    assert len(nearest(cloud(3, 4), 1)) == 2
    assert nearest(cloud(1, 4), 0) == []


def test_what_has_no_direction_has_no_neighbours_and_is_none():
    vectors = cloud(6, 3)
    vectors[1], vectors[2, 0] = 0, np.nan
    assert nearest(vectors, 1) == nearest(vectors, 2) == []
    assert {place for place, _ in nearest(vectors, 0)} == {3, 4, 5}


def test_large_and_tiny_numbers_have_angles_too():
    vectors = np.array([[3e38, 0], [1e-38, 0], [0, 3e38]], np.float32)
    assert nearest(vectors, 0) == [(1, 1.0), (2, 0.0)]


@pytest.mark.parametrize(("task", "words"), [("words", "what is trained on"), ("look_ahead", "2,000 drawn sequences")])
def test_a_map_says_in_what_its_tokens_were_counted(task, words):
    assert trainer(task=task, length=12, hidden=4, batch=2).embedding_map().counted == words
