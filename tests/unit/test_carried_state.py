"""Truncated backpropagation: a state carried from one batch into the next, and no gradient."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from rnnviz.cells import CELLS
from rnnviz.config.run_config import sentences
from rnnviz.tasks import TASKS
from tests.builders import FAST, config, text_file, trainer

EVERY = pytest.mark.parametrize("cell", CELLS)


@pytest.fixture
def carrying(tmp_path):
    return {"task": "text", "file": text_file(tmp_path), "carry": True, "layers": 2, "shown": "batch"}


def losses(run, updates=5):
    return [record.loss for record in run.updates(updates)]


@EVERY
def test_batches_read_on_are_one_long_sequence(cell, carrying):
    """With a rate too small to move a weight, five batches give the states of one sequence five times as long."""
    run = trainer(cell=cell, optimizer="sgd", rate=1e-30, **carrying)
    tokens, hidden = [], []
    for _ in run.updates(5):
        trace = run.trace()
        tokens += list(run._last.inputs[0].tolist())
        hidden.append(trace.layers[-1].hidden)
    with torch.no_grad():
        whole = run.network(torch.tensor([tokens])).top[0].numpy()
    np.testing.assert_allclose(np.concatenate(hidden), whole, rtol=0, atol=2e-7)  # other shapes, other rounding


def test_rows_follow_each_other_in_the_text_and_go_round_at_its_end(carrying):
    task = TASKS["text"].open(carrying["file"], 8)
    text, rows = task._training, 3
    for number in (0, 1, 7, 1000):
        batch = task.following(number, rows, 8)
        for row in range(rows):
            place = row * (len(text) // rows) + number * 8
            np.testing.assert_array_equal(batch.inputs[row], np.take(text, range(place, place + 8), mode="wrap"))
            np.testing.assert_array_equal(batch.targets[row], np.take(text, range(place + 1, place + 9), mode="wrap"))


@pytest.mark.parametrize("length", [5, 12, 20])
def test_hello_goes_on_where_it_ended(length):
    task = TASKS["hello"].open(None, length)
    read = "".join(
        task.vocabulary[index] for number in range(4) for index in task.following(number, 2, length).inputs[1]
    )
    assert ("hello world " * 20).startswith(read)


@EVERY
def test_the_displayed_sequence_begins_with_the_carried_state(cell, carrying):
    run = trainer(cell=cell, **carrying)
    run.update()
    assert not run.trace().carried

    ended = [tuple(part[0].numpy() for part in state) for state in run._carried]
    run.update()
    trace = run.trace()
    assert trace.carried
    for layer, state in zip(trace.layers, ended, strict=True):
        np.testing.assert_array_equal(layer.initial_hidden, state[0])
        if layer.initial_cell is not None:
            np.testing.assert_array_equal(layer.initial_cell, state[1])
    run.set(shown="fixed")
    assert not run.trace().carried
    assert not run.trace().layers[0].initial_hidden.any()


@pytest.mark.parametrize("cell", FAST)
def test_no_gradient_passes_and_the_self_check_knows_the_state(cell, carrying):
    run = trainer(cell=cell, **carrying)
    list(run.updates(3))
    assert all(not part.requires_grad for state in run._carried for part in state)
    assert run.self_check().passed
    run._last = run._last._replace(read=run._last.read._replace(initial=None))
    assert not run.self_check().passed


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_carrying_run_restores_and_forks_bit_for_bit(dropout, carrying):
    run = trainer(dropout=dropout, **carrying)
    list(run.updates(3))
    there, twin, shown = run.snapshot(), run.fork(), run.trace().layers[0].hidden
    expected = losses(run)
    assert losses(twin) == expected
    run.restore(there)
    np.testing.assert_array_equal(run.trace().layers[0].hidden, shown)
    assert losses(run) == expected


def test_a_snapshot_counts_the_states_it_keeps(carrying):
    run = trainer(cell="gru", **carrying)
    list(run.updates(2))
    states = 2 * 3 * 6 * 4  # layers · sequences · units · bytes
    bare = trainer(cell="gru", **{**carrying, "carry": False})
    list(bare.updates(2))
    assert run.snapshot().nbytes - bare.snapshot().nbytes == 2 * states  # its start, and the next batch's


def test_what_cannot_be_carried_is_refused_in_a_sentence():
    with pytest.raises(ValidationError) as caught:
        config(task="temporal_order", carry=True)
    assert sentences(caught.value) == (
        "carry is True, but sequences of the task 'temporal_order' do not follow each other; expected one of hello, "
        "python, text"
    )
    with pytest.raises(ValidationError) as caught:
        config(task="hello", carry=True, bidirectional=True)
    assert sentences(caught.value).startswith("carry is True, expected False with bidirectional")
