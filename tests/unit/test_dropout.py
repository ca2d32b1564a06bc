"""Outputs that are dropped in training: how many, how they come again, and that nothing else sees them."""

import numpy as np
import pytest
import torch

from rnnviz.training.dropout import Dropout, masks_from
from tests.builders import FAST, config, text_file, trainer
from tests.unit.plain import batches, mean_loss


@pytest.fixture
def dropping(tmp_path):
    return {"task": "text", "file": text_file(tmp_path), "dropout": 0.4, "layers": 2}


def losses(run, updates=5):
    return [record.loss for record in run.updates(updates)]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_as_many_outputs_are_dropped_as_is_said_and_the_mean_stays(share):
    settings = config(dropout=share, hidden=64, layers=2, bidirectional=True)
    masks = masks_from(Dropout(0).draw(settings, (30, 50)), settings, (30, 50))
    assert [tuple(mask.shape) for mask in masks] == [(30, 50, 128)] * 2
    for mask in masks:
        dropped = float((mask == 0).float().mean())
        deviation = (share * (1 - share) / mask.numel()) ** 0.5
        assert abs(dropped - share) < 5 * deviation
        np.testing.assert_allclose(mask[mask > 0].numpy(), 1 / (1 - share), rtol=1e-6)
    assert not torch.equal(masks[0], masks[1])


def test_masks_differ_between_updates_and_come_again():
    settings, source = config(dropout=0.5), Dropout(0)
    first, second = source.draw(settings, (2, 3)), source.draw(settings, (2, 3))
    again = masks_from(first, settings, (2, 3))
    assert torch.equal(again[0], masks_from(first, settings, (2, 3))[0])
    assert not torch.equal(again[0], masks_from(second, settings, (2, 3))[0])


def test_an_update_multiplies_every_layers_output_with_its_mask(dropping):
    run = trainer(cell="gru", **dropping)
    inputs, targets = next(batches(run))
    kept = Dropout(run.config.seed).draw(run.config, tuple(inputs.shape))
    masks = masks_from(kept, run.config, tuple(inputs.shape))
    first, second = run.network.layers
    middle = first(run.network.embedding(inputs.T))[0] * masks[0].transpose(0, 1)
    logits = run.network.readout(second(middle)[0] * masks[1].transpose(0, 1))
    expected = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets.T)
    assert run.update().loss == pytest.approx(float(expected.detach()), rel=1e-6)


def test_without_dropout_nothing_is_drawn_and_nothing_changes(dropping):
    off = {**dropping, "dropout": 0.0}
    run = trainer(**off)
    before = run._dropout.random.bit_generator.state
    run.update()
    assert run._dropout.random.bit_generator.state == before
    assert run._last.read.dropout is None


def test_batches_do_not_depend_on_it(dropping):
    run, other = trainer(**dropping), trainer(**{**dropping, "dropout": 0.0})
    for _ in range(3):
        run.update(), other.update()
        assert torch.equal(run._last.inputs, other._last.inputs)


@pytest.mark.parametrize("cell", FAST)
@pytest.mark.parametrize("both_ways", [False, True])
def test_the_self_check_certifies_the_gradient_with_its_masks(cell, both_ways, dropping):
    run = trainer(cell=cell, bidirectional=both_ways, **dropping)
    list(run.updates(3))
    assert run.self_check().passed
    run._last = run._last._replace(read=run._last.read._replace(dropout=None))
    assert not run.self_check().passed


def test_traces_and_validation_drop_nothing(dropping):
    run = trainer(**dropping)
    calm = trainer(**{**dropping, "dropout": 0.0})
    np.testing.assert_array_equal(run.trace().layers[-1].hidden, calm.trace().layers[-1].hidden)
    list(run.updates(50))
    inputs, targets = run._data.held_out
    with torch.no_grad():
        expected = float(mean_loss(lambda tokens: run.network(tokens).logits, inputs, targets))
    assert run.record.validation_loss == pytest.approx(expected, rel=1e-6)


def test_a_run_with_dropout_comes_again_bit_for_bit(dropping):
    assert losses(trainer(**dropping)) == losses(trainer(**dropping))
    run = trainer(**dropping)
    list(run.updates(3))
    there, twin = run.snapshot(), run.fork()
    expected = losses(run)
    assert losses(twin) == expected
    run.restore(there)
    assert run.self_check().passed
    assert losses(run) == expected


def test_it_changes_while_running_and_in_a_fork(dropping):
    run = trainer(**dropping)
    run.update()
    twin = run.fork(dropout=0.0)
    assert twin.update().loss != run.update().loss
    run.set(dropout=0.0)
    run.update()
    assert run._last.read.dropout is None
    with pytest.raises(ValueError, match=r"dropout is 0.95, expected less than or equal to 0.9|dropout"):
        run.set(dropout=0.95)
