"""A task that asks once, at the end: its sequences, and training and tracing where most tokens have no target."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.cells import CELLS
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import NO_TARGET
from rnnviz.training.learner import VALIDATE_EVERY
from tests.builders import FAST, relative_errors, trainer
from tests.unit import oracle

ORDER = {"task": "temporal_order", "length": 12, "embedding": 0, "cell": "rnn_tanh"}


def opened(length=20):
    return TASKS["temporal_order"].open(None, length)


def drawn(length=20, size=2000):
    return opened(length).batch(np.random.default_rng(0), size, length)


@pytest.mark.parametrize(
    ("length", "first", "second"),
    [
        (6, {1}, {3}),
        (10, {1}, {5}),
        (20, {2, 3}, {10, 11}),
        (25, {3, 4}, {13, 14}),
        (50, {*range(5, 10)}, {*range(25, 30)}),
    ],
)
def test_the_two_symbols_stand_where_the_paper_says(length, first, second):
    inputs, _ = drawn(length)
    places = [np.flatnonzero(row < 2).tolist() for row in inputs]
    assert {len(found) for found in places} == {2}
    assert {found[0] for found in places} == first
    assert {found[1] for found in places} == second


def test_the_last_token_alone_asks_for_the_class_of_both():
    task, (inputs, targets) = opened(), drawn()
    assert (targets[:, :-1] == NO_TARGET).all()
    read = ["".join(task.vocabulary[code] for code in row if code < 2) for row in inputs]
    assert [task.predicts.labels[code] for code in targets[:, -1]] == read


def test_classes_and_distractors_are_equally_likely():
    inputs, targets = drawn(size=4000)
    shares = np.bincount(targets[:, -1], minlength=4) / 4000
    np.testing.assert_allclose(shares, 0.25, atol=4 * math.sqrt(0.25 * 0.75 / 4000))
    counts = np.bincount(inputs[inputs >= 2] - 2, minlength=4)
    np.testing.assert_allclose(counts / counts.sum(), 0.25, atol=0.007)


def test_256_sequences_are_held_out_and_differ_from_those_of_every_seed():
    task = opened()
    held_out = task.held_out(20)
    assert held_out.inputs.shape == (256, 20)
    np.testing.assert_array_equal(held_out.inputs, opened().held_out(20).inputs)
    np.testing.assert_array_equal(task.displayed(20).inputs, held_out.inputs[:1])
    for seed in (0, 2013):
        fresh = task.batch(np.random.default_rng(seed), 256, 20)
        assert not (fresh.inputs == held_out.inputs).all(axis=1).any()


def test_a_sequence_without_room_is_refused():
    with pytest.raises(ValueError, match="length is 5, expected at least 6 for the task 'temporal_order'"):
        trainer(**{**ORDER, "length": 5})


def test_a_guess_among_four_is_chance():
    facts = trainer(**ORDER).facts
    assert facts.chance.loss == pytest.approx(math.log(4))
    assert (facts.labels, facts.vocabulary) == (("AA", "BA", "AB", "BB"), ("A", "B", "w", "x", "y", "z"))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("embedding", [0, 5])
def test_the_loss_is_the_mean_over_the_last_tokens(cell, embedding):
    run = trainer(**{**ORDER, "cell": cell, "embedding": embedding, "batch": 7})
    inputs, targets = opened(12).batch(np.random.default_rng(0), 7, 12)
    with torch.no_grad():
        last = run.network(torch.from_numpy(inputs)).logits[:, -1]
    wanted = torch.from_numpy(targets[:, -1])
    record = run.update()
    assert record.loss == pytest.approx(float(nn.functional.cross_entropy(last, wanted)), rel=1e-6)
    assert record.accuracy == float((last.argmax(-1) == wanted).double().mean())


def test_what_is_held_out_is_scored():
    run = trainer(**ORDER)
    *before, record = run.updates(VALIDATE_EVERY)
    assert {(early.validation_loss, early.validation_accuracy) for early in before} == {(None, None)}
    inputs, targets = (torch.from_numpy(part) for part in opened(12).held_out(12))
    with torch.no_grad():
        last = run.network(inputs).logits[:, -1]
    expected = nn.functional.cross_entropy(last, targets[:, -1])
    assert record.validation_loss == pytest.approx(float(expected), rel=1e-6)
    assert record.validation_accuracy == float((last.argmax(-1) == targets[:, -1]).double().mean())


@pytest.mark.parametrize("cell", FAST)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_self_check_passes_with_one_target_a_sequence(cell, layers):
    run = trainer(**{**ORDER, "cell": cell, "layers": layers, "hidden": 12, "batch": 6})
    list(run.updates(2))
    check = run.self_check()
    assert check.passed
    assert check.error > 0


@pytest.mark.parametrize("cell", CELLS)
def test_a_trace_has_a_loss_and_a_target_at_the_last_token_alone(cell):
    run = trainer(**{**ORDER, "cell": cell, "shown": "batch"})
    run.update()
    trace = run.trace()
    assert trace.losses[-1] > 0
    assert not trace.losses[:-1].any()
    assert trace.reading.targets[:-1] == (None,) * 11
    assert trace.reading.targets[-1] == "".join(label for label in trace.reading.tokens if label in "AB")
    assert trace.reading.vocabulary == run.facts.labels
    assert trace.reading.probabilities.shape == (12, 4)
    (layer,) = trace.layers
    assert not layer.hidden_grads_direct[:-1].any()
    np.testing.assert_array_equal(layer.hidden_grads, layer.hidden_grads_last)


def test_gradients_through_the_whole_sequence_equal_autograd():
    run = trainer(**{**ORDER, "shown": "batch"})
    run.update()
    inputs, targets = run._last.inputs[0], run._last.targets[0]
    before = run._before

    def loss(top):
        return nn.functional.cross_entropy(before.readout(top)[-1:], targets[-1:])

    (told,) = oracle.ask("rnn_tanh", before.layers[0], before.embedding(inputs), loss)
    assert relative_errors(run.trace().layers[0].hidden_grads, told.hidden_grads).max() <= 5e-6
