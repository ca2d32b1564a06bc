"""A network that goes on by itself: against one run over the whole sequence, and against loops by hand."""

import math

import numpy as np
import pytest
import torch

from rnnviz.analysis.chances import chances, drawn, lots
from rnnviz.cells import CELLS
from rnnviz.domain.continuation import GoingOn, OwnSequence
from rnnviz.domain.trace import Trace
from rnnviz.domain.values import Symbols
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import asked, mute, predicts, reads
from rnnviz.training import speaker
from rnnviz.training.speaker import reader_of
from tests.builders import config, file_for, relative_errors, trainer

CELL = pytest.mark.parametrize("cell", CELLS)
SERIES = {"task": "airline", "length": 30, "hidden": 8}


def trained(updates=3, **changes):
    made = trainer(**{"task": "hello", **changes})
    for _ in range(updates):
        made.update()
    return made


def of_the_trace(made):
    """The network whose trace is shown: that of before the newest update."""
    return made._shown().network


@CELL
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_token_by_token_with_the_state_is_one_run_over_the_whole_sequence(cell, layers):
    made = trained(cell=cell, layers=layers, length=40)
    read, inputs = reader_of(made.network), made._data.displayed()[0]
    whole, last = read(inputs[None], None)
    states, rows = None, []
    for token in inputs:
        output, states = read(token[None, None], states)
        rows.append(output[0, 0])
    np.testing.assert_array_less(relative_errors(torch.stack(rows).numpy(), whole[0].numpy()), 1e-5)
    for ours, theirs in zip(states, last, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@CELL
@pytest.mark.parametrize("layers", [1, 3])
def test_the_greedy_text_is_that_of_reading_everything_anew_for_each_token(cell, layers):
    made = trained(30, cell=cell, layers=layers, task="hello", rate=0.05)
    found = made.sampling(GoingOn(after=4, temperature=0)).finish()
    codes = made._data.displayed()[0][:5].tolist()
    with torch.no_grad():
        for _ in range(25):
            codes.append(int(of_the_trace(made)(torch.tensor([codes])).logits[0, -1].argmax()))
    labels = made.facts.vocabulary
    assert found.labels[:30] == tuple(labels[code] for code in codes)
    assert found.drawn_at.tolist() == [1.0] * len(found.drawn)
    assert found.entropy.tolist() == [0.0] * len(found.drawn)


def test_what_is_drawn_has_the_probabilities_of_the_softmax_and_the_lots_of_its_places():
    made = trained(20, task="hello", rate=0.05)
    how = GoingOn(after=2, temperature=1.7, seed=4)
    found = made.sampling(how).finish()
    labels, at = made.facts.vocabulary, lots(4, 3 + len(found.drawn))
    codes = [labels.index(label) for label in found.labels]
    with torch.no_grad():
        logits = of_the_trace(made)(torch.tensor([codes[:-1]])).logits[0].numpy()
    for place in range(3, 60):
        own, sharp = chances(logits[place - 1]), chances(logits[place - 1], 1.7)
        assert codes[place] == drawn(sharp, at[place])
        assert found.chances[place - 3] == pytest.approx(own[codes[place]], rel=1e-4)
        assert found.drawn_at[place - 3] == pytest.approx(sharp[codes[place]], rel=1e-4)
        assert found.entropy[place - 3] == pytest.approx(-(sharp * np.log(sharp)).sum(), rel=1e-4)
        assert found.others[place - 3][0] == labels[own.argmax()]
        np.testing.assert_allclose(found.other_chances[place - 3], np.sort(own)[::-1][:5], rtol=1e-4)


def test_the_first_labels_of_many_seeds_follow_the_softmax():
    made = trained(20, task="hello", rate=0.05)
    with torch.no_grad():
        logits = of_the_trace(made)(made._data.displayed()[0][None, :4]).logits[0, -1].numpy()
    wanted = chances(logits, 2.0) * 4000
    labels = made.facts.vocabulary
    counts = np.bincount([drawn(chances(logits, 2.0), lots(seed, 5)[4]) for seed in range(4000)], minlength=len(labels))
    assert ((counts - wanted) ** 2 / wanted).sum() < 24.3  # 7 degrees of freedom, one of a thousand
    for seed in range(5):
        found = made.sampling(GoingOn(after=3, temperature=2.0, seed=seed)).finish()
        assert found.drawn[0] == labels[drawn(chances(logits, 2.0), lots(seed, 5)[4])]


def test_a_high_temperature_makes_all_labels_alike():
    found = trained(30, task="hello", rate=0.05).sampling(GoingOn(temperature=1e9)).finish()
    np.testing.assert_allclose(found.drawn_at, 1 / 8, rtol=1e-6)
    np.testing.assert_allclose(found.entropy, math.log(8), rtol=1e-9)


def test_another_seed_draws_another_text_and_the_same_one_the_same():
    made = trained()
    texts = [made.sampling(GoingOn(seed=seed)).finish().drawn for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


def test_from_a_token_that_was_drawn_the_same_ones_are_drawn_again():
    made = trained(10, task="python", length=30)
    first = made.sampling(GoingOn(after=5, temperature=0.9, seed=2)).finish()
    made.display(OwnSequence(first.labels[:60], 6, first.initial))
    again = made.sampling(GoingOn(after=40, temperature=0.9, seed=2)).finish()
    assert again.prefix == first.labels[:41]
    assert again.drawn[: len(first.labels) - 41] == first.labels[41:]


@pytest.mark.parametrize("cell", ["lstm", "gru_textbook"])
def test_the_losses_of_a_displayed_text_are_those_of_the_tokens_that_were_drawn(cell):
    """−ln of the probability with which each was drawn: trace and continuation agree."""
    made = trained(10, cell=cell, layers=2, length=30)
    found = made.sampling(GoingOn(after=7)).finish()
    made.display(OwnSequence(found.labels, 8, found.initial))
    trace = made.trace()
    assert (trace.written, trace.tokens) == (8, len(found.labels) - 1)
    assert trace.reading.tokens == found.labels[:-1]
    assert trace.reading.targets == found.labels[1:]
    np.testing.assert_allclose(trace.losses[7:], -np.log(found.chances), rtol=1e-4)
    made.display(None)
    assert made.trace().written is None
    assert made.trace().tokens == 30


def test_a_state_that_was_carried_is_what_a_text_begins_with():
    made = trained(5, task="hello", carry=True, shown="batch")
    found = made.sampling(GoingOn(after=2)).finish()
    assert made.trace().carried
    plain = made._displayed_initial()
    np.testing.assert_array_equal(found.initial[0][0], plain[0][0][0])
    made.display(OwnSequence(found.labels, 3, found.initial))
    np.testing.assert_allclose(made.trace().losses[2:], -np.log(found.chances), rtol=1e-4)
    assert made.trace().carried


def test_going_on_does_not_touch_the_training():
    one, other = trained(2), trained(2)
    study = one.sampling(GoingOn())
    before = study.advance()
    records = [one.update(), other.update()]
    study.finish()
    records += [one.update(), other.update()]
    assert before is None
    assert [record.loss for record in records[::2]] == [record.loss for record in records[1::2]]


def test_a_study_is_of_the_weights_it_began_with_however_it_is_cut(monkeypatch):
    made = trained(5)
    whole = made.sampling(GoingOn()).finish()
    study = made.sampling(GoingOn())
    while (result := study.advance()) is None:
        made.update()
    assert result.labels == whole.labels
    assert result.update == whole.update == 5
    np.testing.assert_array_equal(result.chances, whole.chances)


def test_a_read_out_that_is_not_finite_ends_the_text():
    made = trained(1)
    made._before.readout.bias.data[0] = math.nan
    found = made.sampling(GoingOn()).finish()
    assert (found.drawn, found.broken) == ((), True)
    assert found.other_chances.shape == (0, 5)


# Numbers.


@CELL
@pytest.mark.parametrize("layers", [1, 2])
def test_a_forecast_is_that_of_reading_everything_anew_for_each_step(cell, layers):
    made = trained(20, cell=cell, layers=layers, **SERIES)
    found = made.forecast(GoingOn(after=12, ahead=7)).finish()
    row = made._data.displayed()[0][:13]
    with torch.no_grad():
        for _ in range(7):
            row = torch.cat([row, of_the_trace(made)(row[None]).logits[0, -1:]])
    assert found.origin == 12
    np.testing.assert_allclose(found.given, row[13:].numpy(), rtol=1e-4, atol=1e-6)


def test_the_errors_are_those_of_forecasts_one_by_one():
    made = trained(20, **SERIES)
    found = made.forecast(GoingOn(after=3, ahead=5)).finish()
    inputs, targets = made._data.displayed()
    x = np.concatenate([inputs.numpy()[:, 0], targets.numpy()[-1]]).astype(np.float64)
    np.testing.assert_array_equal(found.known[:, 0], x.astype(np.float32))
    held_out = np.concatenate([[False], asked(targets.numpy())])
    squares, plain = [[] for _ in range(5)], [[] for _ in range(5)]
    for origin in range(15, 30):
        said = made.forecast(GoingOn(after=origin, ahead=5)).finish().given[:, 0]
        for step in range(5):
            token = origin + 1 + step
            if token <= 30 and held_out[token]:
                squares[step].append((said[step] - x[token]) ** 2)
                plain[step].append((x[origin] - x[token]) ** 2)
    assert found.origins.tolist() == [len(row) for row in squares] == [15, 14, 13, 12, 11]
    np.testing.assert_allclose(found.errors, [math.sqrt(np.mean(row)) for row in squares], rtol=1e-4)
    np.testing.assert_allclose(
        found.rule_errors["stays as it is"], [math.sqrt(np.mean(row)) for row in plain], rtol=1e-6
    )


def test_rules_are_compared_behind_tokens_where_all_of_them_say_something():
    made = trainer(task="airline", length=20)
    found = made.forecast(GoingOn(after=15, ahead=2)).finish()
    assert set(found.rules) == {"stays as it is", "grows as 12 before"}
    assert found.origins.tolist() == [8, 7]  # the season is known from token 12 on, not from 10
    assert np.isfinite([found.errors, *found.rule_errors.values()]).all()


def test_behind_the_first_token_the_forecast_begins_so_early_that_it_ends_with_what_is_known():
    made = trainer(**SERIES)
    assert made.forecast(GoingOn(after=0, ahead=6)).finish().origin == 24
    assert made.forecast(GoingOn(after=1, ahead=6)).finish().origin == 1
    assert made.forecast(GoingOn(after=999, ahead=6)).finish().origin == 29


def test_a_network_that_knows_the_series_forecasts_it_exactly():
    """x_{t+1} = −x_t is learned by weights of one's own."""
    made = trainer(cell="rnn_relu", hidden=2, task="sines", length=12)
    for parameter in made.network.parameters():
        parameter.data.zero_()
    layer = made.network.layers[0]
    layer.weight_ih_l0.data[:, 0] = torch.tensor([1.0, -1.0])
    made.network.readout.weight.data[0] = torch.tensor([-1.0, 1.0])
    found = made.forecast(GoingOn(after=5, ahead=4)).finish()
    last = float(found.known[5, 0])
    np.testing.assert_allclose(found.given[:, 0], [-last, last, -last, last], rtol=1e-6)


# Which tasks can be gone on with.


@pytest.mark.parametrize("name", TASKS)
def test_a_task_can_be_gone_on_with_where_the_next_token_is_what_was_asked_for(name, tmp_path):
    task = TASKS[name].open(file_for(name, tmp_path), 20)
    inputs, targets = task.batch(np.random.default_rng(0), 8, 20)
    kinds = reads(task), predicts(task)
    same = type(kinds[0]) is type(kinds[1]) and (
        kinds[0].labels == kinds[1].labels if isinstance(kinds[0], Symbols) else kinds[0].size == kinds[1].size
    )
    here = asked(targets)[:, :-1]
    follows = same and here.any() and bool(np.array_equal(inputs[:, 1:][here], targets[:, :-1][here]))
    assert (mute(task) == "") == follows


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("speech", "it reads numbers and predicts labels, which it cannot read"),
        ("dates", "the labels that it predicts are not the ones that it reads"),
        ("adding", "what it predicts at a token is not what is read at the next one"),
    ],
)
def test_where_a_network_cannot_go_on_it_is_said_why(name, reason):
    made = trainer(task=name)
    assert made.facts.mute == reason
    assert made.sampling(GoingOn()) is None
    assert made.forecast(GoingOn()) is None
    with pytest.raises(ValueError, match=f"another sequence cannot be shown: {reason}"):
        made.display(OwnSequence(("a", "b"), 1))


