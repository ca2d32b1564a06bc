"""A cell that is nothing but its formula trains, traces and checks itself as one that torch has a module for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.passes import TextbookPass, forward_pass
from tests.builders import TORCH_CELLS, module, normal, relative_errors, text_file, trainer

EVERY = pytest.mark.parametrize("cell", TORCH_CELLS)


def formula_alone(cell):
    """The entry ``cell`` as someone would write it anew: no module of torch's, no fast way."""
    return replace(CELLS[cell], name="own", torch_module=None, recall=None, adjoint=None)


@pytest.fixture
def own(monkeypatch):
    """Lists the formula of a cell in the catalogue, under the name “own”."""

    def listed(cell):
        monkeypatch.setitem(CELLS._entries, "own", formula_alone(cell))

    return listed


def two_runs(cell, own, folder, **changes):
    own(cell)
    shared = {"task": "text", "file": text_file(folder), "init": "orthogonal", **changes}
    return trainer(cell="own", **shared), trainer(cell=cell, **shared)


@EVERY
def test_a_scan_computes_what_the_module_does(cell):
    net = module(cell, dtype=torch.float64)
    scan = ScanLayer(CELLS[cell], 3, 4).double()
    scan.load_state_dict(net.state_dict())
    x = normal(2, 7, 3, dtype=torch.float64)
    for start in (None, net(x)[1]):
        output, last = scan(x, start)
        expected, expected_last = net(x, start)
        torch.testing.assert_close(output, expected, rtol=1e-13, atol=1e-15)
        expected_parts = expected_last if isinstance(expected_last, tuple) else (expected_last,)
        torch.testing.assert_close(last, expected_parts, rtol=1e-13, atol=1e-15)


@EVERY
def test_a_scan_begins_with_the_weights_that_torch_would_draw(cell, own, tmp_path):
    scanned, fused = two_runs(cell, own, tmp_path, layers=2)
    assert isinstance(scanned.network.layers[0], ScanLayer)
    assert not isinstance(fused.network.layers[0], ScanLayer)
    for (name, ours), (other_name, theirs) in zip(
        scanned.network.named_parameters(), fused.network.named_parameters(), strict=True
    ):
        assert name == other_name
        assert torch.equal(ours, theirs)


@EVERY
def test_a_scan_learns_as_the_module_does(cell, own, tmp_path):
    scanned, fused = two_runs(cell, own, tmp_path, layers=2, optimizer="sgd", rate=0.5)
    for ours, theirs in zip(scanned.updates(5), fused.updates(5), strict=True):
        assert ours.loss == pytest.approx(theirs.loss, rel=1e-6)
        assert ours.grad_norm == pytest.approx(theirs.grad_norm, rel=1e-5)  # rounding adds up over the updates


@EVERY
def test_a_scan_is_traced_as_the_module_is(cell, own, tmp_path):
    scanned, fused = two_runs(cell, own, tmp_path, layers=2)
    for ours, theirs in zip(scanned.trace().layers, fused.trace().layers, strict=True):
        assert ours.cell == "own"
        assert relative_errors(ours.hidden, theirs.hidden).max() <= 1e-6
        # Two float32 recursions that round differently; their agreement in float64 is tested on the passes.
        assert relative_errors(ours.hidden_grads, theirs.hidden_grads).max() <= 5e-6
        assert relative_errors(ours.hidden_grads_last, theirs.hidden_grads_last).max() <= 5e-6
        assert list(ours.gates) == list(theirs.gates)
        for gate, values in theirs.gates.items():
            assert relative_errors(ours.gates[gate], values).max() <= 1e-6
            assert relative_errors(ours.gate_grads[gate], theirs.gate_grads[gate]).max() <= 5e-6
        assert ours.input_parts is None  # a formula may use its weights as it likes
        assert ours.recurrent_parts is None


@EVERY
def test_a_formula_alone_is_not_checked_against_itself(cell, own, tmp_path):
    scanned, _ = two_runs(cell, own, tmp_path, layers=1)
    scanned.update()
    assert scanned.self_check() is None
    assert scanned.trace().check is None


def test_a_formula_alone_is_traced_through_autograd():
    layer = Layer(formula_alone("lstm"), ScanLayer(formula_alone("lstm"), 3, 4))
    zero = torch.zeros(1, 4)
    taken = forward_pass(layer, normal(5, 1, 3), torch.zeros(5, 1, 4), (zero, zero))
    assert isinstance(taken, TextbookPass)
    assert np.isfinite(taken.gates["forget"]).all()
