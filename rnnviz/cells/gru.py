"""Gated recurrent unit, torch's convention: rows stacked [r, z, n].

r = σ(·)  z = σ(·)  with  · = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
q = W_hn h_{t-1} + b_hn,  n = tanh(W_in x_t + b_in + r ⊙ q)
h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}

Not the textbook GRU: r multiplies the product q, and z = 1 keeps the old state.
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
    (h,) = state
    x_r, x_z, x_n = (x @ weights.w_ih.T + weights.b_ih).chunk(3, -1)
    h_r, h_z, q = (h @ weights.w_hh.T + weights.b_hh).chunk(3, -1)
    r, z = hold("reset", (x_r + h_r).sigmoid()), hold("update", (x_z + h_z).sigmoid())
    n = hold("candidate", (x_n + r * q).tanh())
    return ((1 - z) * n + z * h,), {"reset": r, "update": z, "candidate": n}


def recall(input_parts: Array, recurrent_parts: Array, cell_0: Array | None) -> Recalled:
    """Gates of all tokens at once."""
    x, q = input_parts, recurrent_parts
    r, z = sigmoid(x[:, :, 0] + q[:, :, 0]), sigmoid(x[:, :, 1] + q[:, :, 1])
    n = np.tanh(x[:, :, 2] + r * q[:, :, 2])
    return Recalled({"reset": r, "update": z, "candidate": n}, None)


def adjoint(direct: Array, w_hh: Sequence[Array], memory: Memory) -> Adjoint:
    """Run the recursion from the last token to the first; z carries the gradient over elementwise."""
    r, z, n = (memory.gates[gate.name] for gate in GRU.gates)
    q = memory.recurrent_parts[:, :, 2]
    n_slope = (1 - z) * (1 - n**2)
    r_slope = n_slope * q * r * (1 - r)
    z_slope = (memory.hidden_before - n) * z * (1 - z)
    recurrent_slopes = np.stack([r_slope, z_slope, n_slope * r], axis=2)

    hidden = np.empty_like(direct)
    tokens, rows, units = direct.shape
    recurrent = np.empty((tokens, rows, 3, units), direct.dtype)
    carried = np.zeros_like(direct[0])
    for t in reversed(range(tokens)):
        hidden[t] = direct[t] + carried
        recurrent[t] = hidden[t][:, None] * recurrent_slopes[t]
        carried = hidden[t] * z[t] + recurrent[t].reshape(rows, 3 * units) @ w_hh[t]
    inputs = np.stack([recurrent[:, :, 0], recurrent[:, :, 1], hidden * n_slope], axis=2)
    return Adjoint(hidden, None, inputs, recurrent)


def jacobian(w_hh: Array, memory: Memory) -> Array:
    """diag(z), and what h_{t−1} does through each of the three gates."""
    r, z, n = (memory.gates[gate.name] for gate in GRU.gates)
    q = memory.recurrent_parts[:, :, 2]
    w_r, w_z, w_n = np.split(w_hh, 3)
    n_slope = (1 - z) * (1 - n**2)
    found = ((memory.hidden_before - n) * z * (1 - z))[..., None] * w_z
    found += (n_slope * r)[..., None] * w_n
    found += (n_slope * q * r * (1 - r))[..., None] * w_r
    unit = np.arange(z.shape[-1])
    found[:, :, unit, unit] += z
    return np.asarray(found)


_SKETCH = Sketch(
    nodes=(
        Node(4, 10, "h₋", "port", "h_before"),
        Node(42, 10, "×"),
        Node(76, 10, "+"),
        Node(96, 10, "h", "port", "h"),
        Node(59, 24, "1−"),
        Node(76, 24, "×"),
        Node(22, 38, "r", "gate", "reset"),
        Node(42, 38, "z", "gate", "update"),
        Node(76, 37, "n", "gate", "candidate"),
        Node(60, 46, "×"),
        Node(60, 57, "U h₋", "port"),
        Node(94, 50, "x", "port"),
        Node(4, 54, "h₋, x", "port"),
    ),
    wires=(
        Wire(((8, 10), (38, 10)), "hidden"),
        Wire(((46, 10), (72, 10)), "hidden"),
        Wire(((80, 10), (92, 10)), "hidden"),
        Wire(((42, 33), (42, 15))),
        Wire(((42, 24), (54, 24))),
        Wire(((64, 24), (72, 24))),
        Wire(((76, 33), (76, 28))),
        Wire(((76, 20), (76, 15))),
        Wire(((12, 54), (22, 54), (22, 44)), "hidden"),
        Wire(((22, 54), (42, 54), (42, 44)), "hidden"),
        Wire(((22, 38), (33, 38), (33, 46), (56, 46))),
        Wire(((60, 54), (60, 50)), "hidden"),
        Wire(((64, 46), (76, 46), (76, 44)), "hidden"),
        Wire(((94, 46), (94, 38), (82, 38))),
    ),
)

GRU = Cell(
    name="gru",
    title="GRU",
    blocks=3,
    step=step,
    gates=(
        Gate("reset", "r", "how much of the old state the candidate sees"),
        Gate("update", "z", "1 = keep the old state, 0 = take the candidate"),
        Gate("candidate", "n", "what would replace the old state", "tanh"),
    ),
    carry_gate="update",
    torch_module="GRU",
    recall=recall,
    adjoint=adjoint,
    jacobian=jacobian,
    equations=("r, z = σ(W x + b + U h₋ + b′)", "n = tanh(W x + b + r ⊙ (U h₋ + b′))", "h = (1 − z) ⊙ n + z ⊙ h₋"),
    formulas=(
        "n = tanh({input_part_2:+.2f} + {reset:.2f}·({recurrent_part_2:+.2f})) = {candidate:+.2f}",
        "h = (1 − {update:.2f})·({candidate:+.2f}) + {update:.2f}·({h_before:+.2f}) = {h:+.2f}",
    ),
    note=(
        "Torch's own, and that of cuDNN: r multiplies the product U h₋ + b′, and z = 1 keeps the old state. "
        "“GRU (textbook)” differs in both."
    ),
    sketch=_SKETCH,
)
