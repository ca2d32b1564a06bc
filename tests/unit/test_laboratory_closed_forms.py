"""Networks whose influence and spectrum are known in closed form. T tokens, float64, through the public functions."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.tracing.layer import split
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Subject
from tests.builders import every_token, last_token, module
from tests.unit.test_closed_forms import AGES, H, T, block, ones, rotation, silent

EXACT = {"rtol": 1e-10, "atol": 0}


def spectrum(net, x, loss=last_token):
    return SpectrumStudy(Subject(split(net), x, loss)).finish().layers[0]


def last_row(net, x):
    """Influence of the last loss on every state, as a share of that on its own."""
    row = rnnviz.influence(net, x, last_token)[-1]
    return row / row[-1]


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.1])
def test_c1_a_tanh_network_at_rest_multiplies_by_its_rotation(scale):
    weights = scale * rotation()
    net, x = silent("rnn_tanh", weight_hh_l0=weights), 0 * ones()
    np.testing.assert_allclose(last_row(net, x), scale**AGES, **EXACT)
    np.testing.assert_allclose(rnnviz.jacobians(net, x)[0], np.broadcast_to(weights, (T, H, H)), **EXACT)
    layer = spectrum(net, x)
    np.testing.assert_allclose(layer.log10_norm, AGES * np.log10(scale), atol=1e-10)
    np.testing.assert_allclose(layer.log10_mean, AGES * np.log10(scale), atol=1e-10)
    np.testing.assert_allclose(layer.lyapunov, np.log(scale), atol=1e-12)
    np.testing.assert_allclose(layer.factors, scale, **EXACT)
    assert layer.slope == pytest.approx(np.log(scale), abs=1e-12)
    ages = AGES[layer.spectrum_tokens, None]
    np.testing.assert_allclose(
        layer.log10_singular, np.broadcast_to(ages * np.log10(scale), (len(ages), H)), atol=1e-10
    )


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.1])
def test_c2_a_relu_network_with_a_scaled_identity(scale):
    net = silent("rnn_relu", weight_hh_l0=scale * torch.eye(H, dtype=torch.float64), weight_ih_l0=torch.ones(H, 1))
    np.testing.assert_allclose(last_row(net, ones()), scale**AGES, **EXACT)
    np.testing.assert_array_equal(rnnviz.jacobians(net, ones())[0], np.broadcast_to(scale * np.eye(H), (T, H, H)))
    layer = spectrum(net, ones())
    assert layer.mean_slope == 1
    np.testing.assert_allclose(layer.log10_norm, AGES * np.log10(scale), atol=1e-10)


@pytest.mark.parametrize("bias", [0.0, 1.0, 5.0, 40.0])
def test_c3_an_lstm_without_recurrent_weights_carries_by_its_forget_gate(bias):
    net = silent("lstm", bias_ih_l0=block(1, 4, bias), weight_ih_l0=0.01 * (block(1, 4, 1) == 0)[:, None])
    forget = 1 / (1 + np.exp(-bias))
    (jacobians,) = rnnviz.jacobians(net, ones())
    np.testing.assert_allclose(jacobians[:, H:, H:], np.broadcast_to(forget * np.eye(H), (T, H, H)), **EXACT)
    assert not jacobians[:, :, :H].any()
    layer = spectrum(net, ones())
    np.testing.assert_allclose(layer.carry, np.broadcast_to((AGES * np.log10(forget))[:, None], (T, H)), atol=1e-10)
    product = np.linalg.multi_dot(list(jacobians[1:]))[H:, H:]
    np.testing.assert_allclose(product, np.diag(10 ** layer.carry[0]), **EXACT)
    assert np.isneginf(layer.lyapunov[H:]).all()
    shown = np.diagonal(jacobians[-1], H)[:H] / forget  # ∂h_T/∂c_T, which the last token adds to every length
    expected = np.log(forget) + np.log1p(shown**2) / 2 / T
    np.testing.assert_allclose(layer.lyapunov[:H], np.sort(expected)[::-1], atol=1e-10)


@pytest.mark.parametrize("bias", [0.0, 2.0, 4.0])
def test_c4_a_gru_without_recurrent_weights_carries_by_its_update_gate(bias):
    net = silent("gru", bias_ih_l0=block(1, 3, bias), weight_ih_l0=1.0 * (block(1, 3, 1) == 0)[:, None])
    update = 1 / (1 + np.exp(-bias))
    np.testing.assert_allclose(last_row(net, ones()), update**AGES, **EXACT)
    np.testing.assert_allclose(
        rnnviz.jacobians(net, ones())[0], np.broadcast_to(update * np.eye(H), (T, H, H)), **EXACT
    )
    layer = spectrum(net, ones())
    np.testing.assert_allclose(layer.carry, np.broadcast_to((AGES * np.log10(update))[:, None], (T, H)), atol=1e-10)
    np.testing.assert_allclose(layer.log10_norm, layer.carry[:, 0], atol=1e-10)


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_c5_one_linear_unit_multiplies_its_weight(weight):
    net = module("rnn_relu", inputs=1, hidden=1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        net.weight_hh_l0.fill_(weight)
    start = torch.ones(1, 1, dtype=torch.float64)
    found = rnnviz.influence(net, 0 * ones(), lambda top: top[:, 0], start)
    expected = np.tril(weight ** (np.arange(T)[:, None] - np.arange(T)).clip(0).astype(float))
    np.testing.assert_allclose(found, expected, **EXACT)
    np.testing.assert_array_equal(rnnviz.jacobians(net, 0 * ones(), start)[0], np.full((T, 1, 1), weight))


def test_c6_a_diagonal_network_has_the_logarithms_of_its_weights():
    diagonal = np.array([0.95, -0.9, 0.7, 0.5, -0.3, 0.2])
    net = silent("rnn_tanh", weight_hh_l0=torch.from_numpy(np.diag(diagonal)))
    layer = spectrum(net, 0 * ones())
    np.testing.assert_allclose(layer.lyapunov, np.log(np.abs(diagonal)), atol=1e-10)
    np.testing.assert_allclose(layer.log10_norm, AGES * np.log10(0.95), atol=1e-10)
    np.testing.assert_allclose(layer.factors[:10], 0.95, rtol=1e-3)
    np.testing.assert_allclose(np.sort(np.abs(layer.eigenvalues["W_hh"])), np.sort(np.abs(diagonal)), **EXACT)


def test_c7_a_network_that_is_not_normal_grows_before_it_decays():
    """P = Wⁿ with W = a on the diagonal and κ beside it: its corner is n κ aⁿ⁻¹."""
    a, kappa = 0.9, 2.0
    weights = np.diag(np.full(H, 0.1))
    weights[:2, :2] = [[a, kappa], [0, a]]
    layer = spectrum(silent("rnn_tanh", weight_hh_l0=torch.from_numpy(weights)), 0 * ones())
    expected = [np.linalg.norm([[a**n, n * kappa * a ** (n - 1.0)], [0, a**n]], 2) for n in AGES]
    np.testing.assert_allclose(layer.log10_norm, np.log10(expected), atol=1e-10)
    assert layer.radius["W_hh"] == pytest.approx(0.9, rel=1e-6)
    assert layer.sigma_max["W_hh"] > 2
    assert layer.log10_norm.max() > 0.8
    assert layer.log10_norm[0] < -2


def test_losses_at_every_token_teach_by_their_distance():
    net = silent("rnn_tanh", weight_hh_l0=0.9 * rotation())
    found = rnnviz.influence(net, 0 * ones(), every_token)
    back = found / np.diagonal(found)[:, None]
    expected = np.tril(0.9 ** (np.arange(T)[:, None] - np.arange(T)).clip(0))
    np.testing.assert_allclose(back, expected, **EXACT)
