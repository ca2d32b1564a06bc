"""The study of a network's spectrum: each of its numbers against the trace, the Jacobians, or a closed form."""

import copy

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing import spectrum as engine
from rnnviz.tracing.layer import Layer, cell_of, split
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Subject
from tests.builders import TORCH_CELLS, arrays_file, every_token, module, normal, trainer

T = 12
EVERY = pytest.mark.parametrize("cell", TORCH_CELLS)
NETS = pytest.mark.parametrize(("layers", "both_ways"), [(1, False), (2, True)], ids=["1", "2-both"])


def study(net, x, loss=every_token, **options):
    return SpectrumStudy(Subject(split(net), x, loss), **options).finish()


def network(cell, layers=1, *, both_ways=False, **options):
    return module(cell, num_layers=layers, bidirectional=both_ways, dtype=torch.float64, **options)


def read(layer, values):
    """Values by token in the order in which ``layer`` reads; the same way back."""
    return values if layer.direction == "forward" else values[::-1]


@EVERY
@NETS
def test_products_are_those_of_the_jacobians(cell, layers, both_ways):
    net, x = network(cell, layers, both_ways=both_ways), normal(T, 3, dtype=torch.float64)
    found = study(net, x)
    assert len(found.layers) == len(rnnviz.jacobians(net, x))
    for layer, jacobians in zip(found.layers, rnnviz.jacobians(net, x), strict=True):
        own, plain = read(layer, jacobians), np.eye(jacobians.shape[-1])
        values = np.empty((T, len(plain)))
        for token in reversed(range(T)):
            values[token] = np.linalg.svd(plain, compute_uv=False)
            plain = plain @ own[token]
        np.testing.assert_allclose(read(layer, layer.log10_norm), np.log10(values[:, 0]), atol=1e-11)
        logs = np.linalg.slogdet(own)[1]
        means = np.append(logs[::-1].cumsum()[::-1][1:], 0) / np.log(10) / len(plain)
        np.testing.assert_allclose(read(layer, layer.log10_mean), means, atol=1e-12)
        if np.isfinite(logs).all():
            assert layer.lyapunov.sum() == pytest.approx(logs.mean(), rel=1e-11)
        at = layer.spectrum_tokens if layer.direction == "forward" else T - 1 - layer.spectrum_tokens
        np.testing.assert_array_equal(np.diff(layer.spectrum_tokens) > 0, True)
        np.testing.assert_allclose(layer.log10_singular[:, 0], np.log10(values[at, 0]), atol=1e-11)


@EVERY
@NETS
def test_gradients_are_those_of_the_trace(cell, layers, both_ways):
    net, x = network(cell, layers, both_ways=both_ways), normal(T, 3, dtype=torch.float64)
    found, trace = study(net, x), rnnviz.trace(net, x, every_token)
    first = rnnviz.trace(net, x, lambda top: every_token(top) * (torch.arange(T) == 0))
    both = zip(found.layers, found.log10_hidden_grads, trace.layers, first.layers, strict=True)
    for layer, total, traced, begun in both:
        np.testing.assert_allclose(total, traced.log10_hidden_grads, atol=1e-12)
        forward = layer.direction == "forward"
        last = traced.log10_hidden_grads_last if forward else begun.log10_hidden_grads[::-1]
        np.testing.assert_allclose(read(layer, layer.factors), 10 ** (last[:-1] - last[1:]), rtol=1e-11)
        fitted = np.polyfit(-np.arange(T), last, 1)[0] * np.log(10)
        assert layer.slope == pytest.approx(fitted, rel=1e-9)


@EVERY
@NETS
def test_saturation_slope_and_carry_are_those_of_the_gates(cell, layers, both_ways):
    net, x = network(cell, layers, both_ways=both_ways), normal(T, 3, dtype=torch.float64) * 4
    for layer, traced in zip(study(net, x).layers, rnnviz.trace(net, x).layers, strict=True):
        assert set(layer.saturation) == (set(traced.gates) or {"hidden"})
        for name, gate in traced.gates.items():
            low, high = (-0.8, 0.8) if name == "candidate" else (0.1, 0.9)
            np.testing.assert_array_equal(layer.saturation[name], [(gate < low).mean(0), (gate > high).mean(0)])
        phi = traced.gates.get("candidate", traced.hidden)
        slopes = phi > 0 if cell == "rnn_relu" else 1 - phi**2
        assert layer.mean_slope == pytest.approx(slopes.mean(), rel=1e-12)
        carries = {"lstm": "forget", "gru": "update"}.get(cell)
        assert (layer.carry is None) == (carries is None)
        if carries:
            own = read(layer, traced.gates[carries])
            products = [np.prod(own[token + 1 :], axis=0) for token in range(T)]
            np.testing.assert_allclose(10 ** read(layer, layer.carry), products, rtol=1e-12)


