"""Gradients of a trace against autograd on the formulas written out, token by token.

Errors are relative norms *per token*: a gradient of 1e-20 has to be as right as one of 1.
"""

import copy

import numpy as np
import pytest
import torch

import rnnviz
from tests.builders import TORCH_CELLS, every_token, initial_state, last_token, module, normal, relative_errors
from tests.unit import oracle

LIMIT = {torch.float32: 1e-6, torch.float64: 1e-10}

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)
SHAPES = pytest.mark.parametrize(
    ("layers", "both_ways"), [(1, False), (2, False), (1, True), (2, True)], ids=["1", "2", "1-both", "2-both"]
)
PRECISIONS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def pairs(layer, told):
    """What a trace says beside what the oracle says, by name."""
    yield "hidden", layer.hidden, told.hidden
    yield "hidden_grads", layer.hidden_grads, told.hidden_grads
    yield "hidden_grads_direct", layer.hidden_grads_direct, told.direct
    if layer.cell_state is not None:
        yield "cell_state", layer.cell_state, told.cell
        yield "cell_grads", layer.cell_grads, told.cell_grads
    assert set(layer.gates) == set(layer.gate_grads) == set(told.gates)
    for name in told.gates:
        yield name, layer.gates[name], told.gates[name]
        yield f"{name} gradient", layer.gate_grads[name], told.gate_grads[name]


def worst(layers, answers):
    """The largest error of any token, by quantity."""
    found = {}
    for layer, told in zip(layers, answers, strict=True):
        for name, ours, theirs in pairs(layer, told):
            found[name] = max(found.get(name, 0.0), float(relative_errors(ours, theirs).max()))
    return found


def assert_within(errors, limit):
    assert {name: error for name, error in errors.items() if error > limit} == {}


@CELLS
@SHAPES
@PRECISIONS
def test_gradients_equal_autograd_at_every_token(cell, layers, both_ways, dtype):
    net = module(cell, num_layers=layers, bidirectional=both_ways, dtype=dtype)
    x, start = normal(9, 3, dtype=dtype), initial_state(net)
    trace = rnnviz.trace(net, x, every_token, start)
    told = oracle.ask(cell, net, x, lambda top: every_token(top).sum(), start)
    assert_within(worst(trace.layers, told), LIMIT[dtype])


@CELLS
@SHAPES
@PRECISIONS
def test_the_last_tokens_own_gradient_equals_autograd(cell, layers, both_ways, dtype):
    net = module(cell, num_layers=layers, bidirectional=both_ways, dtype=dtype)
    x = normal(9, 3, dtype=dtype)
    trace = rnnviz.trace(net, x, every_token)
    told = oracle.ask(cell, net, x, lambda top: every_token(top)[-1])
    errors = [
        relative_errors(layer.hidden_grads_last, answer.hidden_grads).max()
        for layer, answer in zip(trace.layers, told, strict=True)
    ]
    assert max(errors) <= LIMIT[dtype]


@CELLS
@pytest.mark.parametrize("options", [{"bias": False}, {"batch_first": True}], ids=["no bias", "batch first"])
def test_gradients_equal_autograd_for_modules_of_every_form(cell, options):
    net, x = module(cell, num_layers=2, dtype=torch.float64, **options), normal(9, 3, dtype=torch.float64)
    trace = rnnviz.trace(net, x, every_token)
    assert_within(worst(trace.layers, oracle.ask(cell, net, x, lambda top: every_token(top).sum())), 1e-10)


@CELLS
@PRECISIONS
def test_gradients_that_have_almost_vanished_are_as_right_as_the_others(cell, dtype):
    net, x = module(cell, hidden=16, dtype=dtype), normal(70, 3, dtype=dtype)
    trace = rnnviz.trace(net, x, last_token)
    told = oracle.ask(cell, net, x, lambda top: last_token(top).sum())
    norms = np.linalg.norm(told[0].hidden_grads.astype(np.float64), axis=1)
    assert norms[0] < 1e-10 * norms[-1]
    # Where few ReLU units are awake their terms cancel, and float32 autograd is itself up to 3e-6 from the float64
    # truth; the next test holds both against that truth.
    cancelling = cell == "rnn_relu" and dtype == torch.float32
    assert_within(worst(trace.layers, told), 5e-6 if cancelling else LIMIT[dtype])


@CELLS
def test_in_float32_a_trace_is_as_near_the_truth_as_autograd_is(cell):
    """The truth is the same network in float64."""
    net, x = module(cell, hidden=16, num_layers=2), normal(70, 3)
    ours = rnnviz.trace(net, x, last_token)
    theirs = oracle.ask(cell, net, x, lambda top: last_token(top).sum())
    truth = oracle.ask(cell, copy.deepcopy(net).double(), x.double(), lambda top: last_token(top).sum())
    for layer, answer, true in zip(ours.layers, theirs, truth, strict=True):
        own = relative_errors(layer.hidden_grads, true.hidden_grads)
        autograd = relative_errors(answer.hidden_grads, true.hidden_grads)
        assert own.max() <= 2 * autograd.max()


def test_losses_are_those_of_the_loss_function():
    net, x = module("gru"), normal(9, 3)
    with torch.no_grad():
        expected = every_token(net(x)[0]).numpy()
    np.testing.assert_array_equal(rnnviz.trace(net, x, every_token).losses, expected)


def test_a_loss_that_does_not_depend_on_the_states_has_zero_gradients():
    trace = rnnviz.trace(module("lstm"), normal(9, 3), lambda top: torch.ones(len(top)))
    assert trace.losses.tolist() == [1.0] * 9
    assert not trace.layers[0].hidden_grads.any()
    assert not trace.layers[0].cell_grads.any()


def test_a_loss_of_other_parameters_alone_has_zero_gradients():
    bias = torch.nn.Parameter(torch.ones(()))
    trace = rnnviz.trace(module("lstm"), normal(9, 3), lambda top: bias.expand(len(top)))
    assert not trace.layers[0].hidden_grads.any()
    assert not trace.layers[0].hidden_grads_last.any()
