"""The same configuration gives the same numbers, bit for bit, whoever looks on."""

import numpy as np
import pytest
import torch

from tests.builders import TORCH_CELLS, text_file, trainer

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)


def same_weights(one, other):
    """Whether two trainers' networks are equal to the last bit."""
    pairs = zip(one.network.parameters(), other.network.parameters(), strict=True)
    return all(torch.equal(ours, theirs) for ours, theirs in pairs)


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


@CELLS
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_the_same_seed_gives_the_same_records_and_weights(cell, optimizer, story):
    first, again = (trainer(cell=cell, optimizer=optimizer, layers=2, **story) for _ in range(2))
    assert list(first.updates(55)) == list(again.updates(55))
    assert same_weights(first, again)


def test_another_seed_gives_other_weights_and_other_batches(story):
    first, other = (trainer(seed=seed, **story) for seed in (0, 1))
    assert not same_weights(first, other)
    with torch.no_grad():
        for ours, theirs in zip(first.network.parameters(), other.network.parameters(), strict=True):
            theirs.copy_(ours)
    assert first.update().loss != other.update().loss


@CELLS
def test_looking_does_not_change_what_is_learned(cell, story):
    alone, watched = (trainer(cell=cell, layers=2, **story) for _ in range(2))
    expected, found = list(alone.updates(8)), []
    for record in watched.updates(8):
        watched.trace()
        watched.self_check()
        found.append(record)
    assert found == expected
    assert same_weights(alone, watched)


def test_the_callers_random_numbers_are_left_alone(story):
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002  # to protect
    run = trainer(init="gaussian", **story)
    run.update()
    run.trace()
    run.self_check()
    assert torch.equal(torch.get_rng_state(), torch_before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002  # as above


def test_the_callers_random_numbers_do_not_matter(story):
    first = list(trainer(**story).updates(3))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(12345)
        assert list(trainer(**story).updates(3)) == first


def test_updates_are_counted_from_one():
    run = trainer()
    assert [record.update for record in run.updates(3)] == [1, 2, 3]
    assert [record.update for record in run.updates(2)] == [4, 5]


def test_updates_go_on_for_as_long_as_they_are_asked_for():
    endless = trainer().updates()
    assert [next(endless).update for _ in range(4)] == [1, 2, 3, 4]


def test_an_update_knows_how_long_it_took():
    assert trainer().update().seconds > 0
