"""Interventions on the network that is being trained: its read-out, its vocabulary, and nothing of it learned."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz import ChangeInput, ChangeToken, ClampGate, SetInitial, ZeroUnit
from tests.builders import TORCH_CELLS, relative_errors, text_file, trainer
from tests.unit.plain import Plain
from tests.unit.test_trainer_repeats import same_weights

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def everything(run):
    """One of every kind, in the layers of ``run``."""
    gates = [gate.name for gate in run.network.cell.gates]
    clamps = [ClampGate(gate, 0.5, token=3, layer=layer) for gate in gates for layer in (0, 1)]
    return [*clamps, ZeroUnit(1, 2), ZeroUnit(2, layer=1), SetInitial(0.5, layer=1), ChangeToken(4, "t")]


@CELLS
def test_interventions_do_not_change_what_is_learned(cell, story):
    alone, watched = (trainer(cell=cell, layers=2, **story) for _ in range(2))
    watched.trace(everything(watched))
    expected, found = list(alone.updates(8)), []
    for record in watched.updates(8):
        watched.trace(everything(watched))
        found.append(record)
    assert found == expected
    assert same_weights(alone, watched)
    after, before = watched.trace().layers[0], alone.trace().layers[0]
    np.testing.assert_array_equal(after.hidden_grads, before.hidden_grads)


@CELLS
def test_a_changed_pass_equals_the_trace_of_the_same_weights_in_torchs_module(cell, story):
    run = trainer(cell=cell, layers=2, **story)
    run.update()
    plain = Plain(run)
    run.update()
    inside = [entry for entry in everything(run) if not isinstance(entry, ChangeToken)]
    trace = run.trace(everything(run))
    assert trace.update == trace.untouched.update == 2
    codes, targets = (
        torch.tensor([run.facts.vocabulary.index(label) for label in labels])
        for labels in (trace.reading.tokens, trace.reading.targets)
    )

    def loss(top):
        return torch.nn.functional.cross_entropy(plain.readout(top), targets, reduction="none")

    expected = rnnviz.trace(plain.rnn, plain.embedding(codes).detach(), loss, None, inside)
    for one, other in zip(trace.layers, expected.layers, strict=True):
        assert relative_errors(one.hidden, other.hidden).max() <= 1e-6
        assert relative_errors(one.hidden_grads, other.hidden_grads).max() <= 5e-6
        for gate, values in other.gates.items():
            assert relative_errors(one.gates[gate], values).max() <= 1e-6
    np.testing.assert_allclose(trace.losses, expected.losses, rtol=1e-5)


def test_a_changed_token_is_read_and_shown():
    run = trainer(length=11)
    run.update()
    trace = run.trace([ChangeToken(4, "w")])
    assert "".join(trace.reading.tokens) == "hellw world"
    assert "".join(trace.reading.targets) == "ello world "
    assert "".join(trace.untouched.reading.tokens) == "hello world"
    codes = torch.tensor([[run.facts.vocabulary.index(label) for label in "hellw world"]])
    with torch.no_grad():
        expected = run._before(codes).logits[0].softmax(-1).numpy()
    np.testing.assert_allclose(trace.reading.probabilities, expected, rtol=1e-5)
    np.testing.assert_array_equal(trace.reading.probabilities[:4], trace.untouched.reading.probabilities[:4])
    assert (trace.reading.probabilities[4:] != trace.untouched.reading.probabilities[4:]).any(axis=1).all()


def test_of_two_labels_for_one_token_the_later_is_read():
    trace = trainer(length=11).trace([ChangeToken(0, "w"), ChangeToken(0, "r")])
    assert trace.reading.tokens[0] == "r"


@CELLS
def test_losses_of_a_changed_pass_are_those_of_its_probabilities(cell):
    run = trainer(cell=cell, layers=2)
    trace = run.trace(everything(run)[:-1])
    for found in (trace, trace.untouched):
        reading = found.reading
        places = [reading.vocabulary.index(target) for target in reading.targets]
        own = -np.log(reading.probabilities[np.arange(len(places)), places])
        np.testing.assert_allclose(found.losses, own, rtol=1e-5)
    assert (trace.losses != trace.untouched.losses).any()


@CELLS
def test_the_untouched_pass_of_a_run_is_its_trace(cell):
    run = trainer(cell=cell, layers=2)
    run.update()
    run.self_check()
    untouched, plain = run.trace(everything(run)[:-1]).untouched, run.trace()
    assert (untouched.update, untouched.check) == (plain.update, plain.check)
    assert untouched.reading.tokens == plain.reading.tokens
    for one, other in zip(untouched.layers, plain.layers, strict=True):
        assert relative_errors(one.hidden, other.hidden).max() <= 1e-6
        assert relative_errors(one.hidden_grads, other.hidden_grads).max() <= 5e-6


def test_without_interventions_there_is_no_untouched_pass():
    run = trainer()
    assert run.trace().untouched is run.trace([]).untouched is None


@pytest.mark.parametrize(
    ("misfit", "sentence"),
    [
        (ClampGate("reset", 1.0), "ClampGate: gate is 'reset', expected one of input, forget, candidate, output"),
        (ZeroUnit(6), "ZeroUnit: unit is 6, expected 0 to 5"),
        (ZeroUnit(0, layer=1), "ZeroUnit: layer is 1, expected 0 to 0"),
        (ZeroUnit(0, token=8), "ZeroUnit: token is 8, expected 0 to 7"),
        (SetInitial(1.0, direction="backward"), "SetInitial: direction is 'backward', expected forward"),
        (ChangeToken(8, "w"), "ChangeToken: token is 8, expected 0 to 7"),
        (
            ChangeToken(0, "ß"),
            "ChangeToken: label is 'ß', expected one of the vocabulary's 8: ' ', 'd', 'e', 'h', 'l', 'o', 'r', 'w'",
        ),
        (ChangeInput(0, (0.0,) * 5), r"ChangeInput: token 0 is a label here, expected ChangeToken\(token, label\)"),
    ],
)
def test_an_intervention_that_does_not_fit_the_present_network_is_refused(misfit, sentence):
    run = trainer()
    run.update()
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        run.trace([misfit])


def test_of_a_long_vocabulary_the_first_labels_are_named(story):
    with pytest.raises(ValueError, match=r"expected one of the vocabulary's \d\d: .*, …$"):
        trainer(**story).trace([ChangeToken(0, "ß")])
