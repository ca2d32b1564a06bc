"""A trace only reads the module, and refuses what it cannot read with a sentence."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz
from tests.builders import every_token, initial_state, module, normal


def test_tracing_leaves_the_module_and_its_gradients_alone():
    net, x = module("lstm"), normal(5, 3)
    every_token(net(x)[0]).sum().backward()
    weights = copy.deepcopy(net.state_dict())
    gradients = {name: parameter.grad.clone() for name, parameter in net.named_parameters()}
    rnnviz.trace(net, x, every_token)
    for name, parameter in net.named_parameters():
        assert torch.equal(parameter.detach(), weights[name])
        assert torch.equal(parameter.grad, gradients[name])
        assert parameter.requires_grad


def test_tracing_draws_no_random_numbers():
    net, x = module("lstm", num_layers=2, dropout=0.5), normal(5, 3)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002  # the state to protect
    rnnviz.trace(net, x, every_token)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002  # as above


def test_a_trace_can_be_taken_where_gradients_are_switched_off():
    net, x = module("gru"), normal(5, 3)
    expected = rnnviz.trace(net, x, every_token).layers[0].hidden_grads
    with torch.no_grad():
        found = rnnviz.trace(net, x, every_token).layers[0].hidden_grads
    np.testing.assert_array_equal(found, expected)


def test_inputs_that_require_gradients_are_left_without_any():
    x = normal(5, 3).requires_grad_()
    rnnviz.trace(module("gru"), x, every_token)
    assert x.grad is None


def test_the_arrays_of_a_trace_cannot_be_written():
    (layer,) = rnnviz.trace(module("lstm"), normal(5, 3), every_token).layers
    for array in (layer.hidden, layer.cell_grads, layer.gates["forget"], layer.gate_grads["forget"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1.0


def test_writing_to_the_weights_later_does_not_change_a_trace():
    net = module("lstm")
    (layer,) = rnnviz.trace(net, normal(5, 3), every_token).layers
    hidden, gate, part = layer.hidden.copy(), layer.gates["input"].copy(), layer.input_parts.copy()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(7.0)
    np.testing.assert_array_equal(layer.hidden, hidden)
    np.testing.assert_array_equal(layer.gates["input"], gate)
    np.testing.assert_array_equal(layer.input_parts, part)


def test_other_modules_are_refused():
    with pytest.raises(TypeError, match=r"module is Linear, expected torch\.nn\.RNN, LSTM or GRU"):
        rnnviz.trace(nn.Linear(3, 4), normal(5, 3))


def test_projected_lstms_are_refused():
    with pytest.raises(ValueError, match="proj_size is 2, expected 0"):
        rnnviz.trace(nn.LSTM(3, 4, proj_size=2), normal(5, 3))


@pytest.mark.parametrize("shape", [(5, 2), (1, 5, 3), (3,), (0, 3)])
def test_inputs_of_a_wrong_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"inputs are \(.*\), expected \(T, 3\) with T of at least 1"):
        rnnviz.trace(module("lstm"), torch.zeros(shape))


def test_inputs_of_another_precision_are_refused():
    with pytest.raises(ValueError, match=r"inputs are torch\.float64, expected torch\.float32 like the module"):
        rnnviz.trace(module("lstm"), normal(5, 3, dtype=torch.float64))


def test_an_lstm_needs_both_of_its_states():
    with pytest.raises(ValueError, match=r"initial has 1 tensors, expected \(h0, c0\)"):
        rnnviz.trace(module("lstm"), normal(5, 3), initial=torch.zeros(1, 4))


def test_other_cells_take_one_state():
    with pytest.raises(ValueError, match="initial has 2 tensors, expected h0 alone"):
        rnnviz.trace(module("gru"), normal(5, 3), initial=(torch.zeros(1, 4), torch.zeros(1, 4)))


def test_states_of_a_wrong_shape_are_refused_by_name():
    h0, c0 = initial_state(module("lstm"))
    with pytest.raises(ValueError, match=r"c0 is \(1, 3\), expected \(1, 4\): \(layers·directions, H\)"):
        rnnviz.trace(module("lstm"), normal(5, 3), initial=(h0, c0[:, :3]))


def test_states_of_another_precision_are_refused():
    with pytest.raises(ValueError, match=r"h0 is torch\.float64, expected torch\.float32 like the module"):
        rnnviz.trace(module("gru"), normal(5, 3), initial=torch.zeros(1, 4, dtype=torch.float64))


@pytest.mark.parametrize("loss", [lambda top: top, lambda top: top.sum()])
def test_a_loss_must_give_one_number_per_token(loss):
    with pytest.raises(ValueError, match=r"loss returned \(.*\), expected one loss per token, \(5,\)"):
        rnnviz.trace(module("lstm"), normal(5, 3), loss)