@EVERY
def test_the_weights_of_each_gate_are_described(cell):
    net = network(cell, hidden=6)
    (layer,) = study(net, normal(T, 3, dtype=torch.float64)).layers
    names = [gate.name for gate in cell_of(net).gates] or ["W_hh"]
    assert list(layer.eigenvalues) == list(layer.radius) == list(layer.sigma_max) == names
    for name, block in zip(names, net.weight_hh_l0.detach().numpy().reshape(-1, 6, 6), strict=True):
        assert np.prod(layer.eigenvalues[name]) == pytest.approx(np.linalg.det(block), rel=1e-10)
        assert layer.radius[name] == pytest.approx(np.abs(np.linalg.eigvals(block)).max(), rel=1e-12)
        assert layer.sigma_max[name] == pytest.approx(np.linalg.norm(block, 2), rel=1e-12)


@EVERY
def test_the_gain_multiplies_the_recurrent_weights_of_a_copy(cell):
    net, x = network(cell, 2), normal(T, 3, dtype=torch.float64)
    before = copy.deepcopy(net.state_dict())
    larger = copy.deepcopy(net)
    with torch.no_grad():
        larger.weight_hh_l0.mul_(1.5)
        larger.weight_hh_l1.mul_(1.5)
    found, expected = study(net, x, gain=1.5), study(larger, x)
    assert found.gain == 1.5
    for ours, theirs in zip(found.layers, expected.layers, strict=True):
        np.testing.assert_array_equal(ours.log10_norm, theirs.log10_norm)
        np.testing.assert_array_equal(ours.lyapunov, theirs.lyapunov)
    assert not np.allclose(found.layers[0].log10_norm[:-1], study(net, x).layers[0].log10_norm[:-1])
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


