"""Who teaches whom: each loss's own gradient, against the formulas written out and asked one loss at a time."""

import copy

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing import influence as engine
from rnnviz.tracing.influence import InfluenceStudy, layer_influences, loss_tokens, residual
from rnnviz.tracing.layer import Layer, cell_of, split
from rnnviz.tracing.study import Subject
from tests.builders import TORCH_CELLS, every_token, initial_state, module, normal
from tests.unit import oracle

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)
SHAPES = pytest.mark.parametrize(
    ("layers", "both_ways"), [(1, False), (2, False), (1, True), (2, True)], ids=["1", "2", "1-both", "2-both"]
)
PRECISIONS = pytest.mark.parametrize(
    ("dtype", "limit"), [(torch.float32, 1e-5), (torch.float64, 1e-10)], ids=["float32", "float64"]
)
T = 9


def told(cell, net, x, loss, start=None):
    """‖∂ℓ_s/∂h_t‖ of every layer, (layers, S, T) in float64, by one backward pass of autograd's for each loss."""
    rows = [oracle.ask(cell, net, x, lambda top, s=s: loss(top)[s], start) for s in range(len(x))]
    return np.stack([[np.linalg.norm(layer.hidden_grads.astype(float), axis=1) for layer in row] for row in rows], 1)


def remembering(top):
    """A loss at each token of all outputs up to it."""
    return every_token(top.cumsum(0) / 4)


@CELLS
@SHAPES
@PRECISIONS
def test_each_losss_gradient_equals_autograd_at_every_token_and_layer(cell, layers, both_ways, dtype, limit):
    net = module(cell, num_layers=layers, bidirectional=both_ways, dtype=dtype)
    x, start = normal(T, 3, dtype=dtype), initial_state(net)
    for loss in (every_token, remembering):
        found = layer_influences(net, x, loss, start)
        for norms, expected in zip(found.log10_norms, told(cell, net, x, loss, start), strict=True):
            np.testing.assert_allclose(10.0**norms, expected, rtol=limit, atol=0)
        assert max(found.residuals) <= limit


@CELLS
@pytest.mark.parametrize("both_ways", [False, True])
def test_influence_is_that_of_the_top_layers_forward_direction(cell, both_ways):
    net, x = module(cell, num_layers=2, bidirectional=both_ways, dtype=torch.float64), normal(T, 3, dtype=torch.float64)
    found = rnnviz.influence(net, x, every_token)
    assert (found.dtype, found.shape) == (np.float64, (T, T))
    np.testing.assert_allclose(found, told(cell, net, x, every_token)[2 if both_ways else 1], rtol=1e-10)


@CELLS
def test_influence_agrees_with_autograd_through_the_fused_module(cell):
    """Of the states that the fused module takes in: read from token t on, its gradient is that of h_{t−1}."""
    net, x = module(cell, dtype=torch.float64), normal(T, 3, dtype=torch.float64)
    found = rnnviz.influence(net, x, every_token)
    with torch.no_grad():
        top, _ = net(x)
    for token in range(1, T):
        with torch.no_grad():
            _, state = net(x[:token])
        parts = [part.requires_grad_() for part in (state if isinstance(state, tuple) else (state,))]
        after, _ = net(x[token:], tuple(parts) if len(parts) == 2 else parts[0])
        losses = every_token(torch.cat([top[:token], after]))
        (rows,) = torch.autograd.grad(losses, parts[0], torch.eye(T, dtype=x.dtype), is_grads_batched=True)
        np.testing.assert_allclose(found[token:, token - 1], rows[token:, 0].norm(dim=-1), rtol=1e-10)


@CELLS
def test_what_is_behind_a_loss_is_not_changed_by_it(cell):
    found = rnnviz.influence(module(cell, num_layers=2), normal(T, 3), every_token)
    assert not np.triu(found, 1).any()
    assert np.tril(found).sum() > 0
    assert (np.diagonal(found) > 0).all()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_with_two_directions_losses_change_what_is_behind_them_too(cell):
    net = module(cell, num_layers=2, bidirectional=True)
    for norms in layer_influences(net, normal(T, 3), every_token).log10_norms[:2]:
        assert np.isfinite(norms).all()


@CELLS
def test_a_total_gradient_is_no_longer_than_its_rows_together(cell):
    net, x = module(cell, num_layers=2), normal(30, 3)
    totals = rnnviz.trace(net, x, every_token).layers
    for norms, layer in zip(layer_influences(net, x, every_token).log10_norms, totals, strict=True):
        lengths = 10.0**layer.log10_hidden_grads
        assert (lengths <= (10.0**norms).sum(axis=0) * (1 + 1e-6)).all()
        np.testing.assert_allclose(10.0 ** norms[-1], 10.0**layer.log10_hidden_grads_last, rtol=1e-5)


@pytest.mark.parametrize(("size", "most"), [(5, 8), (8, 8), (9, 8), (100, 8), (1000, 256), (257, 256), (3, 1)])
def test_loss_tokens_are_evenly_spaced_and_end_with_the_last(size, most):
    found = loss_tokens(size, most)
    assert len(found) == min(size, most)
    assert found[-1] == size - 1
    assert found[0] >= 0
    steps = np.diff(found)
    assert (steps > 0).all()
    assert steps.size == 0 or steps.max() - steps.min() <= 1


@pytest.mark.parametrize("local", [False, True])
def test_fewer_losses_have_the_rows_that_all_have(local):
    net, x = module("lstm", num_layers=2, dtype=torch.float64), normal(40, 3, dtype=torch.float64)
    every = layer_influences(net, x, every_token)
    some = InfluenceStudy(Subject(split(net), x, every_token, local=local), most=7).finish()
    assert some.subsampled
    assert not every.subsampled
    for rows, full in zip(some.log10_norms, every.log10_norms, strict=True):
        np.testing.assert_allclose(rows, full[some.loss_tokens], rtol=1e-12)
    assert 0 < max(some.residuals) <= 1e-12


