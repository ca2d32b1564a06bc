"""Long short-term memory, torch's convention: rows stacked [i, f, g, o].

i = σ(·)  f = σ(·)  g = tanh(·)  o = σ(·)  with  · = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
c_t = f ⊙ c_{t-1} + i ⊙ g,  h_t = o ⊙ tanh(c_t)
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.cells.activations import sigmoid
from rnnviz.cells.cell import Adjoint, Cell, Gate, Hold, Memory, Recalled, State, Weights, as_it_is
from rnnviz.cells.sketch import Node, Sketch, Wire
from rnnviz.domain.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor


def step(x: "Tensor", state: State, weights: Weights, hold: Hold = as_it_is) -> tuple[State, dict[str, "Tensor"]]:
    """One token. x (…, D), state (h, c) with (…, H) each."""
    h, c = state
    w = weights
    a_i, a_f, a_g, a_o = (x @ w.w_ih.T + w.b_ih + h @ w.w_hh.T + w.b_hh).chunk(4, -1)
    i, f = hold("input", a_i.sigmoid()), hold("forget", a_f.sigmoid())
    g, o = hold("candidate", a_g.tanh()), hold("output", a_o.sigmoid())
    c = f * c + i * g
    h = o * c.tanh()
    return (h, c), {"input": i, "forget": f, "candidate": g, "output": o}


def recall(input_parts: Array, recurrent_parts: Array, cell_0: Array | None) -> Recalled:
    """Gates of all tokens at once; then c by an elementwise scan, for c = atanh(h/o) would lose digits."""
    a = input_parts + recurrent_parts
    i, f, o = sigmoid(a[:, :, 0]), sigmoid(a[:, :, 1]), sigmoid(a[:, :, 3])
    g = np.tanh(a[:, :, 2])
    cell = i * g
    before = cell_0
    for t in range(len(cell)):
        cell[t] += f[t] * before
        before = cell[t]
    return Recalled({"input": i, "forget": f, "candidate": g, "output": o}, cell)


def adjoint(direct: Array, w_hh: Sequence[Array], memory: Memory) -> Adjoint:
    """From the last token to the first: dL/dc_t = f_{t+1} dL/dc_{t+1} + o_t (1 − tanh² c_t) dL/dh_t."""
    i, f, g, o = (memory.gates[gate.name] for gate in LSTM.gates)
    tanh_c = np.tanh(memory.cell)
    into_cell = o * (1 - tanh_c**2)
    cell_slopes = np.stack([g * i * (1 - i), memory.cell_before * f * (1 - f), i * (1 - g**2)], axis=2)
    output_slope = tanh_c * o * (1 - o)

    hidden, cell = np.empty_like(direct), np.empty_like(direct)
    tokens, rows, units = direct.shape
    da = np.empty((tokens, rows, 4, units), direct.dtype)
    carried_h, carried_c = np.zeros_like(direct[0]), np.zeros_like(direct[0])
    for t in reversed(range(tokens)):
        dh, dc = hidden[t], cell[t]
        np.add(direct[t], carried_h, out=dh)
        np.multiply(dh, into_cell[t], out=dc)
        dc += carried_c
        np.multiply(dc[:, None], cell_slopes[t], out=da[t, :, :3])
        np.multiply(dh, output_slope[t], out=da[t, :, 3])
        np.matmul(da[t].reshape(rows, -1), w_hh[t], out=carried_h)
        np.multiply(dc, f[t], out=carried_c)
    return Adjoint(hidden, cell, da, da)


def jacobian(w_hh: Array, memory: Memory) -> Array:
    """∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}): c by f and by the gates, h through tanh(c) and by the output gate."""
    i, f, g, o = (memory.gates[gate.name] for gate in LSTM.gates)
    w_i, w_f, w_g, w_o = np.split(w_hh, 4)
    tanh_c = np.tanh(memory.cell)
    into_hidden = o * (1 - tanh_c**2)
    units = f.shape[-1]
    found = np.zeros((*f.shape[:2], 2 * units, 2 * units), f.dtype)
    cell_by_hidden = found[:, :, units:, :units]
    cell_by_hidden += (memory.cell_before * f * (1 - f))[..., None] * w_f
    cell_by_hidden += (g * i * (1 - i))[..., None] * w_i
    cell_by_hidden += (i * (1 - g**2))[..., None] * w_g
    found[:, :, :units, :units] = into_hidden[..., None] * cell_by_hidden
    found[:, :, :units, :units] += (tanh_c * o * (1 - o))[..., None] * w_o
    unit = np.arange(units)
    found[:, :, unit, units + unit] = into_hidden * f
    found[:, :, units + unit, units + unit] = f
    return found


_SKETCH = Sketch(
    nodes=(
        Node(4, 10, "c₋", "port", "c_before"),
        Node(20, 10, "×"),
        Node(46, 10, "+"),
        Node(96, 10, "c", "port", "c"),
        Node(46, 24, "×"),
        Node(20, 38, "f", "gate", "forget"),
        Node(37, 38, "i", "gate", "input"),
        Node(54, 38, "g", "gate", "candidate"),
        Node(71, 38, "o", "gate", "output"),
        Node(87, 24, "tanh"),
        Node(87, 38, "×"),
        Node(4, 54, "h₋, x", "port"),
        Node(96, 54, "h", "port", "h"),
    ),
    wires=(
        Wire(((8, 10), (16, 10)), "cell"),
        Wire(((24, 10), (42, 10)), "cell"),
        Wire(((50, 10), (92, 10)), "cell"),
        Wire(((20, 33), (20, 15))),
        Wire(((37, 33), (37, 24), (42, 24))),
        Wire(((54, 33), (54, 24), (50, 24))),
        Wire(((46, 20), (46, 15))),
        Wire(((87, 10), (87, 19)), "cell"),
        Wire(((87, 28), (87, 34)), "cell"),
        Wire(((71, 38), (83, 38))),
        Wire(((87, 42), (87, 54), (93, 54)), "hidden"),
        Wire(((12, 54), (20, 54), (20, 44)), "hidden"),
        Wire(((20, 54), (37, 54), (37, 44)), "hidden"),
        Wire(((37, 54), (54, 54), (54, 44)), "hidden"),
        Wire(((54, 54), (71, 54), (71, 44)), "hidden"),
    ),
)

LSTM = Cell(
    name="lstm",
    title="LSTM",
    blocks=4,
    step=step,
    gates=(
        Gate("input", "i", "how much of the candidate is written"),
        Gate("forget", "f", "1 = keep the cell state, 0 = erase it"),
        Gate("candidate", "g", "what would be written", "tanh"),
        Gate("output", "o", "how much of the cell state is shown"),
    ),
    has_cell_state=True,
    forget_gate="forget",
    carry_gate="forget",
    torch_module="LSTM",
    recall=recall,
    adjoint=adjoint,
    jacobian=jacobian,
    equations=("i, f, o = σ(W x + b + U h₋ + b′)    g = tanh(…)", "c = f ⊙ c₋ + i ⊙ g", "h = o ⊙ tanh(c)"),
    formulas=(
        "c = {forget:.2f}·({c_before:+.2f}) + {input:.2f}·({candidate:+.2f}) = {c:+.2f}",
        "h = {output:.2f}·tanh({c:+.2f}) = {h:+.2f}",
    ),
    sketch=_SKETCH,
)
