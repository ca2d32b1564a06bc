"""Symbols and numbers, in and out, long and short: everything that a trainer can be asked, for every kind of task."""

import math
import re

import numpy as np
import pytest
import torch

from rnnviz.config.budget import parameters, same_budget
from rnnviz.domain.intervention import ChangeInput, ChangeToken, SetInitial, ZeroUnit
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.tasks.task import NO_TARGET, Batch, chance, filled_up, refuse_misfit
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.training.scoring import token_losses
from rnnviz.training.trainer import Trainer
from tests.builders import MADE_TASKS, MadeTask, config

EVERY = pytest.mark.parametrize("task", MADE_TASKS.values(), ids=MADE_TASKS)
NAN = math.nan


def trained(task, updates=3, **changes):
    run = Trainer(config(**changes), task=task)
    list(run.updates(updates))
    return run


@EVERY
@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_kind_of_task_is_trained_traced_checked_and_taken_apart(task, cell, layers):
    run = trained(task, cell=cell, layers=layers)
    trace = run.trace()
    top = trace.layers[-1]
    assert np.isfinite(top.hidden_grads).all()
    assert np.abs(top.hidden_grads).max() > 0
    assert run.self_check().passed
    assert run.anatomy().raw == pytest.approx(run.record.grad_norm, rel=1e-5)
    influence = InfluenceStudy(run.subject()).finish()
    assert all(residual < 1e-4 for residual in influence.residuals)
    assert len(SpectrumStudy(run.subject()).finish().layers) == layers


@EVERY
def test_the_traced_losses_are_those_of_the_network_itself(task):
    run = trained(task)
    inputs, targets = run._data.displayed()
    with torch.no_grad():
        outputs = run._before(inputs[None]).logits
        expected = token_losses(outputs, targets[None])[0].numpy()
    trace = run.trace()
    np.testing.assert_allclose(trace.losses, expected, rtol=1e-4, atol=1e-6)
    if trace.reading.given is not None:
        np.testing.assert_allclose(trace.reading.given, outputs[0].numpy(), rtol=1e-4, atol=1e-6)


@EVERY
def test_a_snapshot_and_a_fork_go_on_alike(task):
    run = trained(task)
    kept, twin, shown = run.snapshot(), run.fork(), run.trace()
    expected = [record.loss for record in run.updates(3)]
    assert [record.loss for record in twin.updates(3)] == expected
    run.restore(kept)
    np.testing.assert_array_equal(run.trace().losses, shown.losses)
    assert [record.loss for record in run.updates(3)] == expected


@EVERY
def test_interventions_are_carried_out_and_the_untouched_pass_stays(task):
    run = trained(task)
    plain = run.trace()
    changed = run.trace([ZeroUnit(1), SetInitial(0.5)])
    assert not changed.layers[0].hidden[:, 1].any()
    np.testing.assert_allclose(changed.untouched.layers[0].hidden, plain.layers[0].hidden, rtol=1e-5, atol=1e-6)


@EVERY
def test_the_known_number_of_parameters_is_that_of_the_network(task):
    run = trained(task, 0)
    assert parameters(run.config, run.facts.reads, run.facts.predicts) == run.facts.parameters
    other = same_budget(run.config, "gru", run.facts.reads, run.facts.predicts)
    sizes = [parameters(run.config.changed(cell="gru", hidden=h), task.reads, task.predicts) for h in (5, 6, 7, 8, 9)]
    found = parameters(other, task.reads, task.predicts)
    assert abs(found - run.facts.parameters) == min(abs(size - run.facts.parameters) for size in sizes)


def test_what_fills_a_sequence_up_is_not_shown():
    task = MADE_TASKS["numbers to numbers"]
    assert task.displayed(0).inputs.shape[1] == 9
    run = trained(task)
    assert run.trace().tokens == 6
    run.set(shown="batch")
    assert run.trace().tokens == 9


def test_what_fills_a_sequence_up_is_not_learned_from():
    class Longer(MadeTask):
        def batch(self, random, size, length):
            inputs, targets = super().batch(random, size, length)
            inputs = np.concatenate([inputs, np.full((size, 4, 2), 3.0, np.float32)], 1)
            return Batch(inputs, np.concatenate([targets, np.full((size, 4, 2), np.nan, np.float32)], 1))

    kinds = Numbers(("a", "b")), Numbers(("c", "d"))
    plain, longer = (trained(task(*kinds), 5) for task in (MadeTask, Longer))
    assert longer.record.loss == pytest.approx(plain.record.loss, rel=1e-5)
    assert longer.record.grad_norm == pytest.approx(plain.record.grad_norm, rel=1e-4)


