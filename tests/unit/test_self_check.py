"""The check that a run makes of itself passes when all is right, and fails when anything is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.self_check import rebuilt_error
from tests.builders import FAST, module, normal, text_file, trainer

GATED = [name for name in FAST if CELLS[name].gates]


def updated(folder, **changes):
    run = trainer(task="text", file=text_file(folder), **changes)
    list(run.updates(2))
    return run


@pytest.mark.parametrize("cell", FAST)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("init", ["default", "orthogonal", "gaussian", "identity", "pascanu"])
def test_every_network_passes(cell, layers, init, tmp_path):
    check = updated(tmp_path, cell=cell, layers=layers, init=init, hidden=12, length=30).self_check()
    assert check.update == 2
    assert 0 < check.error <= 1e-5
    assert check.passed


@pytest.mark.parametrize("clip", ["norm", "value"])
def test_the_gradient_from_before_clipping_is_checked(clip, tmp_path):
    run = updated(tmp_path, clip=clip, threshold=1e-3)
    assert run.self_check().passed


@pytest.mark.parametrize("cell", FAST)
@pytest.mark.parametrize(
    "name", ["layers.0.weight_hh_l0", "layers.1.weight_ih_l0", "embedding.weight", "readout.weight"]
)
def test_weights_that_are_not_those_of_the_update_are_noticed(cell, name, tmp_path):
    run = updated(tmp_path, cell=cell, layers=2)
    with torch.no_grad():
        run._before.get_parameter(name).mul_(1.01)
    assert not run.self_check().passed


@pytest.mark.parametrize("cell", FAST)
def test_a_gradient_that_is_not_the_one_used_is_noticed(cell, tmp_path):
    run = updated(tmp_path, cell=cell, layers=2)
    used = run._row.part(run._last.gradient, "layers.0.weight_hh_l0")
    used[3] += 1e-3 * used.abs().max()
    assert not run.self_check().passed


@pytest.mark.parametrize("cell", FAST)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_wrong_recursion_is_noticed(cell, layers, tmp_path):
    """The recursion forgets one part in a thousand at every token."""
    right = CELLS[cell].adjoint
    run = updated(tmp_path, cell=cell, layers=layers)
    assert run.self_check().passed
    run._before.cell = replace(
        CELLS[cell], adjoint=lambda direct, w_hh, memory: right(direct, [0.999 * one for one in w_hh], memory)
    )
    check = run.self_check()
    assert check.error > 1e-5
    assert not check.passed


@pytest.mark.parametrize(("cell", "gate"), [(cell, gate.name) for cell in GATED for gate in CELLS[cell].gates])
def test_a_wrong_gate_is_noticed(cell, gate, tmp_path):
    def corrupted(*parts):
        recalled = CELLS[cell].recall(*parts)
        return recalled._replace(gates={**recalled.gates, gate: 1.01 * recalled.gates[gate]})

    run = updated(tmp_path, cell=cell)
    run._before.cell = replace(CELLS[cell], recall=corrupted)
    check = run.self_check()
    assert check.error > 1e-5
    assert not check.passed


def simple_stack():
    """Two layers as a trainer stacks them, a batch, and the gradients that autograd finds."""
    nets = [module("gru", 3, 4, seed=0), module("gru", 4, 4, seed=1)]
    x, direct = normal(6, 2, 3), normal(6, 2, 4, seed=1)
    nets[1](nets[0](x)[0])[0].backward(direct)
    return (
        [[Layer(CELLS["gru"], net, depth)] for depth, net in enumerate(nets)],
        x,
        direct,
        [net.weight_hh_l0.grad for net in nets],
    )


def test_the_error_is_the_largest_difference_over_the_largest_entry():
    stack, x, direct, used = simple_stack()
    assert rebuilt_error(stack, x, direct, used) < 1e-6
    wrong = used[0].clone()
    largest = float(wrong.abs().max())
    wrong[wrong.abs() < largest / 2] += largest / 10
    assert rebuilt_error(stack, x, direct, [wrong, used[1]]) == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize("depth", [0, 1])
def test_a_nan_in_any_layer_fails(depth):
    stack, x, direct, used = simple_stack()
    used[depth] = torch.full_like(used[depth], torch.nan)
    assert np.isnan(rebuilt_error(stack, x, direct, used))


def test_a_gradient_of_exactly_zero_is_right_only_when_nothing_is_rebuilt():
    stack, x, direct, used = simple_stack()
    nothing = [torch.zeros_like(gradient) for gradient in used]
    assert rebuilt_error(stack, x, torch.zeros_like(direct), nothing) == 0
    assert rebuilt_error(stack, x, direct, nothing) == np.inf
