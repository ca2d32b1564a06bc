"""What may change while a run goes on, and what is counted along the way."""

import math

import pytest
import torch

from rnnviz.tasks import TASKS
from rnnviz.training.learner import SHARE_WINDOW, VALIDATE_EVERY
from tests.builders import text_file, trainer
from tests.unit.plain import Plain, mean_loss


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def test_held_out_loss_is_measured_now_and_then_after_the_step(story):
    run = trainer(**story)
    records = list(run.updates(VALIDATE_EVERY))
    assert [record.validation_loss for record in records[:-1]] == [None] * (VALIDATE_EVERY - 1)
    task = TASKS["text"].open(run.config.file, run.config.length)
    held_out = [torch.from_numpy(part) for part in task.held_out(run.config.length)]
    with torch.no_grad():
        expected = float(mean_loss(Plain(run), *held_out))
    assert records[-1].validation_loss == pytest.approx(expected, rel=1e-6)


def test_where_nothing_is_held_out_there_is_no_held_out_loss():
    assert {record.validation_loss for record in trainer().updates(VALIDATE_EVERY)} == {None}


def test_the_share_of_clipped_updates_is_that_of_the_last_hundred(story):
    run = trainer(clip="off", **story)
    assert [record.share_clipped for record in run.updates(3)] == [0, 0, 0]
    run.set(clip="norm", threshold=1e-3)
    assert run.update().share_clipped == 1 / 4
    *_, last = run.updates(SHARE_WINDOW - 2)
    assert last.share_clipped == (SHARE_WINDOW - 1) / SHARE_WINDOW
    assert run.update().share_clipped == 1.0


def test_a_rate_set_in_between_holds_from_the_next_update(story):
    quick, slow = (trainer(optimizer="sgd", rate=0.1, clip="off", **story) for _ in range(2))
    assert quick.update() == slow.update()
    quick.set(rate=0.4)
    slow.set(rate=0.2)
    far, near = quick.update(), slow.update()
    assert (far.rate, near.rate) == (0.4, 0.2)
    assert far.grad_norm == near.grad_norm
    assert far.update_ratio == pytest.approx(2 * near.update_ratio, rel=1e-5)  # steps are differences in float32


def test_clipping_set_in_between_holds_from_the_next_update(story):
    run = trainer(clip="off", **story)
    assert not run.update().clipped
    run.set(clip="value", threshold=1e-4)
    record = run.update()
    assert (record.clip, record.threshold, record.clipped) == ("value", 1e-4, True)


@pytest.mark.parametrize("name", ["cell", "hidden", "layers", "seed", "batch", "optimizer", "no_such_setting"])
def test_what_needs_a_new_network_cannot_be_set(name):
    run = trainer()
    before = run.config
    with pytest.raises(ValueError, match=f"{name} cannot change while running, expected one of rate, clip, threshold"):
        run.set(rate=0.5, **{name: 1})
    assert run.config == before


@pytest.mark.parametrize("changes", [{"rate": 0}, {"rate": math.nan}, {"clip": "some"}, {"threshold": -1}])
def test_values_that_a_configuration_refuses_cannot_be_set(changes):
    run = trainer()
    before = run.config
    with pytest.raises(ValueError, match=next(iter(changes))):
        run.set(**changes)
    assert run.config == before
    assert run.update().rate == before.rate
