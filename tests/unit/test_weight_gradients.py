"""The gradient that training uses, put together from the public parts of a trace: dL/dW_hh = Σ_t da_tᵀ h_{t−1}."""

import numpy as np
import pytest
import torch

import rnnviz
from tests.builders import TORCH_CELLS, every_token, module, normal

TOKENS = 20
# The largest entry decides: a single entry of W_hh's gradient may be the small difference of large terms.
LIMIT = {torch.float32: 1e-6, torch.float64: 1e-12}

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)
PRECISIONS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def gradients_before_activation(layer):
    """(T, G·H) for the input side and for the recurrent side of one layer."""
    if layer.cell == "rnn_tanh":
        da = layer.hidden_grads * (1 - layer.hidden**2)
        return da, da
    if layer.cell == "rnn_relu":
        da = layer.hidden_grads * (layer.hidden > 0)
        return da, da
    inputs = np.concatenate(list(layer.gate_grads.values()), axis=1)
    if layer.cell == "lstm":
        return inputs, inputs
    reset, update, candidate = layer.gate_grads.values()
    return inputs, np.concatenate([reset, update, candidate * layer.gates["reset"]], axis=1)


def relative(found, true):
    return np.abs(found - true).max() / np.abs(true).max()


@CELLS
@PRECISIONS
@pytest.mark.parametrize("both_ways", [False, True], ids=["forward", "both ways"])
def test_weight_gradients_follow_from_a_trace(cell, dtype, both_ways):
    net, x = module(cell, hidden=8, num_layers=2, bidirectional=both_ways, dtype=dtype), normal(TOKENS, 3, dtype=dtype)
    every_token(net(x)[0]).sum().backward()
    trace = rnnviz.trace(net, x, every_token)
    for layer in trace.layers:
        suffix = f"_l{layer.layer}" + ("_reverse" if layer.direction == "backward" else "")
        below = [part.hidden for part in trace.layers if part.layer == layer.layer - 1]
        given = np.concatenate(below, axis=1) if below else x.numpy()
        before = np.stack([layer.before(token)[0] for token in range(TOKENS)])
        da_inputs, da_recurrent = gradients_before_activation(layer)
        rebuilt = {
            "weight_hh": da_recurrent.T @ before,
            "weight_ih": da_inputs.T @ given,
            "bias_hh": da_recurrent.sum(0),
            "bias_ih": da_inputs.sum(0),
        }
        for name, gradient in rebuilt.items():
            assert relative(gradient, getattr(net, name + suffix).grad.numpy()) <= LIMIT[dtype], name + suffix