@CELLS
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("local", [False, True])
def test_slices_give_the_same_bits_while_the_network_goes_on(cell, both_ways, local, monkeypatch):
    monkeypatch.setattr(engine, "SLICE_NUMBERS", 1000)
    net, x = module(cell, num_layers=2, bidirectional=both_ways), normal(20, 3)
    weight = normal(8 if both_ways else 4, seed=4).requires_grad_()
    start = [tuple(part.clone() for part in state) for state in engine.initial_states(net, split(net), None)]

    def study():
        return InfluenceStudy(Subject(split(net), x, lambda top: (top * weight).sum(1) ** 2, start, local=local))

    whole, sliced = study().finish(), study()
    slices = 0
    while (result := sliced.advance()) is None:
        slices += 1
        with torch.no_grad():
            for tensor in (*net.parameters(), weight, x, *(part for state in start for part in state)):
                tensor.add_(1)
    assert slices > 3
    assert sliced.advance() is result
    for rows, expected in zip(result.log10_norms, whole.log10_norms, strict=True):
        np.testing.assert_array_equal(rows, expected)
    assert result.residuals == whole.residuals


@CELLS
def test_how_the_work_is_cut_changes_nothing_but_rounding(cell, monkeypatch):
    net, x = module(cell, num_layers=2, dtype=torch.float64), normal(20, 3, dtype=torch.float64)
    whole = rnnviz.influence(net, x, every_token)
    monkeypatch.setattr(engine, "SLICE_NUMBERS", 1)
    np.testing.assert_allclose(rnnviz.influence(net, x, every_token), whole, rtol=1e-12)


def test_a_loss_that_sees_its_own_token_alone_needs_no_rows_of_autograds():
    net, x = module("gru", num_layers=2), normal(20, 3)
    slow, fast = (InfluenceStudy(Subject(split(net), x, every_token, local=local)).finish() for local in (False, True))
    for rows, expected in zip(fast.log10_norms, slow.log10_norms, strict=True):
        np.testing.assert_allclose(10.0**rows, 10.0**expected, rtol=1e-5)


@CELLS
def test_a_cell_without_a_recursion_has_the_same_influence_while_it_goes_on(cell, monkeypatch):
    monkeypatch.setattr(engine, "SLICE_NUMBERS", 1)
    net, x = module(cell, dtype=torch.float64), normal(12, 3, dtype=torch.float64)
    plain = copy.copy(cell_of(net))
    object.__setattr__(plain, "adjoint", None)
    scan = ScanLayer(plain, 3, 4).double()
    scan.load_state_dict(net.state_dict())
    stack = [[Layer(plain, scan)]]
    expected = rnnviz.influence(net, x, every_token)
    start = [tuple(part.clone() for part in engine.zero_states(stack, 1)[0])]
    study = InfluenceStudy(Subject(stack, x, every_token, start))
    while (found := study.advance()) is None:
        with torch.no_grad():
            for tensor in (*scan.parameters(), x, *start[0]):
                tensor.add_(1)
    np.testing.assert_allclose(10.0 ** found.log10_norms[0], expected, rtol=1e-10)


@CELLS
@pytest.mark.parametrize("scale", [1e30, 1e-30])
def test_gradients_whose_squares_leave_float32_are_right(cell, scale):
    net, x = module(cell), normal(T, 3)
    found = rnnviz.influence(net, x, lambda top: every_token(top) * scale)
    expected = rnnviz.influence(copy.deepcopy(net).double(), x.double(), every_token) * scale
    assert expected.max() > 0
    seen = expected > 1e-37  # below it float32 has no full precision left
    assert seen.sum() > T
    np.testing.assert_allclose(found[seen], expected[seen], rtol=1e-5)


@CELLS
def test_an_infinite_loss_makes_no_number_of_its_own_row_and_leaves_the_others(cell):
    net, x = module(cell), normal(T, 3)
    weights = torch.ones(T)
    weights[5] = torch.inf
    subject = Subject(split(net), x, lambda top: every_token(top) * weights, local=True)  # else autograd makes 0 · ∞
    found, expected = InfluenceStudy(subject).finish(), layer_influences(net, x, every_token)
    rows, plain = found.log10_norms[0], expected.log10_norms[0]
    assert not np.isfinite(rows[5, :6]).any()
    others = np.arange(T) != 5
    np.testing.assert_allclose(rows[others], plain[others], rtol=1e-5)
    assert np.isnan(found.residuals[0])


def test_a_loss_of_nothing_has_no_influence():
    found = layer_influences(module("lstm", num_layers=2), normal(T, 3), lambda top: torch.ones(len(top)))
    assert all(np.isneginf(norms).all() for norms in found.log10_norms)
    assert found.residuals == (0.0, 0.0)


def test_a_residual_sees_a_single_wrong_token():
    total = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    wrong = total + np.array([[0, 0], [0.05, 0], [0, 0]])
    assert residual(total, total) == 0
    assert residual(wrong, total) == pytest.approx(0.1)
    assert residual(total + np.array([[0, 0], [0, 0], [1e-30, 0]]), total) == np.inf


def test_losses_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"loss returned \(\), expected one loss per token, \(9,\)"):
        rnnviz.influence(module("lstm"), normal(T, 3), lambda top: top.sum())


def test_one_token_teaches_itself():
    assert rnnviz.influence(module("gru"), normal(1, 3), every_token).shape == (1, 1)
