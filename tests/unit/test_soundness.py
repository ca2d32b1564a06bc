"""Which updates of a run that diverged can be looked at and gone on from."""

import numpy as np
import pytest

from rnnviz.analysis.soundness import newest_ordinary, newest_sound, ordinary


def found(losses):
    return [ordinary(np.array(losses), place) for place in range(len(losses))]


def test_a_falling_loss_is_ordinary_all_along():
    assert all(found(np.geomspace(2, 0.01, 300)))


def test_what_is_above_twice_the_usual_is_not():
    assert found([2.0, 2.5, 1.9, 4.1, 4.0]) == [True, True, True, False, True]


def test_the_usual_loss_is_that_of_the_last_fifty():
    losses = np.concatenate([np.full(100, 8.0), np.full(50, 1.0), [2.1]])
    assert found(losses) == [True] * 150 + [False]


@pytest.mark.parametrize("broken", [np.inf, np.nan])
def test_what_is_not_finite_is_not_ordinary(broken):
    assert found([broken]) == [False]
    assert found([2.0, broken]) == [True, False]


@pytest.mark.parametrize(
    ("losses", "kept", "looked_at", "gone_on_from"),
    [
        ([2.0, 1.9, 1.8, 900.0], (1, 2, 3, 4), 3, 2),
        ([2.0, 1.9, 1.8, 900.0], (1, 3, 4), 3, 1),
        ([2.0, 5e3, 1e34], (1, 2, 3), 1, None),
        ([2.0], (1,), 1, None),
        ([], (), None, None),
        ([2.0, 1.9, 1.8], (), None, None),
        ([2.0, 1.9, 1.8], (1, 2, 3), 3, 2),
    ],
)
def test_the_newest_kept_updates_before_the_harm(losses, kept, looked_at, gone_on_from):
    updates = np.arange(1, len(losses) + 1)
    assert newest_ordinary(updates, np.array(losses), kept) == looked_at
    assert newest_sound(updates, np.array(losses), np.ones(len(losses)), kept) == gone_on_from


def test_a_steep_place_is_told_by_the_gradient_before_the_loss():
    losses, norms = np.array([2.0, 2.0, 2.0, 2.0]), np.array([0.4, 0.4, 0.4, 1.4])
    updates, kept = np.arange(1, 5), (1, 2, 3, 4)
    assert newest_sound(updates, losses, norms, kept) == 2
