"""What does not fit is refused with a sentence that names it, its value and what would fit."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz import ChangeInput, ChangeToken, ClampGate, SetInitial, ZeroUnit
from rnnviz.cells import CELLS
from rnnviz.tracing.touch import lets_hold
from tests.builders import module, normal, trainer

MISFITS = [
    ("lstm", ClampGate("reset", 1.0), "ClampGate: gate is 'reset', expected one of input, forget, candidate, output"),
    ("gru", ClampGate("forget", 1.0), "ClampGate: gate is 'forget', expected one of reset, update, candidate"),
    ("rnn_tanh", ClampGate("forget", 1.0), "ClampGate: gate is 'forget', but rnn_tanh has no gates"),
    ("lstm", ClampGate("input", 1.0, unit=4), "ClampGate: unit is 4, expected 0 to 3"),
    ("lstm", ClampGate("input", 1.0, unit=-1), "ClampGate: unit is -1, expected 0 to 3"),
    ("lstm", ClampGate("input", 1.0, unit=1.5), "ClampGate: unit is 1.5, expected 0 to 3"),
    ("lstm", ClampGate("input", 1.0, token=5), "ClampGate: token is 5, expected 0 to 4"),
    ("lstm", ClampGate("input", 1.0, layer=2), "ClampGate: layer is 2, expected 0 to 1"),
    ("lstm", ClampGate("input", float("nan")), "ClampGate: value is nan, expected finite in torch.float32"),
    ("lstm", ClampGate("input", 1e300), "ClampGate: value is 1e+300, expected finite in torch.float32"),
    ("gru", ZeroUnit(4), "ZeroUnit: unit is 4, expected 0 to 3"),
    ("gru", ZeroUnit(None), "ZeroUnit: unit is None, expected 0 to 3"),
    ("gru", ZeroUnit(0, token=-1), "ZeroUnit: token is -1, expected 0 to 4"),
    ("gru", ZeroUnit(0, layer=-1), "ZeroUnit: layer is -1, expected 0 to 1"),
    ("gru", ZeroUnit(0, direction="backward"), "ZeroUnit: direction is 'backward', expected forward"),
    ("gru", SetInitial(1.0, unit=4), "SetInitial: unit is 4, expected 0 to 3"),
    ("gru", SetInitial(1.0, layer=2), "SetInitial: layer is 2, expected 0 to 1"),
    ("gru", SetInitial(float("inf")), "SetInitial: value is inf, expected finite in torch.float32"),
    ("gru", ChangeInput(5, (0.0, 0.0, 0.0)), "ChangeInput: token is 5, expected 0 to 4"),
    ("gru", ChangeInput(0, (0.0, 0.0)), "ChangeInput: values has 2 numbers, expected 3"),
    (
        "gru",
        ChangeInput(0, (0.0, 0.0, float("nan"))),
        "ChangeInput: values is (0.0, 0.0, nan), expected finite in torch.float32",
    ),
    ("gru", ChangeToken(1, "a"), "ChangeToken(1, 'a') needs a vocabulary, expected ChangeInput"),
]


@pytest.mark.parametrize(("cell", "misfit", "sentence"), MISFITS)
def test_an_intervention_that_does_not_fit_is_refused(cell, misfit, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        rnnviz.trace(module(cell, num_layers=2), normal(5, 3), interventions=[misfit])


def test_a_network_that_reads_both_ways_names_both_directions():
    with pytest.raises(ValueError, match="ZeroUnit: direction is 'sideways', expected forward or backward"):
        rnnviz.trace(module("gru", bidirectional=True), normal(5, 3), interventions=[ZeroUnit(0, direction="sideways")])


def test_what_is_no_intervention_is_refused():
    with pytest.raises(TypeError, match="intervention is 'forget', expected ClampGate, ZeroUnit, ChangeInput,"):
        rnnviz.trace(module("gru"), normal(5, 3), interventions=["forget"])


def test_numpys_whole_numbers_are_whole_numbers():
    trace = rnnviz.trace(module("gru"), normal(5, 3), interventions=[ZeroUnit(np.int64(1), np.int32(2))])
    assert trace.layers[0].hidden[2, 1] == 0


gru = CELLS["gru"]


def without_hold(x, state, weights):
    return gru.step(x, state, weights)


def deaf(x, state, weights, hold):
    return gru.step(x, state, weights)


def calling_in_vain(x, state, weights, hold):
    state, gates = gru.step(x, state, weights)
    for name, gate in gates.items():
        hold(name, gate)
    return state, gates


def only_showing(x, state, weights, hold):
    state, gates = gru.step(x, state, weights)
    return state, {name: hold(name, gate) for name, gate in gates.items()}


def hiding(x, state, weights, hold):
    state, gates = gru.step(x, state, weights, hold)
    return state, {name: gate.clone() for name, gate in gates.items()}


@pytest.mark.parametrize("step", [without_hold, deaf, calling_in_vain, only_showing, hiding])
@pytest.mark.parametrize("gate", ["reset", "update", "candidate"])
def test_a_step_that_does_not_hold_its_gates_is_found_out(step, gate):
    assert lets_hold(gru, gate)
    assert not lets_hold(replace(gru, step=step), gate)


@pytest.fixture
def own(monkeypatch):
    """Lists a cell called “own” whose step holds nothing."""
    entry = replace(gru, name="own", torch_module=None, recall=None, adjoint=None, step=without_hold)
    monkeypatch.setitem(CELLS._entries, "own", entry)


@pytest.mark.usefixtures("own")
def test_a_cell_that_holds_nothing_is_refused_a_clamp():
    sentence = "ClampGate: gate is 'update', but the step of own does not go on with what hold gives"
    with pytest.raises(ValueError, match=sentence):
        trainer(cell="own").trace([ClampGate("update", 1.0)])


@pytest.mark.usefixtures("own")
def test_a_cell_that_holds_nothing_takes_every_other_intervention():
    wanted = [ZeroUnit(1), SetInitial(0.5), ChangeToken(2, "w")]
    found, expected = trainer(cell="own").trace(wanted), trainer(cell="gru").trace(wanted)
    np.testing.assert_allclose(found.layers[0].hidden, expected.layers[0].hidden, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.layers[0].hidden_grads, expected.layers[0].hidden_grads, rtol=0, atol=1e-6)


def test_looking_whether_a_gate_is_held_draws_no_random_number():
    before = torch.get_rng_state()
    lets_hold(gru, "update")
    assert torch.equal(torch.get_rng_state(), before)
