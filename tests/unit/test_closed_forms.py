"""Networks whose gradients are known in closed form. T tokens; the only loss is at the last."""

import numpy as np
import pytest
import torch

import rnnviz
from tests.builders import last_token, module

T, H = 100, 6
AGES = T - 1 - np.arange(T)  # how many tokens each state lies before the last


def rotation():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return torch.nn.init.orthogonal_(torch.empty(H, H, dtype=torch.float64))


def silent(cell, **weights):
    """A float64 module of one input whose parameters are all zero but for ``weights``."""
    net = module(cell, inputs=1, hidden=H, dtype=torch.float64)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            parameter.copy_(weights[name] if name in weights else torch.zeros_like(parameter))
    return net


def block(index, blocks, value):
    """A bias that is ``value`` in one gate's rows and 0 in the others."""
    bias = torch.zeros(blocks, H, dtype=torch.float64)
    bias[index] = value
    return bias.flatten()


def ones():
    return torch.ones(T, 1, dtype=torch.float64)


def ratios(gradients):
    norms = np.linalg.norm(gradients, axis=1)
    return norms / norms[-1]


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.1])
def test_a_tanh_network_at_rest_scales_gradients_by_its_rotation(scale):
    net = silent("rnn_tanh", weight_hh_l0=scale * rotation())
    (layer,) = rnnviz.trace(net, 0 * ones(), last_token).layers
    assert not layer.hidden.any()
    np.testing.assert_allclose(ratios(layer.hidden_grads), scale**AGES, rtol=1e-12)


@pytest.mark.parametrize(("scale", "first"), [(0.9, 2.9512665430652753e-05), (1.1, 12527.829399838427)])
def test_ninety_nine_tokens_change_a_gradient_by_a_known_amount(scale, first):
    net = silent("rnn_tanh", weight_hh_l0=scale * rotation())
    gradients = rnnviz.trace(net, 0 * ones(), last_token).layers[0].hidden_grads
    assert ratios(gradients)[0] == pytest.approx(first, rel=1e-12)


def test_a_relu_network_with_the_identity_keeps_gradients_exactly():
    net = silent("rnn_relu", weight_hh_l0=torch.eye(H, dtype=torch.float64), weight_ih_l0=torch.ones(H, 1))
    gradients = rnnviz.trace(net, ones(), last_token).layers[0].hidden_grads
    assert gradients[-1].all()
    np.testing.assert_array_equal(gradients, np.tile(gradients[-1], (T, 1)))


@pytest.mark.parametrize("scale", [0.9, 1.1])
def test_a_relu_network_with_a_scaled_identity_scales_gradients(scale):
    net = silent("rnn_relu", weight_hh_l0=scale * torch.eye(H, dtype=torch.float64), weight_ih_l0=torch.ones(H, 1))
    gradients = rnnviz.trace(net, ones(), last_token).layers[0].hidden_grads
    np.testing.assert_allclose(gradients, scale ** AGES[:, None] * gradients[-1], rtol=1e-12)


@pytest.mark.parametrize("bias", [0.0, 1.0, 5.0, 40.0])
def test_an_lstm_without_recurrent_weights_keeps_by_its_forget_gate_alone(bias):
    net = silent("lstm", bias_ih_l0=block(1, 4, bias), weight_ih_l0=0.01 * (block(1, 4, 1) == 0)[:, None])
    (layer,) = rnnviz.trace(net, ones(), last_token).layers
    forget = 1 / (1 + np.exp(-bias))
    np.testing.assert_allclose(layer.gates["forget"], forget, rtol=1e-15)
    np.testing.assert_allclose(ratios(layer.cell_grads), forget**AGES, rtol=1e-12)


def test_a_forget_gate_that_is_exactly_one_forgets_nothing():
    net = silent("lstm", bias_ih_l0=block(1, 4, 40.0), weight_ih_l0=0.01 * torch.ones(4 * H, 1))
    gradients = rnnviz.trace(net, ones(), last_token).layers[0].cell_grads
    assert gradients[-1].all()
    np.testing.assert_array_equal(gradients, np.tile(gradients[-1], (T, 1)))


@pytest.mark.parametrize(("bias", "first"), [(0.0, "1.58e-30"), (2.0, "3.49e-06"), (4.0, "0.166")])
def test_a_gru_without_recurrent_weights_keeps_by_its_update_gate_alone(bias, first):
    net = silent("gru", bias_ih_l0=block(1, 3, bias), weight_ih_l0=1.0 * (block(1, 3, 1) == 0)[:, None])
    (layer,) = rnnviz.trace(net, ones(), last_token).layers
    update = 1 / (1 + np.exp(-bias))
    np.testing.assert_allclose(ratios(layer.hidden_grads), update**AGES, rtol=1e-12)
    assert f"{ratios(layer.hidden_grads)[0]:.3g}" == first


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_one_linear_unit_multiplies_its_weight(weight):
    net = module("rnn_relu", inputs=1, hidden=1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        net.weight_hh_l0.fill_(weight)
    start = torch.ones(1, 1, dtype=torch.float64)
    (layer,) = rnnviz.trace(net, 0 * ones(), lambda top: top[:, 0] * (torch.arange(T) == T - 1), start).layers
    np.testing.assert_array_equal(layer.hidden[:, 0], weight ** (1.0 + np.arange(T)))
    np.testing.assert_array_equal(layer.hidden_grads[:, 0], weight ** AGES.astype(float))
