"""Gated recurrent unit as introductions write it (after Cho et al. 2014 and Chung et al. 2014): rows stacked [r, z, n].

r = σ(·)  z = σ(·)  with  · = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
n = tanh(W_in x_t + b_in + W_hn (r ⊙ h_{t-1}) + b_hn)
h_t = (1 − z) ⊙ h_{t-1} + z ⊙ n

Not torch's GRU: r multiplies the state before the product, and z = 1 takes the candidate. Torch has no module for it.
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
    """One token. x (…, D), state (h,) with h (…, H)."""
    return advance(x @ weights.w_ih.T + weights.b_ih, state, weights, hold)


def advance(part: "Tensor", state: State, weights: Weights, hold: Hold = as_it_is) -> tuple[State, dict[str, "Tensor"]]:
    """One token from W_ih x_t + b_ih (…, 3·H)."""
    (h,) = state
    units = h.shape[-1]
    w_rz, w_n = weights.w_hh[: 2 * units], weights.w_hh[2 * units :]
    b_rz, b_n = weights.b_hh[: 2 * units], weights.b_hh[2 * units :]
    x_rz, x_n = part[..., : 2 * units], part[..., 2 * units :]
    r, z = (x_rz + h @ w_rz.T + b_rz).sigmoid().chunk(2, -1)
    r, z = hold("reset", r), hold("update", z)
    n = hold("candidate", (x_n + (r * h) @ w_n.T + b_n).tanh())
    return ((1 - z) * h + z * n,), {"reset": r, "update": z, "candidate": n}


def recall(input_parts: Array, recurrent_parts: Array, cell_0: Array | None) -> Recalled:
    """Gates of all tokens at once; the candidate's recurrent part is W_hn (r ⊙ h₋) + b_hn."""
    a = input_parts + recurrent_parts
    r, z = sigmoid(a[:, :, 0]), sigmoid(a[:, :, 1])
    return Recalled({"reset": r, "update": z, "candidate": np.tanh(a[:, :, 2])}, None)


def adjoint(direct: Array, w_hh: Sequence[Array], memory: Memory) -> Adjoint:
    """Run the recursion from the last token to the first; 1 − z carries the gradient over elementwise."""
    r, z, n = (memory.gates[gate.name] for gate in GRU_TEXTBOOK.gates)
    before = memory.hidden_before
    n_slope = z * (1 - n**2)
    r_slope = before * r * (1 - r)
    z_slope = (n - before) * z * (1 - z)

    hidden = np.empty_like(direct)
    tokens, rows, units = direct.shape
    da = np.empty((tokens, rows, 3, units), direct.dtype)
    carried = np.zeros_like(direct[0])
    for t in reversed(range(tokens)):
        hidden[t] = direct[t] + carried
        da[t, :, 2] = hidden[t] * n_slope[t]
        w_rz, w_n = w_hh[t][: 2 * units], w_hh[t][2 * units :]
        seen = da[t, :, 2] @ w_n  # dL/d(r ⊙ h₋)
        da[t, :, 0] = seen * r_slope[t]
        da[t, :, 1] = hidden[t] * z_slope[t]
        carried = hidden[t] * (1 - z[t]) + seen * r[t] + da[t, :, :2].reshape(rows, 2 * units) @ w_rz
    return Adjoint(hidden, None, da, da)


def jacobian(w_hh: Array, memory: Memory) -> Array:
    """diag(1 − z), and what h_{t−1} does through the update gate, and through r ⊙ h_{t−1} on the candidate."""
    r, z, n = (memory.gates[gate.name] for gate in GRU_TEXTBOOK.gates)
    before = memory.hidden_before
    w_r, w_z, w_n = np.split(w_hh, 3)
    unit = np.arange(z.shape[-1])
    seen = (before * r * (1 - r))[..., None] * w_r  # ∂(r ⊙ h₋)/∂h₋
    seen[:, :, unit, unit] += r
    found = (z * (1 - n**2))[..., None] * (w_n @ seen)
    found += ((n - before) * z * (1 - z))[..., None] * w_z
    found[:, :, unit, unit] += 1 - z
    return np.asarray(found)


_SKETCH = Sketch(
    nodes=(
        Node(4, 10, "h₋", "port", "h_before"),
        Node(42, 10, "×"),
        Node(76, 10, "+"),
        Node(96, 10, "h", "port", "h"),
        Node(42, 23, "1−"),
        Node(76, 24, "×"),
        Node(22, 38, "r", "gate", "reset"),
        Node(42, 38, "z", "gate", "update"),
        Node(76, 37, "n", "gate", "candidate"),
        Node(52, 48, "×"),
        Node(65, 48, "U"),
        Node(52, 58, "h₋", "port"),
        Node(94, 50, "x", "port"),
        Node(4, 54, "h₋, x", "port"),
    ),
    wires=(
        Wire(((8, 10), (38, 10)), "hidden"),
        Wire(((46, 10), (72, 10)), "hidden"),
        Wire(((80, 10), (92, 10)), "hidden"),
        Wire(((42, 33), (42, 27))),
        Wire(((42, 19), (42, 15))),
        Wire(((47, 38), (60, 38), (60, 24), (72, 24))),
        Wire(((76, 33), (76, 28))),
        Wire(((76, 20), (76, 15))),
        Wire(((12, 54), (22, 54), (22, 44)), "hidden"),
        Wire(((22, 54), (42, 54), (42, 44)), "hidden"),
        Wire(((22, 38), (33, 38), (33, 48), (48, 48))),
        Wire(((52, 56), (52, 52)), "hidden"),
        Wire(((56, 48), (61, 48)), "hidden"),
        Wire(((69, 48), (76, 48), (76, 44)), "hidden"),
        Wire(((94, 46), (94, 38), (82, 38))),
    ),
)

GRU_TEXTBOOK = Cell(
    name="gru_textbook",
    title="GRU (textbook)",
    blocks=3,
    step=step,
    advance=advance,
    gates=(
        Gate("reset", "r", "how much of the old state the candidate sees"),
        Gate("update", "z", "1 = take the candidate, 0 = keep the old state"),
        Gate("candidate", "n", "what would replace the old state", "tanh"),
    ),
    carry_gate="update",
    carries_complement=True,
    scaled_blocks={2: "reset"},
    recall=recall,
    adjoint=adjoint,
    jacobian=jacobian,
    equations=("r, z = σ(W x + b + U h₋ + b′)", "n = tanh(W x + b + U (r ⊙ h₋) + b′)", "h = (1 − z) ⊙ h₋ + z ⊙ n"),
    formulas=(
        "n = tanh({input_part_2:+.2f} (from x) {recurrent_part_2:+.2f} (from r ⊙ h₋)) = {candidate:+.2f}",
        "h = (1 − {update:.2f})·({h_before:+.2f}) + {update:.2f}·({candidate:+.2f}) = {h:+.2f}",
    ),
    note=(
        "As introductions write it: r multiplies h₋ before the product with U, and z = 1 takes the new state. Torch's "
        "GRU differs in both: r ⊙ (U h₋ + b′), and its z = 1 keeps the old state. Torch has no module for it: "
        "it is trained token by token, which takes a little longer."
    ),
    sketch=_SKETCH,
)
