"""The GRU of introductions: r inside the candidate's product, z weighs the new state. Against formulas written anew."""

import numpy as np
import pytest
import torch

from rnnviz import ClampGate
from rnnviz.cells import CELLS
from rnnviz.cells.cell import Weights
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Subject
from rnnviz.tracing.trace import trace_layers, zero_states
from tests.builders import every_token, normal, relative_errors, text_file, trainer

CELL = CELLS["gru_textbook"]
T, D, H = 15, 3, 4


def layer(dtype=torch.float64):
    module = ScanLayer(CELL, D, H).to(dtype)
    with torch.no_grad():
        for place, parameter in enumerate(module.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=place, dtype=dtype) / 3)
    return Layer(CELL, module)


def written_anew(weights, x):
    """h of every token, kept for autograd: r = σ(…), z = σ(…), n = tanh(W x + U (r·h) + b), h = (1 − z) h + z n."""
    (w_r, w_z, w_n), (u_r, u_z, u_n) = weights.w_ih.split(H), weights.w_hh.split(H)
    b_r, b_z, b_n = (weights.b_ih + weights.b_hh).split(H)
    states, h = [], torch.zeros(H, dtype=x.dtype)
    for x_t in x:
        r = 1 / (1 + torch.exp(-(w_r @ x_t + u_r @ h + b_r)))
        z = 1 / (1 + torch.exp(-(w_z @ x_t + u_z @ h + b_z)))
        n = torch.tanh(w_n @ x_t + u_n @ (r * h) + b_n)
        h = (1 - z) * h + z * n
        h.retain_grad()
        states.append(h)
    return states


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-10), (torch.float32, 1e-6)], ids=["f64", "f32"])
def test_states_and_gradients_are_those_of_the_formula_written_anew(dtype, limit):
    own, x = layer(dtype), normal(T, D, seed=7, dtype=dtype)
    (found,) = trace_layers([[own]], x, every_token, local=True).layers
    weights = Weights(*(tensor.double().requires_grad_() for tensor in own.weights))
    states = written_anew(weights, x.double())
    every_token(torch.stack(states)).sum().backward()
    assert relative_errors(found.hidden, torch.stack(states).detach().numpy()).max() <= limit
    expected = np.stack([state.grad.numpy() for state in states])
    assert relative_errors(found.hidden_grads, expected).max() <= limit


def test_the_layer_that_is_trained_gets_autograds_weight_gradients():
    own, x = layer(), normal(T, D, seed=7, dtype=torch.float64)
    every_token(own.module(x[:, None])[0][:, 0]).sum().backward()
    weights = Weights(*(tensor.clone().requires_grad_() for tensor in own.weights))
    every_token(torch.stack(written_anew(weights, x))).sum().backward()
    for parameter, expected in zip(own.module.parameters(), weights, strict=True):
        torch.testing.assert_close(parameter.grad, expected.grad, rtol=1e-10, atol=1e-14)


def test_it_is_not_torchs_gru():
    own, x = layer(), normal(T, D, seed=7, dtype=torch.float64)
    fused = torch.nn.GRU(D, H, dtype=torch.float64)
    fused.load_state_dict(own.module.state_dict())
    assert float((own.module(x[:, None])[0][:, 0] - fused(x)[0]).detach().abs().max()) > 0.05


def test_without_recurrent_weights_a_gradient_goes_back_by_one_minus_z_alone():
    own, x = layer(), normal(T, D, seed=7, dtype=torch.float64)
    with torch.no_grad():
        own.module.weight_hh_l0.zero_()

    def last(top):
        return top.sum(1) * (torch.arange(T) == T - 1)

    (found,) = trace_layers([[own]], x, last).layers
    kept = 1 - found.gates["update"]
    path = np.stack([np.prod(kept[token + 1 :], axis=0) for token in range(T)])
    np.testing.assert_allclose(found.hidden_grads, path, rtol=1e-12)
    subject = Subject([[own]], x, last, zero_states([[own]], 1))
    np.testing.assert_allclose(SpectrumStudy(subject).finish().layers[0].carry, np.log10(path), rtol=1e-10, atol=1e-13)


def test_a_clamped_reset_gate_shows_in_the_candidates_recurrent_part(tmp_path):

    found = trainer(cell="gru_textbook", task="text", file=text_file(tmp_path)).trace([ClampGate("reset", 0.0)])
    (inside,) = found.layers
    expected = np.tanh(inside.input_parts[:, 2] + inside.recurrent_parts[:, 2])
    np.testing.assert_allclose(inside.gates["candidate"], expected, rtol=1e-5, atol=1e-6)
    assert (inside.recurrent_parts[:, 2] == inside.recurrent_parts[0, 2]).all()  # the bias alone


def test_what_carries_is_the_complement_of_the_update_gate():
    gates = {"update": np.array([0.25, 1.0])}
    assert CELL.carried(gates).tolist() == [0.75, 0.0]
    assert CELL.carry_letter == "(1 − z)"
    assert CELLS["gru"].carried(gates).tolist() == [0.25, 1.0]
    assert (CELLS["gru"].carry_letter, CELLS["lstm"].carry_letter, CELLS["rnn_tanh"].carry_letter) == ("z", "f", "")
    assert CELLS["rnn_tanh"].carried({}) is None
