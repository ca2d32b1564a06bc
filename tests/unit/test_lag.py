"""The lag, a dial beside the length: what is asked for is asked at that lag, every line holds, None is as before."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rnnviz.config import RunConfig
from rnnviz.config.run_config import sentences
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import NO_TARGET, chance
from rnnviz.training.trainer import Trainer
from tests.builders import config

DIALS = {name: kind.lag for name, kind in TASKS.items() if kind.lag is not None}
MARKED = ("adding", "multiplication")


@st.composite
def lags(draw, name, longest=40):
    """A length and a lag that fits it."""
    dial = DIALS[name]
    length = draw(st.integers(dial.least + dial.room, dial.room + longest))
    return length, draw(st.integers(dial.least, dial.greatest(length)))


def drawn(name, length, lag, size=200, seed=0):
    task = TASKS[name].open(None, length, lag)
    return task, task.batch(np.random.default_rng(seed), size, length)


def test_the_memory_probes_with_one_lag_have_the_dial():
    assert set(DIALS) == {"look_ahead", "copy", "delayed_bit", "temporal_order", *MARKED}


# What the tasks drew before there was a dial: 64 sequences of seed 3 and what is held out, to four decimals.
BEFORE = [
    ("look_ahead", 12, "86d3e08b2ccfb3c3"),
    ("copy", 30, "067c795a0a60ad6c"),
    ("delayed_bit", 17, "6df3a05b337d3b16"),
    ("adding", 13, "1d23a1dc551d7aaf"),
    ("multiplication", 13, "b108441ae10c8fb4"),
    ("temporal_order", 25, "d4fb290b24dc5d7b"),
]


@pytest.mark.parametrize(("name", "length", "digest"), BEFORE)
def test_without_a_lag_the_sequences_are_those_of_before(name, length, digest):
    task, made = TASKS[name].open(None, length), hashlib.sha256()
    for batch in (task.batch(np.random.default_rng(3), 64, length), task.held_out(length)):
        for array in batch:
            rounded = (np.nan_to_num(array.astype(np.float64), nan=9) * 1e4).round()
            made.update(rounded.astype("<i8").tobytes())
    assert made.hexdigest().startswith(digest)


@pytest.mark.parametrize("name", DIALS)
@pytest.mark.parametrize("more", [0, 1, 2, 7, 30, 101])
def test_the_tasks_own_lag_gives_the_very_sequences_of_no_lag(name, more):
    length = TASKS[name].least_length + more
    task, given = drawn(name, length, DIALS[name].own(length))
    plain, own = drawn(name, length, None)
    for array, expected in zip(given, own, strict=True):
        np.testing.assert_array_equal(array, expected)
    assert task.note == plain.note


@given(given=lags("look_ahead"))
def test_looking_ahead_asks_for_what_comes_a_lag_later(given):
    length, lag = given
    _, (inputs, targets) = drawn("look_ahead", length, lag, 5)
    for token in range(length):
        wanted = inputs[:, token + lag] if token + lag < length else NO_TARGET
        assert (targets[:, token] == wanted).all()


@given(given=lags("copy"))
def test_the_letters_are_copied_after_as_many_blanks_as_the_lag_says(given):
    length, lag = given
    task, (inputs, targets) = drawn("copy", length, lag, 3)
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        read = "".join(task.reads.labels[code] for code in row)
        letters = read[:10]
        assert set(letters) <= set("abcdefgh")
        assert read == letters + "·" * lag + "▸" + "·" * (length - lag - 11)
        said = "".join(task.predicts.labels[code] for code in wanted)
        assert said == "·" * (11 + lag) + letters + "·" * (length - lag - 21)


@given(given=lags("delayed_bit"))
def test_the_first_bit_is_asked_for_a_lag_later(given):
    length, lag = given
    _, (inputs, targets) = drawn("delayed_bit", length, lag, 30)
    np.testing.assert_array_equal(inputs[:, 0, 0], 2 * targets[:, lag] - 1)
    assert (np.delete(targets, lag, axis=1) == NO_TARGET).all()


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.parametrize(("length", "lag"), [(9, 0), (9, 3), (9, 7), (10, 5), (2, 0)])
def test_of_the_tokens_before_the_lag_one_in_each_half_is_marked(name, length, lag):
    _, (inputs, targets) = drawn(name, length, lag, 600)
    values, markers = inputs[..., 0], inputs[..., 1]
    places = np.array([np.flatnonzero(row) for row in markers])
    end = length - lag
    assert set(places[:, 0]) == set(range(end // 2))
    assert set(places[:, 1]) == set(range(end // 2, end))  # so the lag is what there is at least, and it is reached
    pair = np.take_along_axis(values, places, 1)
    answer = pair.sum(1) if name == "adding" else pair.prod(1)
    np.testing.assert_array_equal(targets[:, -1, 0], answer)
    assert np.isnan(targets[:, :-1]).all()


@pytest.mark.parametrize(
    ("length", "lag", "first", "second"),
    [
        (20, 8, {2, 3}, {10, 11}),  # as published
        (20, 2, {3, 4, 5}, {15, 16, 17}),
        (20, 0, {4, 5, 6}, {17, 18, 19}),
        (20, 14, {1}, {5}),
        (20, 16, {1}, {3}),
        (50, 44, {1}, {5}),
        (12, 4, {2}, {6, 7}),
    ],
)
def test_so_many_distractors_as_the_lag_says_follow_the_second_symbol(length, lag, first, second):
    task, (inputs, targets) = drawn("temporal_order", length, lag, 2000)
    places = np.array([np.flatnonzero(row < 2) for row in inputs])
    assert (set(places[:, 0]), set(places[:, 1])) == (first, second)
    assert length - 1 - max(second) == lag
    read = ["".join(task.vocabulary[code] for code in row if code < 2) for row in inputs]
    assert [task.predicts.labels[code] for code in targets[:, -1]] == read
    assert (targets[:, :-1] == NO_TARGET).all()


@given(given=lags("temporal_order", 200))
def test_the_second_symbol_is_never_nearer_to_the_end_than_the_lag_and_may_be_so_near(given):
    length, lag = given
    _, (inputs, _) = drawn("temporal_order", length, lag, 400)
    places = np.array([np.flatnonzero(row < 2) for row in inputs])
    assert places.shape == (400, 2)
    assert length - 1 - places[:, 1].max() == lag


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.parametrize(("length", "lag"), [(8, 3), (20, 18)])
def test_the_lines_of_two_marked_numbers_hold_for_every_lag(name, length, lag):
    task, (inputs, targets) = drawn(name, length, lag, 200_000)
    wanted = targets[:, -1, 0].astype(float)
    half = (length - lag) // 2
    second = (inputs[:, half:, 0] * inputs[:, half:, 1]).sum(axis=1)
    assert wanted.var() == pytest.approx(chance(task, length).loss, rel=0.015)
    guess = second + 1 / 2 if name == "adding" else second / 2
    assert np.mean((wanted - guess) ** 2) == pytest.approx(task.best.loss, rel=0.015)


@pytest.mark.parametrize(("length", "lag"), [(40, 0), (40, 7), (40, 19), (21, 0)])
def test_the_lines_of_copying_hold_for_every_lag(length, lag):
    task, (inputs, targets) = drawn("copy", length, lag, 20_000)
    _, counts = np.unique(targets, return_counts=True)
    shares = counts / counts.sum()
    assert chance(task, length).loss == pytest.approx(-(shares * np.log(shares)).sum(), abs=2e-4)
    after = np.cumsum(inputs == task.reads.labels.index("▸"), axis=1) - (inputs == task.reads.labels.index("▸"))
    answers = after.astype(bool) & (np.cumsum(after, axis=1) <= 10)  # who counts knows when, and guesses what
    assert (targets[~answers] == task.predicts.labels.index("·")).all()
    letters = np.bincount(targets[answers], minlength=9)[:8] / answers.sum()
    assert -(letters * np.log(letters)).sum() * answers.mean() == pytest.approx(task.best.loss, abs=2e-4)


@pytest.mark.parametrize(
    ("name", "length", "lag", "classes"),
    [
        ("look_ahead", 9, 2, 2),
        ("delayed_bit", 9, 4, 2),
        ("temporal_order", 14, 9, 4),
    ],
)
def test_a_blind_guess_of_labels_is_as_good_as_told_for_every_lag(name, length, lag, classes):
    task, (_, targets) = drawn(name, length, lag, 20_000)
    shares = np.bincount(targets[targets != NO_TARGET]) / np.count_nonzero(targets != NO_TARGET)
    np.testing.assert_allclose(shares, 1 / classes, atol=0.015)
    assert chance(task, length).loss == pytest.approx(math.log(classes), rel=1e-12)


def test_who_has_read_up_to_a_token_knows_nothing_of_a_bit_that_comes_later():
    _, (inputs, targets) = drawn("look_ahead", 6, 1, 40_000)
    read = inputs[:, :4] @ (8, 4, 2, 1)
    for seen in range(16):
        assert targets[read == seen, 3].mean() == pytest.approx(0.5, abs=0.045)


@pytest.mark.parametrize(
    ("name", "length", "lag", "words"),
    [
        ("look_ahead", 20, 3, "the bit that comes 3 tokens later"),
        ("look_ahead", 20, 1, "the bit that comes 1 token later"),
        ("delayed_bit", 20, 6, "asked for 6 tokens later, what follows counts for nothing"),
        ("delayed_bit", 20, 19, "asked for after the last"),
        ("adding", 20, 4, "after the last token, at least 4 tokens after the second of them"),
        ("multiplication", 20, 4, "after the last token, at least 4 tokens after the second of them"),
        ("adding", 20, 0, "after the last token. "),
        ("temporal_order", 20, 8, "at least 8 tokens after the second"),
        ("copy", 40, 7, "after 7 blanks ▸ comes"),
    ],
)
def test_the_note_names_the_lag(name, length, lag, words):
    assert words in TASKS[name].open(None, length, lag).note


@pytest.mark.parametrize("name", DIALS)
def test_the_least_and_the_greatest_lag_are_trained_and_traced(name):
    dial = DIALS[name]
    for length in (dial.least + dial.room, dial.least + dial.room + 9):
        for lag in {dial.least, dial.greatest(length)}:
            run = Trainer(config(task=name, length=length, lag=lag))
            assert np.isfinite(run.update().loss)
            assert np.isfinite(run.trace().losses).all()


@pytest.mark.parametrize(
    ("task", "length", "lag", "sentence"),
    [
        ("look_ahead", 4, 4, "lag is 4, expected 1 to 3 for 4 tokens of the task 'look_ahead'"),
        ("look_ahead", 4, 0, "lag is 0, expected 1 to 3 for 4 tokens of the task 'look_ahead'"),
        ("look_ahead", 1, 1, "length is 1, expected at least 2 for the task 'look_ahead'"),
        ("look_ahead", 5, None, "length is 5, expected at least 6 for the task 'look_ahead'"),
        ("copy", 30, 10, "lag is 10, expected 0 to 9 for 30 tokens of the task 'copy'"),
        ("copy", 21, 1, "lag is 1, expected 0 for 21 tokens of the task 'copy'"),
        ("delayed_bit", 8, 8, "lag is 8, expected 0 to 7 for 8 tokens of the task 'delayed_bit'"),
        ("adding", 8, 7, "lag is 7, expected 0 to 6 for 8 tokens of the task 'adding'"),
        ("temporal_order", 20, 17, "lag is 17, expected 0 to 16 for 20 tokens of the task 'temporal_order'"),
        ("look_ahead", 20, 2000, "lag is 2000, expected less than or equal to 1999"),
        ("look_ahead", 20, -1, "lag is -1, expected greater than or equal to 0"),
    ],
)
def test_a_lag_that_does_not_fit_is_refused_with_what_would(task, length, lag, sentence):
    with pytest.raises(ValidationError) as refused:
        config(task=task, length=length, lag=lag)
    assert sentences(refused.value) == sentence


@pytest.mark.parametrize("name", sorted(set(TASKS) - set(DIALS)))
def test_a_task_without_the_dial_refuses_a_lag_and_says_which_have_one(name, tmp_path):
    with pytest.raises(ValidationError) as refused:
        config(task=name, file=tmp_path / "any", length=60, lag=3)
    assert sentences(refused.value) == (
        f"lag is 3, expected none for the task {name!r}, whose lag cannot be chosen; it can for {', '.join(DIALS)}"
    )


def test_settings_that_were_written_before_there_was_a_lag_are_read_as_they_were():
    before = config(task="look_ahead", length=12)
    written = before.model_dump(mode="json")
    del written["lag"]
    assert RunConfig(**written) == before


def test_a_lag_is_told_where_two_runs_differ_in_it():
    plain = config(task="look_ahead", length=12)
    assert plain.difference_in_words(plain.changed(lag=2)) == "lag off → 2"
    assert plain.changed(lag=3).difference_in_words(plain.changed(lag=2)) == "lag 3 → 2"


def test_a_twin_goes_on_with_the_lag_of_its_run():
    run = Trainer(config(task="look_ahead", length=12, lag=2, bidirectional=True))
    list(run.updates(3))
    twin = run.fork(clip="off", rate=0.02)
    assert twin.config == run.config.changed(clip="off", rate=0.02)
    twin.update()
    run.update()
    np.testing.assert_array_equal(twin._last.targets.numpy(), run._last.targets.numpy())
    np.testing.assert_array_equal(twin._last.targets[:, :-2].numpy(), twin._last.inputs[:, 2:].numpy())


def test_the_answer_of_a_bit_that_is_asked_for_early_is_the_last_that_is_shown():
    trace = Trainer(config(task="delayed_bit", length=12, lag=4)).trace()
    assert trace.tokens == 5
    assert trace.reading.targets[:4] == (None,) * 4
    assert trace.losses[4] > 0
    assert np.abs(trace.layers[0].hidden_grads[0]).max() > 0


def test_what_is_asked_for_nearby_is_learned_where_a_long_lag_is_not():
    """The dial does what it says: one bit, kept over 2 tokens or over 60, by a network that forgets half at each."""
    losses = {}
    for lag in (2, 59):
        made = config(task="delayed_bit", length=60, lag=lag, hidden=8, batch=16, forget_bias=0.0, rate=0.02)
        losses[lag] = [record.loss for record in Trainer(made).updates(150)][-1]
    assert losses[2] < 0.25
    assert losses[59] > 0.6
