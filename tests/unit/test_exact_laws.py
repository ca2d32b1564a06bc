"""The closed forms of the lessons, in what their views show: traces and spectra of the networks as they begin."""

import numpy as np
import pytest

from rnnviz.lessons.exact_laws import AXES, CAROUSEL, CONSTANT, DECAY, KEEPING, ONE_UNIT, TRANSIENT
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.training.trainer import Trainer

SIGMOID = {0.0: 0.5, 1.0: 0.7310585786300049, 5.0: 0.9933071490757153}


def lags(config):
    return np.arange(config.length)[::-1]


def spectrum(config):
    return SpectrumStudy(Trainer(config).subject()).finish().layers[0]


def norms(config):
    """log10 of the last loss's gradient at every token, in what the score shows: float32."""
    return Trainer(config).trace().layers[0].log10_hidden_grads_last


@pytest.mark.parametrize("config", [*DECAY.configs, *ONE_UNIT.configs])
def test_the_gradient_is_a_power_of_the_gain(config):
    expected = lags(config) * np.log10(config.gain)
    np.testing.assert_allclose(norms(config) - norms(config)[-1], expected, atol=1e-4)  # 100 roundings of float32
    found = spectrum(config)
    np.testing.assert_allclose(found.log10_norm, expected, atol=1e-5)  # of weights rounded to float32
    np.testing.assert_allclose(found.lyapunov, np.log(config.gain), atol=1e-6)


def test_a_relu_with_the_identity_keeps_the_gradient_to_the_last_digit():
    ones, fading = CONSTANT.configs
    trace = Trainer(ones).trace().layers[0]
    assert (trace.hidden_grads_last == trace.hidden_grads_last[-1]).all()
    np.testing.assert_allclose(norms(fading) - norms(fading)[-1], lags(fading) * np.log10(0.95), atol=1e-4)


@pytest.mark.parametrize("config", CAROUSEL.configs)
def test_the_carry_path_is_a_power_of_the_forget_gate(config):
    expected = lags(config) * np.log10(SIGMOID[config.forget_bias])
    found = spectrum(config)
    np.testing.assert_allclose(found.carry, np.repeat(expected[:, None], 32, axis=1), rtol=1e-6, atol=1e-9)
    cell_grads = np.linalg.norm(Trainer(config).trace().layers[0].cell_grads.astype(float), axis=1)
    np.testing.assert_allclose(np.log10(cell_grads) - np.log10(cell_grads[-1]), expected, atol=1e-4)


def test_half_of_a_grus_gradient_is_left_a_token():
    (config,) = KEEPING.configs
    np.testing.assert_allclose(norms(config) - norms(config)[-1], lags(config) * np.log10(0.5), atol=1e-4)


def test_every_axis_has_its_own_exponent():
    (config,) = AXES.configs
    np.testing.assert_allclose(spectrum(config).lyapunov, np.log(np.arange(8, 0, -1) / 8), atol=1e-6)


def test_a_jordan_block_grows_before_it_decays():
    (config,) = TRANSIENT.configs
    power, k = 10.0 ** spectrum(config).log10_norm, lags(config).astype(float)
    # ‖[[a, 1], [0, a]]^k‖: the largest singular value of [[a^k, k·a^(k−1)], [0, a^k]]
    blocks = np.stack([[0.9**k, k * 0.9 ** (k - 1)], [0 * k, 0.9**k]]).transpose(2, 0, 1)
    np.testing.assert_allclose(power, np.linalg.svd(blocks, compute_uv=False)[:, 0], rtol=2e-5)
    assert power.max() > 3
    assert power[0] < 0.01
