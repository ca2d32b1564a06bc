"""Elman's simple recurrent network: h_t = φ(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), φ = tanh or ReLU."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.cells.cell import Adjoint, Cell, Hold, Memory, Recalled, State, Weights, as_it_is
from rnnviz.cells.sketch import Node, Sketch, Wire
from rnnviz.domain.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor


def _preactivation(x: "Tensor", h: "Tensor", w: Weights) -> "Tensor":
    a: Tensor = x @ w.w_ih.T + w.b_ih + h @ w.w_hh.T + w.b_hh
    return a


def step_tanh(x: "Tensor", state: State, weights: Weights, hold: Hold = as_it_is) -> tuple[State, dict[str, "Tensor"]]:
    """One token with φ = tanh. x (…, D), state (h,) with h (…, H). There is no gate to hold."""
    (h,) = state
    return (_preactivation(x, h, weights).tanh(),), {}


def step_relu(x: "Tensor", state: State, weights: Weights, hold: Hold = as_it_is) -> tuple[State, dict[str, "Tensor"]]:
    """One token with φ = ReLU. x (…, D), state (h,) with h (…, H). There is no gate to hold."""
    (h,) = state
    return (_preactivation(x, h, weights).relu(),), {}


def recall(input_parts: Array, recurrent_parts: Array, cell_0: Array | None) -> Recalled:
    """A simple network has no gates and no cell state."""
    return Recalled({}, None)


def adjoint_tanh(direct: Array, w_hh: Sequence[Array], memory: Memory) -> Adjoint:
    """φ'(a) = 1 − h²."""
    return _adjoint(direct, w_hh, 1 - memory.hidden**2)


def adjoint_relu(direct: Array, w_hh: Sequence[Array], memory: Memory) -> Adjoint:
    """φ'(a) = 1 where h > 0, else 0 (torch's choice at the kink)."""
    return _adjoint(direct, w_hh, (memory.hidden > 0).astype(direct.dtype))


def _adjoint(direct: Array, w_hh: Sequence[Array], slope: Array) -> Adjoint:
    hidden = np.empty_like(direct)
    da = np.empty_like(direct)
    carried = np.zeros_like(direct[0])
    for t in reversed(range(len(direct))):
        hidden[t] = direct[t] + carried
        da[t] = hidden[t] * slope[t]
        carried = da[t] @ w_hh[t]
    blocks = da[:, :, None]
    return Adjoint(hidden, None, blocks, blocks)


def jacobian_tanh(w_hh: Array, memory: Memory) -> Array:
    """diag(1 − h²) W_hh."""
    return np.asarray((1 - memory.hidden**2)[..., None] * w_hh)


def jacobian_relu(w_hh: Array, memory: Memory) -> Array:
    """W_hh with the rows of sleeping units set to 0."""
    return np.asarray((memory.hidden > 0)[..., None] * w_hh)


def _sketch(function: str) -> Sketch:
    return Sketch(
        nodes=(
            Node(5, 30, "h₋", "port", "h_before"),
            Node(40, 52, "x", "port"),
            Node(40, 30, "+"),
            Node(62, 30, function, "gate"),
            Node(95, 30, "h", "port", "h"),
        ),
        wires=(
            Wire(((9, 30), (36, 30)), "hidden"),
            Wire(((40, 48), (40, 35))),
            Wire(((44, 30), (55, 30)), "hidden"),
            Wire(((69, 30), (91, 30)), "hidden"),
        ),
    )


def _cell(name: str, title: str, function: str, **parts: object) -> Cell:
    return Cell(
        name=name,
        title=title,
        blocks=1,
        torch_module="RNN",
        recall=recall,
        equations=("a = W_ih x + b_ih + W_hh h₋ + b_hh", f"h = {function}(a)"),
        formulas=(
            "a = {input_part_0:+.2f} (from x) {recurrent_part_0:+.2f} (from h₋) = {sum_0:+.2f}",
            f"h = {function}({{sum_0:+.2f}}) = {{h:+.2f}}",
        ),
        sketch=_sketch(function),
        **parts,  # type: ignore[arg-type]  # keyword arguments of Cell, checked where it is built
    )


TANH = _cell(
    "rnn_tanh",
    "RNN (tanh)",
    "tanh",
    torch_options={"nonlinearity": "tanh"},
    step=step_tanh,
    adjoint=adjoint_tanh,
    jacobian=jacobian_tanh,
)
RELU = _cell(
    "rnn_relu",
    "RNN (ReLU)",
    "relu",
    torch_options={"nonlinearity": "relu"},
    step=step_relu,
    adjoint=adjoint_relu,
    jacobian=jacobian_relu,
    activation="relu",
    bounded=False,
)