def test_numbers_are_changed_by_changing_the_input():
    run = trained(MADE_TASKS["numbers to numbers"])
    changed = run.trace([ChangeInput(2, (5.0, -5.0))])
    np.testing.assert_array_equal(changed.reading.values[2], [5, -5])
    assert changed.reading.tokens[2] == "5, −5"
    np.testing.assert_array_equal(changed.layers[0].hidden[:2], changed.untouched.layers[0].hidden[:2])
    assert np.abs(changed.layers[0].hidden[2] - changed.untouched.layers[0].hidden[2]).max() > 0.01
    np.testing.assert_array_equal(changed.untouched.reading.values, run.trace().reading.values)


@pytest.mark.parametrize(
    ("intervention", "sentence"),
    [
        (ChangeToken(2, "a"), "ChangeToken: token 2 is 2 numbers here, expected ChangeInput(token, values)"),
        (ChangeInput(6, (0.0, 0.0)), "ChangeInput: token is 6, expected 0 to 5"),
        (ChangeInput(2, (0.0,)), "ChangeInput: values has 1 numbers, expected 2"),
    ],
    ids=str,
)
def test_a_change_that_does_not_fit_numbers_is_refused(intervention, sentence):
    run = trained(MADE_TASKS["numbers to numbers"])
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        run.trace([intervention])


def test_where_nothing_is_wanted_a_reading_says_so():
    reading = trained(MADE_TASKS["words to a number"]).trace().reading
    assert reading.targets[:-1] == (None,) * (len(reading.tokens) - 1)
    assert np.isnan(reading.wanted[:-1]).all()
    assert float(reading.targets[-1].replace("−", "-")) == pytest.approx(float(reading.wanted[-1, 0]), rel=1e-2)
    assert len(reading.predictions) == len(reading.tokens)


def test_a_blind_guess_of_labels_is_a_uniform_one_and_of_numbers_their_mean():
    assert chance(MADE_TASKS["frames to a word"], 0) == Line("chance", math.log(8))
    task = MADE_TASKS["numbers to numbers"]
    wanted = task.held_out(0).targets.reshape(-1, 2).astype(np.float64)
    expected = np.mean([np.var(column[~np.isnan(column)]) for column in wanted.T])
    name, loss = chance(task, 0)
    assert name == "always the mean"
    assert loss == pytest.approx(expected, rel=1e-12)


def test_rows_of_different_lengths_are_filled_up_at_the_end():
    rows = [np.array([1, 2, 3]), np.array([4])]
    np.testing.assert_array_equal(filled_up(rows, NO_TARGET), [[1, 2, 3], [4, -1, -1]])
    deep = filled_up([np.ones((1, 2), np.float32), np.ones((3, 2), np.float32)], NAN)
    assert deep.shape == (2, 3, 2)
    assert np.isnan(deep[0, 1:]).all()
    assert not np.isnan(deep[1]).any()


def labels(*shape, of=0):
    return np.full(shape, of, np.int64)


def numbers(*shape, of=0.0):
    return np.full(shape, of, np.float32)


TWO, SEVERAL = Numbers(("a", "b")), Symbols(("x", "y", "z"))


@pytest.mark.parametrize(
    ("reads", "predicts", "batch", "sentence"),
    [
        (
            SEVERAL,
            Symbols(("a",)),
            Batch(labels(1, 2), labels(1, 2)),
            "the task predicts ('a',), expected at least two",
        ),
        (SEVERAL, SEVERAL, Batch(labels(1, 2, of=3), labels(1, 2)), "inputs run from 3 to 3, expected 0 to 2"),
        (SEVERAL, SEVERAL, Batch(labels(1, 2), labels(1, 2, of=-2)), "targets run from -2 to -2, expected -1 to 2"),
        (SEVERAL, SEVERAL, Batch(labels(1, 2), labels(1, 2, of=-1)), "a sequence has no target at any token"),
        (SEVERAL, SEVERAL, Batch(labels(1, 2), labels(1, 3)), "targets are (1, 3), expected (1, 2) tokens"),
        (
            SEVERAL,
            TWO,
            Batch(labels(1, 2), numbers(1, 2, 1)),
            "targets are (1, 2, 1) of float32, expected (B, T, 2) of",
        ),
        (SEVERAL, TWO, Batch(labels(1, 2), numbers(1, 2, 2, of=NAN)), "a sequence has no target at any token"),
        (
            SEVERAL,
            TWO,
            Batch(labels(1, 2), numbers(1, 2, 2, of=math.inf)),
            "targets: 'a' is inf at token 0 of sequence 0",
        ),
        (TWO, SEVERAL, Batch(numbers(1, 2, 2, of=NAN), labels(1, 2)), "inputs: 'a' is nan at token 0 of sequence 0"),
        (
            TWO,
            SEVERAL,
            Batch(numbers(1, 2, 2).astype(float), labels(1, 2)),
            "inputs are (1, 2, 2) of float64, expected",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_batch_that_is_not_what_the_task_says_is_refused(reads, predicts, batch, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        refuse_misfit(MadeTask(reads, predicts), batch)
