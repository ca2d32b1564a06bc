"""Every entry of the catalogue of cells: its formula, its names and what is shown of it."""

import math
import re
import string

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.cells import CELLS
from rnnviz.cells.activations import sigmoid
from rnnviz.cells.cell import Weights
from rnnviz.cells.sketch import plain_sketch
from rnnviz.tracing.touch import lets_hold
from tests.builders import normal, relative_errors

D, H = 3, 4
EVERY = pytest.mark.parametrize("cell", CELLS.values(), ids=list(CELLS))


def weights_of(cell, dtype=torch.float64):
    rows = cell.blocks * H
    shapes = ((rows, D), (rows, H), (rows,), (rows,))
    return Weights(*(normal(*shape, seed=k, dtype=dtype) for k, shape in enumerate(shapes)))


def start(cell, batch=2):
    parts = (normal(batch, H, seed=8, dtype=torch.float64), normal(batch, H, seed=9, dtype=torch.float64))
    return parts if cell.has_cell_state else parts[:1]


def live_values(cell, unit=1):
    """What the formulas and the sketch may name, of one unit at one token."""
    weights, state, x = weights_of(cell), start(cell, 1), normal(1, D, seed=7, dtype=torch.float64)
    after, gates = cell.step(x, state, weights)
    values = {name: float(gate[0, unit]) for name, gate in gates.items()}
    for name, part_before, part in zip(("h", "c"), state, after, strict=False):
        values[f"{name}_before"], values[name] = float(part_before[0, unit]), float(part[0, unit])
    for block in range(cell.blocks):
        row = block * H + unit
        values[f"input_part_{block}"] = float(x[0] @ weights.w_ih[row] + weights.b_ih[row])
        scale = gates[cell.scaled_blocks[block]][0] if block in cell.scaled_blocks else 1
        values[f"recurrent_part_{block}"] = float((scale * state[0][0]) @ weights.w_hh[row] + weights.b_hh[row])
        values[f"sum_{block}"] = values[f"input_part_{block}"] + values[f"recurrent_part_{block}"]
    return values


@EVERY
def test_a_step_equals_the_module_that_the_cell_names(cell):
    if cell.torch_module is None:
        pytest.skip("torch has no module for this cell")
    net = getattr(nn, cell.torch_module)(D, H, dtype=torch.float64, **cell.torch_options)
    weights = weights_of(cell)
    net.load_state_dict(dict(zip(net.state_dict(), weights, strict=True)))
    x, state = normal(6, 2, D, seed=7, dtype=torch.float64), start(cell)
    with torch.no_grad():
        expected, _ = net(x, tuple(part[None] for part in state) if cell.has_cell_state else state[0][None])
    for token, x_t in enumerate(x):
        state, _ = cell.step(x_t, state, weights)
        assert relative_errors(state[0].numpy(), expected[token].numpy()).max() <= 1e-14


@EVERY
def test_a_step_gives_exactly_the_gates_that_the_cell_lists(cell):
    state, gates = cell.step(normal(2, D, dtype=torch.float64), start(cell), weights_of(cell))
    assert list(gates) == [gate.name for gate in cell.gates]
    assert len(state) == (2 if cell.has_cell_state else 1)
    assert all(part.shape == (2, H) for part in (*state, *gates.values()))
    for gate in cell.gates:
        low = -1 if gate.signed else 0
        assert ((gates[gate.name] > low) & (gates[gate.name] < 1)).all()


@EVERY
def test_a_step_goes_on_with_what_its_gates_are_held_at(cell):
    x, state, weights = normal(2, D, dtype=torch.float64), start(cell), weights_of(cell)
    for gate in cell.gates:
        assert lets_hold(cell, gate.name)

        def hold(name, value, held=gate.name):
            return torch.full_like(value, 0.375) if name == held else value

        _, gates = cell.step(x, state, weights, hold)
        assert (gates[gate.name] == 0.375).all()


@EVERY
def test_a_step_can_be_differentiated(cell):
    weights = Weights(*(tensor.requires_grad_() for tensor in weights_of(cell)))
    state, _ = cell.step(normal(2, D, dtype=torch.float64), start(cell), weights)
    state[0].sum().backward()
    assert all(tensor.grad.abs().sum() > 0 for tensor in weights)


@EVERY
def test_a_bounded_cell_stays_within_one(cell):
    weights = Weights(*(100 * tensor for tensor in weights_of(cell)))
    state = tuple(torch.full((2, H), 1.0, dtype=torch.float64) for _ in start(cell))
    for x in normal(20, 2, D, dtype=torch.float64):
        state, _ = cell.step(100 * x, state, weights)
    assert bool(state[0].abs().max() <= 1) == cell.bounded


@EVERY
def test_a_gate_is_found_by_its_row_block(cell):
    assert [cell.gate_block(gate.name) for gate in cell.gates] == list(range(len(cell.gates)))
    assert cell.gate_block("no such gate") is None


@EVERY
def test_formulas_can_be_filled_with_live_values(cell):
    assert cell.equations
    values = live_values(cell)
    for formula in cell.formulas:
        named = {name for _, name, _, _ in string.Formatter().parse(formula) if name}
        assert named <= set(values)
        assert "{" not in formula.format(**values)


@EVERY
def test_formulas_are_true_of_the_live_values(cell):
    for formula in cell.formulas:
        exact = re.sub(r"\.2f}", ".15f}", formula).format(**live_values(cell))
        plain = re.sub(r"\(from [^)]*\)", "", exact).replace("·", "*").replace("−", "-")
        _, *sides = plain.split("=")
        functions = {"tanh": math.tanh, "relu": lambda a: max(a, 0.0), "__builtins__": {}}
        first, *others = [eval(side, functions) for side in sides]  # noqa: S307  # arithmetic of this repository
        assert others, formula
        assert others == pytest.approx([first] * len(others), abs=1e-13), formula


def sketch_of(cell):
    """The cell's own drawing, or the plain one that is shown in its place."""
    return cell.sketch if cell.sketch.nodes else plain_sketch({gate.name: gate.letter for gate in cell.gates})


@EVERY
@pytest.mark.parametrize("drawing", [sketch_of, lambda cell: plain_sketch({gate.name: "x" for gate in cell.gates})])
def test_a_sketch_names_live_values_only(cell, drawing):
    values = live_values(cell)
    named = [node.value for node in drawing(cell).nodes if node.value is not None]
    assert {gate.name for gate in cell.gates} <= set(named)
    assert {"h", "h_before"} & set(named)
    assert set(named) <= set(values)


@EVERY
def test_a_sketch_stays_on_its_canvas(cell):
    places = [(node.x, node.y) for node in sketch_of(cell).nodes]
    places += [point for wire in sketch_of(cell).wires for point in wire.points]
    assert places
    assert all(0 <= x <= 100 and 0 <= y <= 60 for x, y in places)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sigmoid_saturates_without_a_warning(dtype):
    found = sigmoid(np.array([-1000.0, 0.0, 1000.0], dtype))
    assert found.dtype == dtype
    assert found.tolist() == [0.0, 0.5, 1.0]