@EVERY
def test_slices_give_the_same_bits_while_the_network_goes_on(cell, monkeypatch):
    monkeypatch.setattr(engine, "SLICE_NUMBERS", 3 * engine.CALLING)
    net, x, weight = module(cell, num_layers=2), normal(T, 3), normal(4, seed=4).requires_grad_()

    def subject():
        return Subject(split(net), x, lambda top: (top * weight).sum(1) ** 2, local=True, update=7)

    whole, sliced, slices = SpectrumStudy(subject()).finish(), SpectrumStudy(subject()), 0
    while (result := sliced.advance()) is None:
        slices += 1
        with torch.no_grad():
            for tensor in (*net.parameters(), weight, x):
                tensor.add_(1)
    assert slices > 10
    assert result.update == 7
    assert result.reading == whole.reading
    for ours, theirs in zip(result.layers, whole.layers, strict=True):
        for name in ("log10_norm", "log10_mean", "log10_singular", "lyapunov", "factors"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


@EVERY
def test_a_cell_that_has_only_its_step_has_the_same_spectrum(cell):
    net, x = network(cell), normal(T, 3, dtype=torch.float64)
    plain = copy.copy(cell_of(net))
    for name in ("recall", "adjoint", "jacobian"):
        object.__setattr__(plain, name, None)
    scan = ScanLayer(plain, 3, 4).double()
    scan.load_state_dict(net.state_dict())
    (expected,) = study(net, x).layers
    only_step = SpectrumStudy(Subject([[Layer(plain, scan)]], x, every_token))
    x.add_(1)  # the study has a copy
    (found,) = only_step.finish().layers
    np.testing.assert_allclose(found.log10_norm, expected.log10_norm, atol=1e-11)
    np.testing.assert_allclose(found.factors, expected.factors, rtol=1e-10)
    np.testing.assert_allclose(found.lyapunov, expected.lyapunov, rtol=1e-9)


def driven(gain, units=128, tokens=400):
    """A tanh network driven by noise of 0.3; W_hh Gaussian of standard deviation gain / √H, a noise to each unit."""
    net = module("rnn_tanh", units, units)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        net.weight_ih_l0.copy_(torch.eye(units))
        net.weight_hh_l0.copy_(normal(units, units, seed=1) * gain / units**0.5)
    return study(net, 0.3 * normal(tokens, units, seed=2), lambda top: top.sum(1)).layers[0]


@pytest.mark.parametrize(("gain", "grows"), [(0.5, False), (1.0, False), (2.0, True), (3.0, True)])
def test_the_largest_exponent_is_the_rate_at_which_gradients_go_back(gain, grows):
    layer = driven(gain)
    assert layer.lyapunov[0] == pytest.approx(layer.slope, abs=0.02)
    assert (layer.lyapunov[0] > 0.05) == grows


@EVERY
def test_gradients_beyond_float32_have_a_rate(cell):
    """Vanished below 1e-45 long before the first token, where float32 knows only 0."""
    net, x = module(cell, hidden=8), normal(400, 3)
    last = lambda top: every_token(top) * (torch.arange(len(top)) == len(top) - 1)  # noqa: E731
    assert np.isneginf(rnnviz.trace(net, x, last).layers[0].log10_hidden_grads[0])
    (layer,) = study(net, x, last).layers
    if cell == "rnn_relu":  # all units may be asleep at one token
        assert layer.slope is None or layer.slope < -0.3
        return
    assert layer.slope == pytest.approx(layer.lyapunov[0], abs=0.02)
    assert np.isfinite(layer.log10_norm).all()
    assert layer.log10_norm[0] < -50


@EVERY
@pytest.mark.parametrize("scale", [1e30, 1e-30, float("inf")])
def test_a_loss_that_leaves_float32_says_no_wrong_number(cell, scale):
    net, x = module(cell), normal(T, 3)
    layer, plain = (study(net, x, lambda top, k=k: every_token(top) * k).layers[0] for k in (scale, 1.0))
    np.testing.assert_array_equal(layer.log10_norm, plain.log10_norm)
    if np.isinf(scale):
        assert layer.slope is None
        assert not np.isfinite(layer.factors).any()
    else:
        np.testing.assert_allclose(layer.factors, plain.factors, rtol=1e-5)


@EVERY
@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e30])
def test_weights_that_have_run_away_are_no_error(cell, value):
    net = module(cell)
    with torch.no_grad():
        net.weight_hh_l0[0, 0] = value
    found = study(net, normal(T, 3))
    if not np.isfinite(value):
        assert np.isnan(found.layers[0].lyapunov).all() or np.isneginf(found.layers[0].lyapunov[0])
    assert all(found.reading.values())


@EVERY
def test_one_token_has_a_spectrum(cell):
    (layer,) = study(network(cell), normal(1, 3, dtype=torch.float64)).layers
    assert layer.log10_norm.tolist() == [0]
    assert layer.factors.shape == (0,)
    assert layer.slope is None


def test_what_fills_a_sequence_up_is_no_part_of_its_spectrum(tmp_path):
    made = trainer(task="own_arrays", file=arrays_file(tmp_path))
    list(made.updates(2))
    trace = made.trace()
    (layer,) = SpectrumStudy(made.subject()).finish().layers
    assert (trace.tokens, trace.padding) == (12, 3)
    wanted = trace.top.log10_hidden_grads_last[:9]
    assert layer.factors == pytest.approx(10 ** (wanted[:-1] - wanted[1:]), rel=1e-4)
    assert layer.log10_norm.shape == (9,)
    assert layer.slope == pytest.approx(np.polyfit(np.arange(9), -wanted * np.log(10), 1)[0], rel=1e-4)


def test_a_decoder_whose_weights_are_larger_takes_the_promise_of_vanishing_back():
    made = trainer(task="reversal", length=12, cell="rnn_tanh", decoder=True)
    weights = made.network.layers[0]
    with torch.no_grad():
        weights.encoder.weight_hh_l0.copy_(torch.eye(6) / 2)
        weights.decoder.weight_hh_l0.copy_(torch.eye(6) * 2)
    found = SpectrumStudy(made.subject()).finish()
    assert "σ_max(W_hh) = 2 is above" in found.reading["bounds"]
    assert "ρ(W_hh) = 0.5 while it reads and 2 while it writes" in found.reading["cause"]
