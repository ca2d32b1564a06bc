"""Training against a plain PyTorch loop, and every number of a record against a measurement from outside."""

import math

import pytest
import torch
from torch import nn

from tests.builders import TORCH_CELLS, text_file, trainer
from tests.unit.plain import Plain, batches, mean_loss

RATES = {"sgd": 0.5, "rmsprop": 0.005, "adam": 0.01}
MAKERS = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def clip_as_configured(network, config):
    if config.clip == "norm":
        nn.utils.clip_grad_norm_(network.parameters(), config.threshold)
    elif config.clip == "value":
        nn.utils.clip_grad_value_(network.parameters(), config.threshold)


@pytest.mark.parametrize("cell", TORCH_CELLS)
@pytest.mark.parametrize("optimizer", RATES)
@pytest.mark.parametrize(("clip", "threshold"), [("off", 1.0), ("norm", 0.3), ("value", 0.02)])
def test_training_equals_a_plain_loop(cell, optimizer, clip, threshold, story):
    rate = RATES[optimizer]
    run = trainer(cell=cell, layers=2, optimizer=optimizer, rate=rate, clip=clip, threshold=threshold, **story)
    plain = Plain(run)
    stepper = MAKERS[optimizer](plain.parameters(), lr=rate)
    source = batches(run)
    for record in run.updates(12):
        loss = mean_loss(plain, *next(source))
        stepper.zero_grad()
        loss.backward()
        clip_as_configured(plain, run.config)
        stepper.step()
        # Fused and plain arithmetic round differently; twelve updates carry that on.
        assert record.loss == pytest.approx(float(loss.detach()), rel=1e-6)


@pytest.mark.parametrize(("clip", "threshold"), [("off", 1.0), ("norm", 0.1), ("norm", 1e6), ("value", 0.01)])
def test_gradient_norms_are_torchs_before_and_after_clipping(clip, threshold, story):
    run = trainer(clip=clip, threshold=threshold, **story)
    plain = Plain(run)
    mean_loss(plain, *next(batches(run))).backward()
    record = run.update()
    names = list(dict(run.network.named_parameters()))
    assert list(record.grad_norms) == list(record.grad_norms_clipped) == list(record.update_ratios) == names

    def norms():
        return [float(parameter.grad.double().norm()) for parameter in plain.parameters()]

    before = norms()
    assert list(record.grad_norms.values()) == pytest.approx(before, rel=2e-6)
    assert record.grad_norm == pytest.approx(math.hypot(*before), rel=2e-6)
    flat = torch.cat([parameter.grad.flatten() for parameter in plain.parameters()]).double()
    clip_as_configured(plain, run.config)
    after = norms()
    turned = torch.cat([parameter.grad.flatten() for parameter in plain.parameters()]).double()
    assert list(record.grad_norms_clipped.values()) == pytest.approx(after, rel=2e-6)
    assert record.grad_norm_clipped == pytest.approx(math.hypot(*after), rel=2e-6)
    assert record.clip_coefficient == pytest.approx(math.hypot(*after) / math.hypot(*before), rel=2e-6)
    assert record.clip_cosine == pytest.approx(float(flat @ turned / (flat.norm() * turned.norm())), abs=1e-6)
    assert record.clipped == (not torch.equal(flat, turned)) == (threshold <= 0.1)
    assert (record.clip, record.threshold) == (clip, threshold)


@pytest.mark.parametrize("optimizer", RATES)
def test_update_ratios_are_steps_over_weights(optimizer, story):
    run = trainer(optimizer=optimizer, rate=RATES[optimizer], **story)
    run.update()
    before = {name: parameter.detach().double().clone() for name, parameter in run.network.named_parameters()}
    record = run.update()
    after = {name: parameter.detach().double() for name, parameter in run.network.named_parameters()}
    steps = {name: float((after[name] - before[name]).norm()) for name in before}
    sizes = {name: float(before[name].norm()) for name in before}
    for name, ratio in record.update_ratios.items():
        assert ratio == pytest.approx(steps[name] / sizes[name], rel=1e-5)  # steps are differences in float32
    assert record.update_ratio == pytest.approx(math.hypot(*steps.values()) / math.hypot(*sizes.values()), rel=1e-5)


def test_the_update_ratio_of_a_parameter_that_was_zero_is_infinite():
    run = trainer()
    with torch.no_grad():
        run.network.readout.bias.zero_()
    assert run.update().update_ratios["readout.bias"] == math.inf


def test_loss_and_accuracy_are_those_before_the_step(story):
    run = trainer(batch=5, **story)
    plain, (inputs, targets) = Plain(run), next(batches(run))
    record = run.update()
    with torch.no_grad():
        assert record.loss == pytest.approx(float(mean_loss(plain, inputs, targets)), rel=1e-6)
        assert record.accuracy == pytest.approx(float((plain(inputs).argmax(2) == targets).double().mean()), rel=1e-6)


def test_hello_is_learned_below_its_bigram_floor():
    """Which is 0.4682; a network without a memory cannot get there."""
    run = trainer(hidden=16, embedding=8, length=24, rate=0.02)
    *_, last = run.updates(150)
    assert last.loss < 0.2
    assert last.accuracy > 0.95