def test_who_reads_backward_cannot_go_on():
    made = trainer(bidirectional=True, task="hello")
    assert made.facts.mute.startswith("it also reads from the last token to the first")
    assert made.sampling(GoingOn()) is None


def test_labels_are_sampled_and_numbers_are_forecast():
    letters, numbers = trainer(task="hello"), trainer(**SERIES)
    assert (letters.facts.mute, numbers.facts.mute) == ("", "")
    assert letters.forecast(GoingOn()) is None
    assert numbers.sampling(GoingOn()) is None


def test_a_label_that_cannot_be_read_is_refused_and_nothing_changes():
    made = trainer(task="hello")
    with pytest.raises(ValueError, match="has the label 'x', which the network cannot read"):
        made.display(OwnSequence(("h", "x"), 1))
    assert made.trace().written is None


def test_a_twin_shows_the_same_sequence():
    made = trained(task="hello")
    made.display(OwnSequence(tuple("hello hello"), 5))
    trace = made.fork(clip="off").trace()
    assert (trace.written, trace.tokens) == (5, 10)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"after": -1}, "after is -1, expected a token, 0 or more"),
        ({"temperature": -0.1}, "temperature is -0.1, expected a number, 0 or more"),
        ({"temperature": math.nan}, "temperature is nan, expected a number, 0 or more"),
        ({"ahead": 0}, "ahead is 0, expected 1 to 24 steps"),
        ({"ahead": 25}, "ahead is 25, expected 1 to 24 steps"),
    ],
)
def test_a_way_of_going_on_that_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        GoingOn(**wrong)


def test_a_sequence_of_one_s_own_has_something_to_ask_for():
    with pytest.raises(ValueError, match="expected at least two: one to read and one to ask for"):
        OwnSequence(("a",), 0)
    with pytest.raises(ValueError, match="written is 3, expected 0 to 2"):
        OwnSequence(("a", "b"), 3)


def test_large_networks_are_read_in_smaller_slices(monkeypatch):
    sizes = []
    monkeypatch.setattr(speaker, "sampling", lambda begin, *_: sizes.append(begin.slice_) or iter(()))
    for hidden in (6, 300, 700):
        trainer(task="hello", hidden=hidden).sampling(GoingOn())
    assert sizes == [8, 2, 1]


def test_a_trace_says_whether_the_network_wrote_its_sequence():
    assert Trace(trainer().trace().layers).written is None
    assert config().shown == "fixed"
