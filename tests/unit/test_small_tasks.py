"""Adding, the delayed first bit and the plain mapping: what they ask, what simple rules get, that they are learned."""

import math

import numpy as np
import pytest

from rnnviz.tasks.task import NO_TARGET
from tests.builders import config, trainer


@pytest.mark.parametrize(
    ("task", "chance_loss", "best_loss"),
    [("adding", 1 / 6, 1 / 12), ("mapping", 1 / 2, 1 / 2 - 3 / math.pi**2)],
)
def test_the_lines_of_a_task_are_what_such_a_reader_gets(task, chance_loss, best_loss):
    run = trainer(task=task)
    assert (run.facts.chance.loss, run.facts.best.loss) == (chance_loss, best_loss)
    inputs, targets = run._data.task.batch(np.random.default_rng(8), 200_000, 8)
    wanted = targets[:, -1, 0].astype(np.float64)
    assert np.var(wanted) == pytest.approx(chance_loss, rel=0.01)
    if task == "adding":
        last = inputs[:, 4:, 0] * inputs[:, 4:, 1]
        rule = last.sum(1) + 0.5
    else:
        x = inputs[:, 0, 0].astype(np.float64)
        rule = np.polyval(np.polyfit(x, wanted, 1), x)
    assert np.mean((rule - wanted) ** 2) == pytest.approx(best_loss, rel=0.01)


def test_the_sum_to_be_told_is_that_of_one_marked_value_in_each_half():
    inputs, targets = trainer(task="adding")._data.task.batch(np.random.default_rng(0), 500, 11)
    values, markers = inputs[..., 0], inputs[..., 1]
    assert (markers[:, :5].sum(1) == 1).all()
    assert (markers[:, 5:].sum(1) == 1).all()
    np.testing.assert_array_equal(targets[:, -1, 0], (values * markers).sum(1))
    assert np.isnan(targets[:, :-1]).all()
    assert set(np.flatnonzero(markers.any(0))) == set(range(11))


def test_the_first_bit_is_what_is_asked_for():
    inputs, targets = trainer(task="delayed_bit")._data.task.batch(np.random.default_rng(0), 500, 8)
    np.testing.assert_array_equal(inputs[:, 0, 0], 2 * targets[:, -1] - 1)
    assert (targets[:, :-1] == NO_TARGET).all()
    assert np.abs(inputs[:, 1:].std() - 0.5) < 0.02


def test_a_task_of_its_own_length_heeds_no_setting():
    assert trainer(task="mapping", length=40).trace().tokens == 1
    with pytest.raises(ValueError, match="length is 1, expected at least 2 for the task 'adding'"):
        config(task="adding", length=1)


@pytest.mark.parametrize("task", ["hello", "delayed_bit"])
def test_one_token_is_enough(task):
    run = trainer(task=task, length=1)
    list(run.updates(2))
    assert run.trace().tokens == 1
