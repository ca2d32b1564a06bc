"""What a trainer shows: the displayed sequence through the very weights that the newest update used."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from tests.builders import TORCH_CELLS, relative_errors, text_file, trainer
from tests.unit import oracle
from tests.unit.plain import Plain, batches


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def read(codes, run):
    return tuple(run.facts.vocabulary[code] for code in codes.tolist())


def test_before_the_first_update_a_trace_shows_the_first_weights(story):
    run = trainer(**story)
    trace = run.trace()
    assert trace.update is None
    assert trace.check is None
    assert run.self_check() is None
    run.update()
    np.testing.assert_array_equal(run.trace().layers[0].hidden, trace.layers[0].hidden)


def test_after_an_update_a_trace_shows_the_weights_from_before_it(story):
    run = trainer(rate=0.1, **story)
    run.update()
    then = copy.deepcopy(run.network)
    run.update()
    trace = run.trace()
    tokens = torch.tensor([[run.facts.vocabulary.index(label) for label in trace.reading.tokens]])
    with torch.no_grad():
        expected, moved_on = then(tokens), run.network(tokens)
    assert trace.update == 2
    assert relative_errors(trace.layers[-1].hidden, expected.top[0].numpy()).max() <= 1e-6
    assert relative_errors(trace.layers[-1].hidden, moved_on.top[0].numpy()).max() > 1e-3
    np.testing.assert_allclose(trace.reading.probabilities, expected.logits[0].softmax(-1).numpy(), rtol=1e-5)


@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_gradients_of_a_run_equal_autograd_on_the_whole_network(cell, story):
    run = trainer(cell=cell, layers=2, **story)
    run.update()
    plain = Plain(run)
    run.update()
    trace = run.trace()
    tokens, targets = (
        torch.tensor([run.facts.vocabulary.index(label) for label in labels])
        for labels in (trace.reading.tokens, trace.reading.targets)
    )

    def loss(top):
        return nn.functional.cross_entropy(plain.readout(top), targets, reduction="sum")

    told = oracle.ask(cell, plain.rnn, plain.embedding(tokens).detach(), loss)
    for layer, answer in zip(trace.layers, told, strict=True):
        # float32 throughout: the read-out, too, is rounded differently here and there.
        assert relative_errors(layer.hidden_grads, answer.hidden_grads).max() <= 5e-6
    with torch.no_grad():
        assert float(trace.losses.sum()) == pytest.approx(float(loss(plain.rnn(plain.embedding(tokens))[0])), rel=1e-6)


def test_the_fixed_sequence_stays_the_same(story):
    run = trainer(**story)
    first = run.trace().reading
    list(run.updates(3))
    again = run.trace().reading
    assert (again.tokens, again.targets) == (first.tokens, first.targets)
    assert again.targets[:-1] == again.tokens[1:]


@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_the_sequence_of_the_batch_is_the_one_that_was_learned_from(cell, story):
    run = trainer(cell=cell, batch=4, shown="batch", **story)
    drawn = batches(run)
    for _ in range(3):
        plain, (inputs, targets) = Plain(run), next(drawn)
        record, trace = run.update(), run.trace()
        assert trace.reading.tokens == read(inputs[0], run)
        assert trace.reading.targets == read(targets[0], run)
        with torch.no_grad():
            losses = nn.functional.cross_entropy(plain(inputs).transpose(1, 2), targets, reduction="none")
        np.testing.assert_allclose(trace.losses, losses[0].numpy(), rtol=1e-5)
        assert record.loss == pytest.approx(float(losses.mean()), rel=1e-6)


def test_a_batch_of_one_has_the_loss_of_its_trace(story):
    run = trainer(batch=1, shown="batch", **story)
    for record in run.updates(3):
        assert run.trace().losses.mean() == pytest.approx(record.loss, rel=1e-6)


def test_what_is_shown_can_change_in_between(story):
    run = trainer(**story)
    run.update()
    fixed = run.trace().reading.tokens
    run.set(shown="batch")
    assert run.trace().reading.tokens != fixed
    run.set(shown="fixed")
    assert run.trace().reading.tokens == fixed


def test_before_the_first_update_there_is_no_batch_to_show(story):
    assert trainer(shown="batch", **story).trace().reading.tokens == trainer(**story).trace().reading.tokens


def test_a_reading_says_what_was_read_and_expected_and_how_likely_it_was():
    run = trainer(length=11)
    trace = run.trace()
    reading = trace.reading
    assert ("".join(reading.tokens), "".join(reading.targets)) == ("hello world", "ello world ")
    assert reading.vocabulary == run.facts.vocabulary == tuple(" dehlorw")
    np.testing.assert_allclose(reading.probabilities.sum(1), 1, rtol=1e-6)
    expected = [
        -np.log(reading.probabilities[token, reading.vocabulary.index(target)])
        for token, target in enumerate(reading.targets)
    ]
    np.testing.assert_allclose(trace.losses, expected, rtol=1e-5)


def test_a_trace_carries_the_newest_self_check():
    run = trainer()
    run.update()
    check = run.self_check()
    assert run.trace().check is check
    run.update()
    assert run.trace().check is check
    assert check.update == 1


@pytest.mark.parametrize("task", ["hello", "python"])
def test_facts_are_known_before_the_first_update(task):
    facts = trainer(task=task).facts
    assert facts.task_note.endswith(".")
    assert facts.chance.loss == pytest.approx(np.log(len(facts.vocabulary)))


@pytest.mark.parametrize("shown", ["fixed", "batch"])
def test_the_last_loss_alone_is_told_without_asking_autograd_for_it(shown):
    run = trainer(layers=2, shown=shown)
    run.update()
    found = run.trace().layers[-1]
    np.testing.assert_array_equal(found.hidden_grads_last[-1], found.hidden_grads_direct[-1])
    assert found.hidden_grads_last[:-1].any()
