"""A model that was trained elsewhere offers what a trainer does, but is never updated."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.analysis.tables import unfolded
from rnnviz.domain.checkpoint import ModelChoice
from rnnviz.domain.intervention import ZeroUnit
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.exchange.messages import Failed, Inspected
from rnnviz.exchange.orders import Inspect
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.training.fixed import FixedModel
from tests.unit.foreign import lightning, parallel, plain, safe, whole_dict

LETTERS = "abcdefghij "


@pytest.fixture
def text_choice(tmp_path):
    """The bidirectional GRU of two layers, which predicts the next letter of a text."""
    vocabulary, text = tmp_path / "letters.txt", tmp_path / "text.txt"
    vocabulary.write_text("\n".join(LETTERS) + "\n")
    text.write_text("a bad head faced a big cab")
    path = plain(tmp_path).path
    ends = {"embedding": "embed.weight", "readout": "head.weight"}
    return ModelChoice(path, "rnn", data=text, vocabulary=vocabulary, length=12, scalar="next", **ends)


def by_torch(choice):
    """Losses (T,) and d(sum of losses)/d(embedded input), by torch alone."""
    state = torch.load(choice.path, weights_only=True)
    rnn = nn.GRU(6, 5, 2, bidirectional=True)
    rnn.load_state_dict({name.removeprefix("rnn."): tensor for name, tensor in state.items() if "rnn." in name})
    indices = torch.tensor([LETTERS.index(letter) for letter in choice.data.read_text()])
    x = state["embed.weight"][indices[: choice.length]].requires_grad_()
    logits = nn.functional.linear(rnn(x)[0], state["head.weight"], state["head.bias"])
    losses = nn.functional.cross_entropy(logits, indices[1 : choice.length + 1], reduction="none")
    return losses.detach().numpy(), logits.softmax(-1).detach().numpy()


def test_losses_and_probabilities_are_those_of_torch(text_choice):
    trace = FixedModel(text_choice).trace()
    losses, probabilities = by_torch(text_choice)
    np.testing.assert_allclose(trace.losses, losses, rtol=1e-5)
    np.testing.assert_allclose(trace.reading.probabilities, probabilities, rtol=1e-5)
    assert "".join(trace.reading.tokens) == "a bad head f"
    assert "".join(trace.reading.targets) == " bad head fa"


def test_the_rows_of_influence_sum_to_the_total_gradient(text_choice):
    residuals = InfluenceStudy(FixedModel(text_choice).subject()).finish().residuals
    assert len(residuals) == 4
    assert max(residuals) < 1e-5


@pytest.mark.parametrize("program", [whole_dict, parallel, lightning, safe])
def test_every_scalar_has_its_gradient_and_every_study_its_result(program, tmp_path):
    written = program(tmp_path)
    model = FixedModel(ModelChoice(written.path, written.stack, length=7))
    trace = model.trace()
    top = np.concatenate([layer.hidden for layer in trace.layers if layer.layer == trace.layers[-1].layer], axis=1)
    wanted = np.zeros(7)
    wanted[-1] = (top[-1] ** 2).sum()
    np.testing.assert_allclose(trace.losses, wanted, rtol=1e-6)
    direct = [layer.hidden_grads_direct for layer in trace.layers if layer.layer == trace.layers[-1].layer]
    np.testing.assert_allclose(np.concatenate(direct, axis=1)[-1], 2 * top[-1], rtol=1e-6)
    assert SpectrumStudy(model.subject(), gain=1.0).finish().layers[0].cell == trace.layers[0].cell


def test_one_unit_and_one_output_are_scalars_too(tmp_path):
    written = whole_dict(tmp_path)
    unit = FixedModel(ModelChoice(written.path, written.stack, length=5, scalar="unit", place=3)).trace()
    assert unit.losses[-1] == unit.layers[-1].hidden[-1, 3]
    output = ModelChoice(written.path, written.stack, readout="model.fc.weight", length=5, scalar="output", place=1)
    trace = FixedModel(output).trace()
    assert trace.losses[-1] == pytest.approx(trace.reading.given[-1, 1], rel=1e-6)
    assert not trace.losses[:-1].any()


def test_a_model_that_reads_numbers_predicts_the_next_row(tmp_path):
    model = nn.ModuleDict({"rnn": nn.LSTM(2, 4), "out": nn.Linear(4, 2)})
    torch.save(model.state_dict(), tmp_path / "m.pt")
    rows = np.random.default_rng(1).normal(size=(9, 2))
    np.save(tmp_path / "rows.npy", rows)
    choice = ModelChoice(
        tmp_path / "m.pt", "rnn", readout="out.weight", data=tmp_path / "rows.npy", length=20, scalar="next"
    )
    trace = FixedModel(choice).trace()
    given = model["out"](model["rnn"](torch.from_numpy(rows).float())[0]).detach().numpy()
    errors = ((given[:-1] - rows[1:]) ** 2).mean(axis=1)
    np.testing.assert_allclose(trace.losses, [*errors, 0], rtol=1e-5)
    assert trace.tokens == 9


def test_what_is_read_and_predicted_follows_from_the_choice(text_choice, tmp_path):
    facts = FixedModel(text_choice).facts
    assert facts.reads == facts.predicts == Symbols(tuple(LETTERS))
    assert facts.fixed.startswith("plain.pt is shown as it is and is not trained.")
    written = safe(tmp_path)
    assert FixedModel(ModelChoice(written.path, "lstm")).facts.predicts == Numbers(("Σ h²",))


def test_interventions_change_the_pass_and_nothing_else(text_choice):
    model = FixedModel(text_choice)
    changed = model.trace([ZeroUnit(1, layer=1)])
    assert not changed.layers[2].hidden[:, 1].any()
    untouched = model.trace().layers[2].hidden
    np.testing.assert_allclose(changed.untouched.layers[2].hidden, untouched, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"stack": "lstm"}, "layer is 'lstm', expected one of 'rnn'"),
        ({"cell": "lstm"}, "cell is 'lstm', expected one of gru, gru_textbook"),
        ({"embedding": "head.weight"}, "embedding is 'head.weight', expected what fits rnn: 'embed.weight'"),
        ({"readout": None}, "readout is not set, expected one for the loss of predicting the next token"),
        ({"scalar": "unit", "place": 10}, "place is 10, expected 0 to 9"),
        ({"scalar": "output", "place": -1}, "place is -1, expected 0 to 10"),
        ({"vocabulary": None}, "vocabulary is not set, expected a file with the model's 11 tokens"),
        ({"start": 1000}, "start is 1000, expected less than 26"),
        ({"embedding": None, "one_hot": True, "scalar": "unit"}, "11 tokens, expected at most 6, which the model"),
    ],
)
def test_choices_that_do_not_fit_are_told(change, sentence, text_choice):
    with pytest.raises(ValueError, match=sentence):
        FixedModel(replace(text_choice, **change))


def test_the_worker_shows_it_and_refuses_to_train_it(bench, text_choice):
    bench.begin()
    bench.train(2)
    bench.control.run()
    bench.control.open_model(text_choice)
    bench.wait_for(lambda: len(bench.starts) == 2)
    bench.stand()
    assert bench.starts[-1].facts.fixed
    assert bench.traces[-1].tokens == 12
    assert not bench.failures
    bench.control.run()
    bench.wait_for(lambda: bench.failures)
    bench.stand()
    assert [failed.sentence for failed in bench.failures] == [bench.starts[-1].facts.fixed]


def test_a_model_can_be_left_for_the_run_before_it(bench, text_choice):
    bench.begin()
    bench.train(2)
    bench.control.open_model(text_choice)
    bench.wait_for(lambda: len(bench.starts) == 2)
    bench.control.go_back()
    bench.wait_for(lambda: len(bench.starts) == 3)
    bench.train(1)
    assert bench.updates == [1, 2, 3]


def test_a_refused_model_leaves_the_run_training(bench, text_choice, tmp_path):
    bad = tmp_path / "bad.pt"
    bad.write_bytes(b"not weights")
    bench.begin()
    bench.control.run()
    bench.control.open_model(ModelChoice(bad, "rnn"))
    bench.wait_for(lambda: bench.failures)
    seen = len(bench.records)
    bench.wait_for(lambda: len(bench.records) >= seen + 5)
    assert "neither a file of torch.save nor of safetensors" in bench.failures[0].sentence
    assert len(bench.starts) == 1


def test_the_worker_says_what_is_in_a_file(bench, text_choice, tmp_path):
    bench.begin()
    bench.control.wish(Inspect(text_choice.path))
    bench.wait_for(lambda: bench.mailbox.of(Inspected))
    assert bench.mailbox.of(Inspected)[0].found.stacks[0].name == "rnn"
    bench.control.wish(Inspect(tmp_path / "none.pt"))
    bench.wait_for(lambda: bench.mailbox.of(Failed))
    assert "none.pt: does not exist" in bench.mailbox.of(Failed)[0].sentence


@pytest.mark.parametrize("scalar", ["squares", "unit"])
def test_a_scalar_of_the_states_is_no_loss_in_nats_or_squared_errors(tmp_path, scalar):
    written = plain(tmp_path)
    trace = FixedModel(ModelChoice(written.path, written.stack, length=5, scalar=scalar)).trace()
    column = next(column for column in unfolded("", trace).columns if column.name == "part of L")
    assert column.heading == "part of L [1]"
    assert column.values[-1] == trace.losses[-1]
