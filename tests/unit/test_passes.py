"""The fast way through a layer against the slow one: `RecordedPass` (numpy) and `TextbookPass` (autograd on `step`)."""

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Weights
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing.layer import Layer, Stretch
from rnnviz.tracing.passes import RecordedPass, TextbookPass, forward_pass
from tests.builders import FAST, normal, relative_errors

T, H, D = 12, 5, 3
PRECISIONS = pytest.mark.parametrize(
    ("dtype", "limit"), [(torch.float32, 1e-6), (torch.float64, 1e-12)], ids=["float32", "float64"]
)
# B sequences; R losses go backward together, either many through one sequence or one through each.
BATCHES = pytest.mark.parametrize(("sequences", "losses"), [(1, 1), (1, 3), (3, 3)], ids=["1-1", "1-3", "3-3"])


def both(name, dtype, sequences):
    cell = CELLS[name]
    rows = cell.blocks * H
    shapes = ((rows, D), (rows, H), (rows,), (rows,))
    weights = Weights(*(normal(*shape, seed=k, dtype=dtype) / 4 for k, shape in enumerate(shapes)))
    x = normal(T, sequences, D, seed=7, dtype=dtype)
    states = (normal(sequences, H, seed=8, dtype=dtype), normal(sequences, H, seed=9, dtype=dtype))
    initial = states if cell.has_cell_state else states[:1]
    hidden, state = [], initial
    for x_t in x:
        state, _ = cell.step(x_t, state, weights)
        hidden.append(state[0])
    all_of_it = [Stretch(0, T, weights)]
    return RecordedPass(cell, all_of_it, x, torch.stack(hidden), initial), TextbookPass(cell, all_of_it, x, initial)


def direct_gradients(losses, dtype):
    return normal(T, losses, H, seed=11, dtype=dtype).numpy()


@pytest.mark.parametrize("name", FAST)
@PRECISIONS
@pytest.mark.parametrize("sequences", [1, 3])
def test_both_ways_see_the_same_states_and_gates(name, dtype, limit, sequences):
    fast, slow = both(name, dtype, sequences)
    assert list(fast.gates) == list(slow.gates) == [gate.name for gate in CELLS[name].gates]
    for gate, values in slow.gates.items():
        assert values.shape == (T, sequences, H)
        assert relative_errors(fast.gates[gate], values).max() <= limit, gate
    assert (fast.cell_state is None) == (slow.cell_state is None) == (not CELLS[name].has_cell_state)
    if slow.cell_state is not None:
        assert relative_errors(fast.cell_state, slow.cell_state).max() <= limit


@pytest.mark.parametrize("name", FAST)
@PRECISIONS
@BATCHES
def test_both_ways_find_the_same_gradients(name, dtype, limit, sequences, losses):
    fast, slow = (way.backward(direct_gradients(losses, dtype)) for way in both(name, dtype, sequences))
    assert slow.hidden.shape == (T, losses, H)
    assert slow.inputs.shape == (T, losses, D)
    assert relative_errors(fast.hidden, slow.hidden).max() <= limit
    assert relative_errors(fast.inputs, slow.inputs).max() <= limit
    assert (fast.cell is None) == (slow.cell is None) == (not CELLS[name].has_cell_state)
    if slow.cell is not None:
        assert relative_errors(fast.cell, slow.cell).max() <= limit
    assert list(fast.gates) == list(slow.gates) == [gate.name for gate in CELLS[name].gates]
    for gate, gradient in slow.gates.items():
        assert relative_errors(fast.gates[gate], gradient).max() <= limit, gate


@pytest.mark.parametrize("name", FAST)
@PRECISIONS
@pytest.mark.parametrize("sequences", [1, 3])
def test_both_ways_find_the_same_weight_gradient(name, dtype, limit, sequences):
    fast, slow = (
        way.recurrent_gradients(direct_gradients(sequences, dtype))[0] for way in both(name, dtype, sequences)
    )
    assert slow.shape == (CELLS[name].blocks * H, H)
    assert np.abs(fast - slow).max() / np.abs(slow).max() <= limit


@pytest.mark.parametrize("name", FAST)
def test_several_losses_at_once_are_each_what_one_alone_gives(name):
    direct = direct_gradients(3, torch.float64)
    for way in both(name, torch.float64, 1):
        together = way.backward(direct).hidden
        for row in range(3):
            alone = way.backward(np.ascontiguousarray(direct[:, row : row + 1])).hidden
            assert relative_errors(together[:, row], alone[:, 0]).max() <= 1e-14


@pytest.mark.parametrize("name", FAST)
def test_the_fast_way_is_taken_where_there_is_one(name):
    layer = Layer(CELLS[name], ScanLayer(CELLS[name], D, H))
    zero = torch.zeros(1, H)
    taken = forward_pass(
        layer, torch.zeros(T, 1, D), torch.zeros(T, 1, H), (zero, zero)[: 1 + layer.cell.has_cell_state]
    )
    assert isinstance(taken, RecordedPass)


def test_a_gradient_beyond_float32_is_infinite_without_a_warning():
    fast, _ = both("rnn_relu", torch.float32, 1)
    assert not np.isfinite(fast.backward(np.full((T, 1, H), 3e38, np.float32)).hidden).all()
