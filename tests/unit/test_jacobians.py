"""One-token Jacobians: closed forms against autograd, and in the order in which a text is read."""

import copy

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.cells import CELLS
from rnnviz.tracing.passes import RecordedPass, TextbookPass
from tests.builders import FAST, TORCH_CELLS, initial_state, module, normal, relative_errors
from tests.unit import oracle
from tests.unit.test_passes import both

T, H = 9, 4
EVERY = pytest.mark.parametrize("cell", TORCH_CELLS)


def by_autograd(cell, net, suffix, x, before):
    """∂(state after)/∂(state before) of one token, (S, S), from the formulas of torch's documentation."""
    formula, blocks = oracle.FORMULAS[cell]
    pieces = oracle._pieces(net, suffix, blocks)
    gated = isinstance(net, torch.nn.LSTM)

    def after(state):
        h, c = state.split(H) if gated else (state, state)
        h, c, *_ = formula(pieces, x, h, c)
        return torch.cat([h, c]) if gated else h

    return torch.autograd.functional.jacobian(after, before).numpy()


def joined(layer, token):
    """The state that ``layer`` read at ``token``, h then c."""
    return torch.from_numpy(np.concatenate([part for part in layer.before(token) if part is not None]))


@EVERY
@pytest.mark.parametrize("both_ways", [False, True])
def test_jacobians_equal_autograd_at_every_token_layer_and_direction(cell, both_ways):
    net = module(cell, hidden=H, num_layers=2, bidirectional=both_ways, dtype=torch.float64)
    x, start = normal(T, 3, dtype=torch.float64), initial_state(net)
    layers = rnnviz.trace(net, x, initial=start).layers
    found = rnnviz.jacobians(net, x, start)
    assert len(found) == len(layers)
    below = np.concatenate([layer.hidden for layer in layers if layer.layer == 0], axis=1)
    for layer, jacobians in zip(layers, found, strict=True):
        suffix = f"_l{layer.layer}" + ("_reverse" if layer.direction == "backward" else "")
        inputs = x if layer.layer == 0 else torch.from_numpy(below)
        for token in range(T):
            expected = by_autograd(cell, net, suffix, inputs[token], joined(layer, token))
            np.testing.assert_allclose(jacobians[token], expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("sequences", [1, 3])
def test_closed_forms_equal_the_differentiated_step(name, sequences):
    fast, slow = both(name, torch.float64, sequences)
    assert isinstance(fast, RecordedPass)
    assert isinstance(slow, TextbookPass)
    found, expected = fast.jacobians(2, 7), slow.jacobians(2, 7)
    assert found.shape == expected.shape
    assert found.shape[:2] == (5, sequences)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", FAST)
def test_a_cell_without_a_closed_form_is_differentiated(name):
    fast, _ = both(name, torch.float64, 3)
    expected = fast.jacobians(0, 4)
    plain = copy.copy(CELLS[name])
    object.__setattr__(plain, "jacobian", None)
    fast._cell = plain
    np.testing.assert_allclose(fast.jacobians(0, 4), expected, rtol=1e-12, atol=1e-14)


@EVERY
def test_jacobians_carry_a_gradient_back_as_the_trace_says(cell):
    """g_t = J_{t+1}ᵀ g_{t+1} for the last loss, an LSTM's state being (h, c)."""
    net, x = module(cell, dtype=torch.float64), normal(T, 3, dtype=torch.float64)
    weight = normal(H, seed=3, dtype=torch.float64)
    (layer,) = rnnviz.trace(net, x, lambda top: (top @ weight) * (torch.arange(T) == T - 1)).layers
    (jacobians,) = rnnviz.jacobians(net, x)
    gradient = np.zeros(jacobians.shape[-1])
    gradient[:H] = weight.numpy()
    for token in range(T - 1, 0, -1):
        assert relative_errors(gradient[:H], layer.hidden_grads[token]) <= 1e-12
        gradient = jacobians[token].T @ gradient


@EVERY
def test_jacobians_keep_the_modules_precision(cell):
    for dtype in (torch.float32, torch.float64):
        (found,) = rnnviz.jacobians(module(cell, dtype=dtype), normal(T, 3, dtype=dtype))
        assert found.dtype == normal(1, dtype=dtype).numpy().dtype


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("losses", [1, 3])
def test_the_first_tokens_alone_have_the_gradients_of_a_loss_that_ends_there(name, losses):
    direct = normal(12, losses, 5, seed=11, dtype=torch.float64).numpy()
    direct[7:] = 0
    for way in both(name, torch.float64, 1):
        whole, part = way.backward(direct), way.backward(direct[:7])
        np.testing.assert_allclose(part.hidden, whole.hidden[:7], rtol=1e-13, atol=0)
        np.testing.assert_allclose(part.inputs, whole.inputs[:7], rtol=1e-12, atol=1e-15)
        for gate, gradient in part.gates.items():
            np.testing.assert_allclose(gradient, whole.gates[gate][:7], rtol=1e-12, atol=1e-15)
        if whole.cell is not None:
            np.testing.assert_allclose(part.cell, whole.cell[:7], rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", CELLS)
def test_what_a_cell_says_of_its_carry_and_activation_exists(name):
    cell = CELLS[name]
    assert cell.carry_gate is None or cell.gate_block(cell.carry_gate) is not None
    assert cell.activation in {"tanh", "relu"}


def test_inputs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"inputs are \(9, 2\), expected \(T, 3\)"):
        rnnviz.jacobians(module("gru"), normal(T, 2))
