"""What an intervention changed, array by array and token by token."""

import numpy as np
import pytest

import rnnviz
from rnnviz import SetInitial, ZeroUnit
from rnnviz.analysis.difference import difference, differences
from tests.builders import TORCH_CELLS, every_token, full_layer, full_trace, layer_trace, module, normal


@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_a_difference_is_taken_of_every_array(cell):
    one, other = full_layer(cell, layer=1), full_layer(cell, layer=0, initial_hidden=np.ones(6))
    found = difference(one, other)
    assert (found.cell, found.layer, found.direction) == (cell, 1, "forward")
    for name in ("hidden", "initial_hidden", "hidden_grads", "hidden_grads_direct", "hidden_grads_last", "input_parts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(one, name) - getattr(other, name))
        assert getattr(found, name).any()
    assert (found.cell_state is None) == (one.cell_state is None)
    assert list(found.gates) == list(one.gates)
    for gate, values in found.gates.items():
        np.testing.assert_array_equal(values, one.gates[gate] - other.gates[gate])


def test_what_one_of_the_two_lacks_has_no_difference():
    found = difference(full_layer("lstm"), layer_trace(8, 6))
    assert found.cell_state is found.hidden_grads is found.input_parts is None
    assert dict(found.gates) == {}


def test_layers_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"hidden is \(8, 6\), expected \(9, 6\)"):
        difference(full_layer(tokens=8), full_layer(tokens=9))


def test_infinite_gradients_differ_by_no_number_and_without_a_warning():
    broken = layer_trace(hidden_grads=np.full((3, 2), np.inf))
    assert np.isnan(difference(broken, broken).hidden_grads).all()


def test_without_interventions_there_are_no_differences():
    trace = full_trace()
    assert differences(trace) == ()


def test_a_traced_intervention_differs_from_its_first_token_on():
    net, x = module("gru", num_layers=2, bidirectional=True), normal(9, 3)
    trace = rnnviz.trace(net, x, every_token, interventions=[ZeroUnit(2, 4)])
    found = differences(trace)
    assert [(layer.layer, layer.direction) for layer in found] == [
        (layer.layer, layer.direction) for layer in trace.layers
    ]
    assert not found[0].hidden[:4].any()
    assert found[0].hidden[4:].any(axis=1).all()
    # The lower backward layer reads the same input, and has not been touched.
    assert not found[1].hidden.any()
    assert found[1].hidden_grads.any()


def test_another_beginning_is_a_difference_of_the_initial_state():
    trace = rnnviz.trace(module("lstm"), normal(5, 3), interventions=[SetInitial(0.5)])
    (found,) = differences(trace)
    assert found.initial_hidden.tolist() == [0.5] * 4
    assert found.initial_cell.tolist() == [0.0] * 4
