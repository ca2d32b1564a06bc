"""A check without any autograd: nudge one number, run torch's module forward, and see how the losses move."""

import numpy as np
import pytest
import torch

import rnnviz
from tests.builders import TORCH_CELLS, every_token, module, normal

T, D, H = 6, 3, 4
NUDGE = 1e-5
# Central differences are wrong by about NUDGE² (1e-10) and by rounding / NUDGE (1e-11), relative to losses of about 1.
LIMIT = 1e-8

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)


def slope(total, place):
    """d total / d place by central differences; ``place`` (H,) or (D,) is nudged in place."""
    found = np.empty(len(place))
    for unit in range(len(place)):
        value = float(place[unit])
        place[unit] = value + NUDGE
        above = total()
        place[unit] = value - NUDGE
        found[unit] = (above - total()) / (2 * NUDGE)
        place[unit] = value
    return found


def network(cell):
    return module(cell, dtype=torch.float64), normal(T, D, dtype=torch.float64)


@CELLS
def test_the_gradient_of_a_state_is_its_own_loss_and_what_it_changes_later(cell):
    """Total minus direct gradient of h_t = how the later losses move when the rest is read from a nudged h_t."""
    net, x = network(cell)
    (layer,) = rnnviz.trace(net, x, every_token).layers
    for token in range(T - 1):
        h = torch.tensor(layer.hidden[token])
        c = None if layer.cell_state is None else torch.tensor(layer.cell_state[token])

        def later(token=token, h=h, c=c):
            with torch.no_grad():
                start = h[None] if c is None else (h[None], c[None])
                rest, _ = net(x[token + 1 :], start)
                whole = torch.cat([torch.zeros(token + 1, H, dtype=torch.float64), rest])
                return float(every_token(whole)[token + 1 :].sum())

        np.testing.assert_allclose(
            slope(later, h), layer.hidden_grads[token] - layer.hidden_grads_direct[token], rtol=0, atol=LIMIT
        )
        if c is not None:
            shown = layer.hidden_grads[token] * layer.gates["output"][token] * (1 - np.tanh(c.numpy()) ** 2)
            np.testing.assert_allclose(slope(later, c), layer.cell_grads[token] - shown, rtol=0, atol=LIMIT)


@CELLS
def test_gradients_of_the_biases_are_sums_over_the_tokens(cell):
    net, x = network(cell)
    (layer,) = rnnviz.trace(net, x, every_token).layers
    slopes = 1 - layer.hidden**2 if cell == "rnn_tanh" else layer.hidden > 0
    per_token = list(layer.gate_grads.values()) or [layer.hidden_grads * slopes]

    def total():
        with torch.no_grad():
            return float(every_token(net(x)[0]).sum())

    expected = np.concatenate([part.sum(0) for part in per_token])
    np.testing.assert_allclose(slope(total, net.bias_ih_l0.detach()), expected, rtol=0, atol=LIMIT)


@CELLS
def test_the_gradient_of_the_first_layer_passes_through_the_second(cell):
    net, x = module(cell, num_layers=2, dtype=torch.float64), normal(T, D, dtype=torch.float64)
    lower = rnnviz.trace(net, x, every_token).layers[0]
    slopes = 1 - lower.hidden**2 if cell == "rnn_tanh" else lower.hidden > 0
    per_token = list(lower.gate_grads.values()) or [lower.hidden_grads * slopes]

    def total():
        with torch.no_grad():
            return float(every_token(net(x)[0]).sum())

    for token in range(T):
        expected = np.concatenate([part[token] for part in per_token]) @ net.weight_ih_l0.detach().numpy()
        np.testing.assert_allclose(slope(total, x[token]), expected, rtol=0, atol=LIMIT)
