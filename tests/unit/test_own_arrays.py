"""Sequences of numbers from a file of the user's own, filled up, masked and shown as such."""

import numpy as np
import pytest

from rnnviz.domain.values import Numbers, Symbols
from rnnviz.files.errors import BadFileError
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import NO_TARGET, asked, predicts
from tests.builders import arrays_file, trainer


def opened(path):
    return TASKS["own_arrays"].open(path, 20)


def test_a_label_is_asked_at_the_last_token_that_is_there(tmp_path):
    task = opened(arrays_file(tmp_path))
    batch = task.held_out(20)
    assert predicts(task) == Symbols(("0", "1"))
    lengths = 6 + 3 * (np.arange(4, 30, 5) % 3)
    assert [np.flatnonzero(row != NO_TARGET).tolist() for row in batch.targets] == [[n - 1] for n in lengths]
    assert batch.targets[0, lengths[0] - 1] == 0


def test_what_fills_up_is_zero_and_does_not_count_for_the_scale(tmp_path):
    x = np.random.default_rng(1).normal(5, 3, (30, 12, 2))
    lengths = 6 + 3 * (np.arange(30) % 3)
    task = opened(arrays_file(tmp_path, x=x))
    shown = task.displayed(20)
    assert not shown.inputs[0, 9:].any()
    training = [row for row in range(30) if row % 5 != 4]
    seen = np.concatenate([x[row, : lengths[row]] for row in training])
    held_out = task.held_out(20).inputs[0, : lengths[4]]
    np.testing.assert_allclose(held_out, (x[4, : lengths[4]] - seen.mean(0)) / seen.std(0), rtol=1e-5)


def test_rows_of_nan_at_the_end_fill_up_too(tmp_path):
    x = np.random.default_rng(1).normal(size=(10, 6, 1))
    x[3, 4:] = np.nan
    np.save(tmp_path / "a.npy", x)
    task = opened(tmp_path / "a.npy")
    assert "10 sequences of 4 to 6 tokens, 1 numbers each, filled up with NaN" in task.note


def test_without_answers_the_next_row_is_asked(tmp_path):
    task = opened(arrays_file(tmp_path, y=None))
    batch = task.held_out(20)
    np.testing.assert_array_equal(batch.targets[0, :6], batch.inputs[0, 1:7])
    assert predicts(task) == Numbers(("x1", "x2"))
    assert asked(batch.targets).sum(axis=1).tolist() == (5 + 3 * (np.arange(4, 30, 5) % 3)).tolist()


@pytest.mark.parametrize("shape", [(30,), (30, 2), (30, 12, 3)])
def test_numbers_may_be_the_answer_at_the_end_or_at_every_token(tmp_path, shape):
    task = opened(arrays_file(tmp_path, y=np.random.default_rng(3).normal(size=shape)))
    targets = task.held_out(20).targets
    assert targets.shape[2] == (shape[-1] if len(shape) > 1 else 1)
    lengths = 6 + 3 * (np.arange(4, 30, 5) % 3)
    assert asked(targets).sum(axis=1).tolist() == (lengths if len(shape) == 3 else np.ones(6)).tolist()


def test_labels_may_stand_at_every_token(tmp_path):
    labels = np.random.default_rng(3).integers(0, 4, (30, 12))
    targets = opened(arrays_file(tmp_path, y=labels)).held_out(20).targets
    np.testing.assert_array_equal(targets[0, :9], labels[4, :9])


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"x": np.zeros((30, 2, 2, 2))}, r"the sequences are \(30, 2, 2, 2\), expected \(N, T, D\) or \(N, T\)"),
        ({"x": np.full((30, 12, 2), np.inf)}, "token 0 of sequence 0 is not finite"),
        ({"lengths": np.zeros(30, int)}, "lengths run from 0 to 0, expected 1 to 12"),
        ({"lengths": np.ones(3)}, r"lengths are \(3,\) of float64, expected \(30,\) whole numbers"),
        ({"y": np.zeros(3, int)}, r"the answers are \(3,\) of int64, expected \(30,\) labels or numbers"),
        ({"y": np.zeros(30, int)}, "labels run up to 0, expected 2 to 1000"),
        ({"y": np.full(30, -1)}, "a label is -1"),
        ({"y": np.full(30, np.nan)}, "an answer is not finite"),
        ({"x": None}, "it has 'y', 'lengths', expected the sequences under the name 'x'"),
    ],
)
def test_arrays_that_do_not_fit_are_told(tmp_path, parts, sentence):
    with pytest.raises(BadFileError, match=sentence):
        opened(arrays_file(tmp_path, **parts))


def test_too_few_sequences_are_told(tmp_path):
    with pytest.raises(BadFileError, match="4 sequences, expected at least 5"):
        opened(arrays_file(tmp_path, 4))


def test_padding_is_shown_and_no_gradient_comes_from_it(tmp_path):
    made = trainer(task="own_arrays", file=arrays_file(tmp_path))
    list(made.updates(3))
    trace = made.trace()
    assert (trace.tokens, trace.padding) == (12, 3)
    assert not trace.layers[0].hidden_grads[9:].any()
    assert trace.layers[0].hidden_grads[:9].any(axis=1).all()
    assert not trace.losses[9:].any()
    # The only loss is that of the last token that is there: its gradient is the whole one.
    np.testing.assert_allclose(trace.layers[0].hidden_grads_last, trace.layers[0].hidden_grads, rtol=1e-6)


def test_windows_of_text_have_no_padding():
    assert trainer().trace().padding == 0
    assert trainer(bidirectional=True).trace().padding == 0


def test_a_network_learns_the_labels(tmp_path):
    made = trainer(task="own_arrays", file=arrays_file(tmp_path), rate=0.03)
    assert [record.accuracy for record in made.updates(100)][-10:] == [1.0] * 10
