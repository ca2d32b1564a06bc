"""The sentences about a spectrum: the bounds say no more than they prove, and numbers are those of the spectrum."""

import dataclasses

import numpy as np
import pytest
import torch

from rnnviz.analysis import diagnosis
from rnnviz.domain.spectrum import LayerSpectrum
from rnnviz.tracing.layer import split
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Subject
from tests.builders import TORCH_CELLS, every_token, module, normal, trainer


def layer(cell="rnn_tanh", sigma=1.1, radius=0.9, **changes):
    given = {
        "cell": cell,
        "layer": 0,
        "direction": "forward",
        "log10_norm": np.zeros(3),
        "log10_mean": np.zeros(3),
        "spectrum_tokens": np.array([0]),
        "log10_singular": np.zeros((1, 2)),
        "lyapunov": np.array([-0.5, -1.0]),
        "factors": np.full(2, 0.5),
        "slope": np.log(0.5),
        "mean_slope": 0.8,
        "saturation": {},
        "carry": None,
        "eigenvalues": {},
        "radius": {"W_hh": radius},
        "sigma_max": {"W_hh": sigma},
    }
    return LayerSpectrum(**{**given, **changes})


def test_below_one_the_largest_singular_value_is_sufficient_for_vanishing():
    said = diagnosis.bounds(layer(sigma=0.93))
    assert "σ_max(W_hh) = 0.93 is below 1/γ = 1" in said
    assert "sufficient for vanishing" in said
    assert "necessary" not in said
    assert "shrinks by the factor 0.5 per token" in said


@pytest.mark.parametrize(
    ("slope", "happened"), [(np.log(0.57), "shrinks by the factor 0.57"), (0.1, "grows by the factor 1.11")]
)
def test_above_one_it_is_only_necessary_for_exploding(slope, happened):
    said = diagnosis.bounds(layer(sigma=1.13, slope=slope))
    assert "necessary for exploding but not sufficient" in said
    assert "does not exclude vanishing" in said
    assert "sufficient for vanishing" not in said
    assert happened in said


@pytest.mark.parametrize("sigma", [1.0, 1 + 1e-6, 1 - 1e-6])
def test_at_one_neither_bound_decides(sigma):
    said = diagnosis.bounds(layer(sigma=sigma, slope=1e-4))
    assert "no gradient can grow" in said
    assert "keeps its length" in said


def test_a_gradient_without_a_rate_has_none():
    assert "exactly 0, or not finite" in diagnosis.bounds(layer(slope=None))


@pytest.mark.parametrize("cell", ["lstm", "gru", "a cell of one's own"])
def test_the_bounds_do_not_apply_to_other_cells(cell):
    carry = np.log10([[0.25, 0.25], [0.5, 0.5], [1, 1]])
    said = diagnosis.sentences(layer(cell, carry=carry, slope=np.log(0.6)))["bounds"]
    assert "do not apply" in said
    assert "keeps 0.5 per token" in said
    assert "factor 0.6 per token" in said
    assert "sufficient" not in said


def test_the_carry_of_the_backward_direction_is_read_from_its_own_start():
    carry = np.log10([[1.0], [0.5], [0.25]])
    assert diagnosis.carry_factor(layer("gru", carry=carry, direction="backward")) == pytest.approx(0.5)
    assert diagnosis.carry_factor(layer("gru", carry=carry[:1])) is None


@pytest.mark.parametrize(
    ("largest", "words"),
    [
        (-0.5, "λ₁ = −0.5 nats per token: small differences fade to 1/e within 2 tokens"),
        (0.25, "λ₁ = 0.25 nats per token: small differences grow e-fold every 4 tokens"),
        (0.001, "neither fade nor grow"),
        (-np.inf, "forgotten exactly"),
        (np.nan, "not defined"),
    ],
)
def test_the_exponent_is_told_with_its_time(largest, words):
    assert words in diagnosis.lyapunov(largest)


@pytest.mark.parametrize(
    ("radius", "slope", "words"),
    [
        (0.6, 0.9, "both shrink gradients, the weights more than saturation"),
        (0.9, 0.3, "both shrink gradients, saturation more than the weights"),
        (0.6, 1.0, "the weights rule"),
        (2.9, 0.3, "saturation rules, it takes more than the weights could add"),
        (2.0, 0.8, "the weights rule, saturation takes less than they add"),
        (1.0, 1.0, "neither the weights nor saturation"),
        (0.0, 0.5, "the weights more than saturation"),
        (1.5, 0.0, "saturation rules"),
        (np.nan, 0.5, "not finite"),
    ],
)
def test_the_stronger_of_weights_and_saturation_is_named(radius, slope, words):
    said = diagnosis.cause(layer(radius=radius, mean_slope=slope))
    assert words in said
    assert f"mean φ′ = {slope:.3g}" in said


@pytest.mark.parametrize(
    ("happened", "words"), [(0.51, "The carry gate rules"), (0.8, "The recurrent weights rule"), (0.2, "fade faster")]
)
def test_for_gated_cells_what_happened_is_held_against_the_carry(happened, words):
    carry = np.log10([[0.25], [0.5], [1]])
    assert words in diagnosis.gated_cause(layer("lstm", carry=carry, slope=np.log(happened)))


def test_a_carry_of_nothing_is_no_error():
    carry = np.array([[-np.inf], [-np.inf], [0]])
    said = diagnosis.sentences(dataclasses.replace(layer("lstm"), carry=carry))
    assert "keeps 0 per token" in said["bounds"]
    assert "last longer" in said["cause"]


@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_the_default_network_is_told_in_whole_sentences(cell):
    net = module(cell, hidden=32, num_layers=2)
    reading = SpectrumStudy(Subject(split(net), normal(40, 3), every_token)).finish().reading
    assert list(reading) == ["bounds", "lyapunov", "cause"]
    assert all(sentence.endswith(".") and "nan" not in sentence for sentence in reading.values())


def test_torchs_default_simple_network_is_above_one_and_vanishes():
    net = module("rnn_tanh", hidden=64)
    reading = SpectrumStudy(Subject(split(net), normal(60, 3), every_token)).finish().reading
    assert float(torch.linalg.matrix_norm(net.weight_hh_l0.detach(), 2)) > 1
    assert "not sufficient" in reading["bounds"]
    assert "shrinks" in reading["bounds"]


@pytest.mark.parametrize(("attention", "told"), [("off", False), ("dot", True)])
def test_with_attention_no_cause_is_read_off_the_gradient_of_the_last_loss(attention, told):
    run = trainer(task="reversal", length=9, hidden=6, attention=attention)
    reading = SpectrumStudy(run.subject()).finish().reading
    assert (reading["cause"] == diagnosis.ATTENDED) is told
