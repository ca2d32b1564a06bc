"""What a trace says of the forward pass is what torch's own module computes."""

import numpy as np
import pytest
import torch

import rnnviz
from tests.builders import TORCH_CELLS, initial_state, module, normal, relative_errors

TOKENS = 7
LIMIT = {torch.float32: 1e-6, torch.float64: 1e-10}

SHAPES = pytest.mark.parametrize(
    ("layers", "both_ways"), [(1, False), (2, False), (1, True), (2, True)], ids=["1", "2", "1-both", "2-both"]
)
PRECISIONS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)


def final(layer, states):
    return states[-1] if layer.direction == "forward" else states[0]


def assert_equals_torch(net, x, trace, initial=None):
    """Output, h_n and, of an LSTM, c_n, token by token and layer by layer."""
    with torch.no_grad():
        output, last = net(x) if initial is None else net(x, initial)
    h_n, c_n = last if isinstance(net, torch.nn.LSTM) else (last, None)
    limit = LIMIT[x.dtype]
    top = np.concatenate([layer.hidden for layer in trace.layers if layer.layer == net.num_layers - 1], axis=1)
    assert relative_errors(top, output.numpy()).max() <= limit
    assert top.dtype == output.numpy().dtype
    for row, layer in enumerate(trace.layers):
        assert relative_errors(final(layer, layer.hidden), h_n[row].numpy()) <= limit
        if c_n is None:
            assert layer.cell_state is None
        else:
            assert relative_errors(final(layer, layer.cell_state), c_n[row].numpy()) <= limit


@CELLS
@SHAPES
@PRECISIONS
def test_a_trace_has_the_states_of_the_module(cell, layers, both_ways, dtype):
    net = module(cell, num_layers=layers, bidirectional=both_ways, dtype=dtype)
    x = normal(TOKENS, 3, dtype=dtype)
    assert_equals_torch(net, x, rnnviz.trace(net, x))


@CELLS
@SHAPES
def test_a_trace_starts_from_the_states_it_is_given(cell, layers, both_ways):
    net = module(cell, num_layers=layers, bidirectional=both_ways, dtype=torch.float64)
    x, start = normal(TOKENS, 3, dtype=torch.float64), initial_state(net)
    trace = rnnviz.trace(net, x, initial=start)
    assert_equals_torch(net, x, trace, start)
    parts = start if isinstance(start, tuple) else (start, None)
    for row, layer in enumerate(trace.layers):
        np.testing.assert_array_equal(layer.initial_hidden, parts[0][row].numpy())
        if parts[1] is not None:
            np.testing.assert_array_equal(layer.initial_cell, parts[1][row].numpy())


@CELLS
@pytest.mark.parametrize("options", [{"bias": False}, {"batch_first": True}], ids=["no bias", "batch first"])
def test_a_trace_reads_modules_of_every_form(cell, options):
    net = module(cell, num_layers=2, bidirectional=True, **options)
    x = normal(TOKENS, 3)
    assert_equals_torch(net, x, rnnviz.trace(net, x))


def test_dropout_between_layers_is_left_out():
    net, x = module("gru", num_layers=2, dropout=0.5), normal(TOKENS, 3)
    while_training = rnnviz.trace(net, x)
    assert net.training
    assert_equals_torch(net.eval(), x, while_training)


@CELLS
def test_layers_are_listed_from_the_bottom_and_forward_first(cell):
    trace = rnnviz.trace(module(cell, num_layers=2, bidirectional=True), normal(TOKENS, 3))
    assert [(layer.layer, layer.direction) for layer in trace.layers] == [
        (0, "forward"),
        (0, "backward"),
        (1, "forward"),
        (1, "backward"),
    ]
    assert {layer.cell for layer in trace.layers} == {cell}
    assert trace.tokens == TOKENS


@CELLS
def test_without_a_loss_there_are_no_gradients(cell):
    trace = rnnviz.trace(module(cell), normal(TOKENS, 3))
    (layer,) = trace.layers
    assert trace.losses is None
    assert layer.hidden_grads is layer.hidden_grads_direct is layer.hidden_grads_last is layer.cell_grads is None
    assert dict(layer.gate_grads) == {}


@CELLS
@pytest.mark.parametrize("both_ways", [False, True])
def test_the_parts_of_a_preactivation_are_what_the_weights_make_of_input_and_state(cell, both_ways):
    net, x = module(cell, bidirectional=both_ways, dtype=torch.float64), normal(TOKENS, 3, dtype=torch.float64)
    for layer, suffix in zip(rnnviz.trace(net, x).layers, ["", "_reverse"], strict=False):
        w_ih, w_hh, b_ih, b_hh = (
            getattr(net, f"{name}_l0{suffix}").detach().numpy()
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        for token in range(TOKENS):
            h_before, _ = layer.before(token)
            from_x = (w_ih @ x[token].numpy() + b_ih).reshape(-1, 4)
            from_h = (w_hh @ h_before + b_hh).reshape(-1, 4)
            np.testing.assert_allclose(layer.input_parts[token], from_x, rtol=0, atol=1e-14)
            np.testing.assert_allclose(layer.recurrent_parts[token], from_h, rtol=0, atol=1e-14)
