"""A loss or gradient that is not finite stops a run before the weights are touched, and the run can go on."""

import math

import pytest
import torch

from rnnviz import DivergedError
from tests.builders import text_file, trainer


def weights(run):
    return [parameter.detach().clone() for parameter in run.network.parameters()]


def same(one, other):
    return all(torch.equal(ours, theirs) for ours, theirs in zip(one, other, strict=True))


def poisoned(run, name, value):
    """Puts ``value`` into one entry of the gradient of ``name`` from now on; returns what takes it away again."""

    def poison(gradient):
        gradient = gradient.clone()
        gradient.flatten()[3] = value
        return gradient

    return run.network.get_parameter(name).register_hook(poison)


@pytest.mark.parametrize("clip", ["off", "norm", "value"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
@pytest.mark.parametrize(
    ("value", "said"), [(math.nan, "a NaN"), (math.inf, "an infinite value"), (-math.inf, "an infinite value")]
)
def test_a_gradient_that_is_not_finite_leaves_the_weights_alone(clip, optimizer, value, said, tmp_path):
    run = trainer(clip=clip, optimizer=optimizer, task="text", file=text_file(tmp_path))
    list(run.updates(2))
    before = weights(run)
    hook = poisoned(run, "layers.0.weight_hh_l0", value)
    with pytest.raises(DivergedError) as diverged:
        run.update()
    assert same(before, weights(run))
    assert (diverged.value.update, diverged.value.tensor) == (3, "the gradient of layers.0.weight_hh_l0")
    assert str(diverged.value) == (
        f"Update 3: the gradient of layers.0.weight_hh_l0 has {said}. The weights are still those of update 2; "
        "lower the rate or clip the gradient, then go on."
    )
    hook.remove()
    record = run.update()
    assert record.update == 3
    assert math.isfinite(record.loss)
    assert not same(before, weights(run))
    assert run.self_check().passed


def test_what_is_shown_after_a_refused_update_is_the_update_before_it(tmp_path):
    run = trainer(shown="batch", task="text", file=text_file(tmp_path))
    run.update()
    expected = run.trace()
    poisoned(run, "readout.bias", math.nan)
    with pytest.raises(DivergedError):
        run.update()
    trace = run.trace()
    assert trace.update == 1
    assert trace.losses.tolist() == expected.losses.tolist()
    assert run.self_check().passed


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_loss_that_is_not_finite_is_named_first(value):
    run = trainer()
    run.update()
    with torch.no_grad():
        run.network.readout.bias[0] = value
    before = weights(run)
    with pytest.raises(DivergedError, match=r"Update 2: the logits .*; the loss has a NaN\.") as diverged:
        run.update()
    assert diverged.value.tensor == "the loss"
    assert all(torch.allclose(ours, theirs, equal_nan=True) for ours, theirs in zip(before, weights(run), strict=True))


def test_a_run_with_a_far_too_high_rate_stops_at_the_weights_of_its_last_update():
    run = trainer(cell="rnn_relu", init="identity", gain=3.0, length=60, clip="off", optimizer="sgd", rate=1000.0)
    last = [weights(run)]

    def train():
        for _ in run.updates(50):
            last.append(weights(run))  # noqa: PERF401  # those of before the error are kept

    with pytest.raises(DivergedError) as diverged:
        train()
    assert diverged.value.update == len(last)
    assert same(last[-1], weights(run))
    with pytest.raises(DivergedError, match=rf"Update {len(last)}: "):
        run.update()
    assert same(last[-1], weights(run))


def test_endless_updates_can_be_asked_for_again_after_a_refusal():
    run = trainer()
    hook = poisoned(run, "readout.weight", math.nan)
    with pytest.raises(DivergedError, match=r"Update 1: the gradient of readout\.weight"):
        next(run.updates())
    hook.remove()
    assert [record.update for record in run.updates(3)] == [1, 2, 3]


def test_a_gradient_that_is_merely_huge_is_clipped_and_learned_from():
    """float32 squares of it overflow, and clipping by torch's own norm would erase it."""
    run = trainer(clip="norm", threshold=1.0, optimizer="sgd", rate=0.01)
    run.network.get_parameter("readout.weight").register_hook(lambda gradient: 1e30 * gradient)
    record = run.update()
    assert 1e28 < record.grad_norm < 1e31
    assert record.grad_norm_clipped == pytest.approx(1.0, rel=1e-6)
    assert record.clipped
    step = record.update_ratios["readout.weight"] * float(
        torch.cat([parameter.flatten() for parameter in run._before.readout.parameters() if parameter.ndim == 2]).norm()
    )
    assert step == pytest.approx(0.01, rel=1e-4)  # rate · threshold; the step is a difference of float32 weights


def test_a_step_that_leaves_float32_is_not_taken_and_the_run_can_go_on():
    """The gradient is finite, the rate times it is not."""
    run = trainer(clip="off", optimizer="sgd", rate=1000.0)
    before = weights(run)
    hook = run.network.get_parameter("readout.weight").register_hook(lambda gradient: 1e38 * gradient)
    with pytest.raises(DivergedError, match=r"Update 1: the step of readout\.weight has an infinite value"):
        run.update()
    assert same(before, weights(run))
    hook.remove()
    run.set(rate=0.01)
    assert run.update().update == 1
    assert run.self_check().passed


def test_an_update_that_diverged_is_tried_again_with_the_same_batch():
    run, other = trainer(task="python"), trainer(task="python")
    hook = poisoned(run, "readout.weight", math.nan)
    with pytest.raises(DivergedError):
        run.update()
    hook.remove()
    assert list(run.updates(3)) == list(other.updates(3))
