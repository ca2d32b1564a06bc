"""Symbols and numbers, in and out, where layers read backward too, outputs are dropped and states are carried."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

import rnnviz
from rnnviz.cells import CELLS
from rnnviz.config.run_config import sentences
from rnnviz.domain.intervention import SetInitial, ZeroUnit
from rnnviz.tasks import TASKS
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.training.scoring import token_losses
from rnnviz.training.trainer import Trainer
from tests.builders import MADE_TASKS, TORCH_CELLS, certified, config, relative_errors, trainer
from tests.unit.plain import Plain

EVERY = pytest.mark.parametrize("task", MADE_TASKS.values(), ids=MADE_TASKS)
WITHOUT_FILE = [kind.name for kind in TASKS.values() if not kind.needs_file]


def trained(task, updates=3, **changes):
    run = Trainer(config(**changes), task=task)
    list(run.updates(updates))
    return run


@EVERY
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "changes", [{"bidirectional": True}, {"dropout": 0.4}, {"bidirectional": True, "dropout": 0.4}]
)
def test_every_kind_is_trained_traced_checked_and_studied(task, cell, changes):
    run = trained(task, cell=cell, layers=2, **changes)
    trace = run.trace()
    assert len(trace.layers) == (4 if "bidirectional" in changes else 2)
    assert all(np.isfinite(layer.hidden_grads).all() for layer in trace.layers)
    assert all(np.abs(layer.hidden_grads).max() > 0 for layer in trace.layers)
    assert certified(run)
    assert run.anatomy().raw == pytest.approx(run.record.grad_norm, rel=1e-5)
    assert max(InfluenceStudy(run.subject()).finish().residuals) < 1e-4
    assert len(SpectrumStudy(run.subject()).finish().layers) == len(trace.layers)


@EVERY
@pytest.mark.parametrize("cell", TORCH_CELLS)
@pytest.mark.parametrize("shown", ["fixed", "batch"])
def test_its_trace_is_that_of_torchs_bidirectional_module(task, cell, shown):
    run = trained(task, 2, cell=cell, layers=2, bidirectional=True, shown=shown)
    plain = Plain(run).requires_grad_(False)
    weights = [part for name, part in plain.named_parameters()]
    for part, before in zip(weights, run._before.parameters(), strict=True):
        part.copy_(before)
    inputs, targets = run._displayed()
    expected = rnnviz.trace(plain.rnn, plain.embedding(inputs), lambda top: token_losses(plain.readout(top), targets))
    for ours, theirs in zip(run.trace().layers, expected.layers, strict=True):
        assert relative_errors(ours.hidden, theirs.hidden).max() <= 1e-6
        assert relative_errors(ours.hidden_grads, theirs.hidden_grads).max() <= 1e-5


@EVERY
@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_is_shown_of_a_batch_is_what_was_computed_in_it(task, bidirectional):
    """Also where a sequence is filled up: what reads backward begins at its end."""
    run = trained(task, layers=2, bidirectional=bidirectional, shown="batch")
    with torch.no_grad():
        outputs = run._before(run._last.inputs, ends=run._last.read.ends).logits[1]
    run._last = run._last._replace(
        read=run._last.read._replace(inputs=run._last.inputs[1:], targets=run._last.targets[1:])
    )
    trace = run.trace()
    expected = token_losses(outputs, run._last.targets[0])[: trace.tokens].numpy()
    np.testing.assert_allclose(trace.losses, expected, rtol=1e-4, atol=1e-6)


@EVERY
def test_a_snapshot_and_a_fork_go_on_alike(task):
    run = trained(task, layers=2, bidirectional=True, dropout=0.3)
    kept, twin, shown = run.snapshot(), run.fork(), run.trace()
    expected = [record.loss for record in run.updates(3)]
    assert [record.loss for record in twin.updates(3)] == expected
    run.restore(kept)
    np.testing.assert_array_equal(run.trace().losses, shown.losses)
    assert [record.loss for record in run.updates(3)] == expected


@EVERY
def test_interventions_are_carried_out_in_the_backward_half(task):
    run = trained(task, bidirectional=True)
    plain = run.trace()
    changed = run.trace([ZeroUnit(1, direction="backward"), SetInitial(0.5, direction="backward")])
    assert not changed.layers[1].hidden[:, 1].any()
    np.testing.assert_array_equal(changed.layers[0].hidden, plain.layers[0].hidden)
    np.testing.assert_allclose(changed.untouched.layers[1].hidden, plain.layers[1].hidden, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", WITHOUT_FILE)
@pytest.mark.parametrize(("bidirectional", "dropout"), [(False, 0.0), (True, 0.4)])
def test_every_task_of_the_catalogue_is_learned_by_every_cell(name, bidirectional, dropout):
    for cell in CELLS:
        run = trainer(task=name, cell=cell, layers=2, bidirectional=bidirectional, dropout=dropout, length=24)
        list(run.updates(2))
        assert np.isfinite(run.record.loss)
        assert run.trace().reading is not None
        assert certified(run)


@pytest.mark.parametrize("name", WITHOUT_FILE)
def test_a_state_is_carried_where_sequences_follow_each_other_and_nowhere_else(name):
    if TASKS[name].consecutive:
        run = trainer(task=name, carry=True, shown="batch")
        list(run.updates(3))
        assert run.trace().carried
        return
    with pytest.raises(ValidationError) as refused:
        config(task=name, carry=True, length=24)
    assert sentences(refused.value).startswith(f"carry is True, but sequences of the task '{name}' do not follow each")
