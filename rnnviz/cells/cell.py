"""What a cell is: the textbook formula, how torch names it, and how to show it.

Axes: T tokens, B sequences, R rows (right-hand sides of one backward pass; B is 1 or R), D inputs,
H units, G gate blocks stacked in the rows of the weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnnviz.cells.sketch import Sketch
from rnnviz.domain.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor


class Weights(NamedTuple):
    """One layer in one direction, torch's layout. numpy arrays for `adjoint`, tensors for `step`."""

    w_ih: Any  # (G·H, D)
    w_hh: Any  # (G·H, H)
    b_ih: Any  # (G·H,)
    b_hh: Any  # (G·H,)


class Memory(NamedTuple):
    """What the forward pass left behind, and the backward pass needs. Time-major."""

    hidden: Array  # (T, B, H) h_t
    hidden_before: Array  # (T, B, H) h_{t-1}
    cell: Array  # (T, B, H) c_t; empty for a cell without one
    cell_before: Array  # (T, B, H) c_{t-1}; likewise
    gates: Mapping[str, Array]  # (T, B, H) each
    recurrent_parts: Array  # (T, B, G, H) W_hh h_{t-1} + b_hh, with r ⊙ h_{t-1} in `Cell.scaled_blocks`


class Recalled(NamedTuple):
    """Gates and cell state rebuilt from recorded hidden states."""

    gates: dict[str, Array]  # (T, B, H) each
    cell: Array | None  # (T, B, H)


class Adjoint(NamedTuple):
    """Gradients of R losses with respect to everything inside one layer."""

    hidden: Array  # (T, R, H) total dL/dh_t
    cell: Array | None  # (T, R, H) total dL/dc_t
    inputs: Array  # (T, R, G, H) with respect to W_ih x_t + b_ih
    recurrent: Array  # (T, R, G, H) with respect to W_hh h_{t-1} + b_hh, or what stands for it in `Cell.scaled_blocks`


@dataclass(frozen=True)
class Gate:
    """A quantity computed at every token from x_t and h_{t-1}, one row block of the weights."""

    name: str
    letter: str
    meaning: str  # what its value says, in a few words
    activation: str = "sigmoid"  # "sigmoid": 0 … 1, "tanh": −1 … 1

    @property
    def signed(self) -> bool:
        """Whether it takes both signs, so that 0 and not 0.5 is its middle."""
        return self.activation == "tanh"


State = tuple["Tensor", ...]
Hold = Callable[[str, "Tensor"], "Tensor"]  # name of a gate, its value → the value to go on with
Step = Callable[..., tuple[State, dict[str, "Tensor"]]]  # (x, state, weights) or (x, state, weights, hold)


def as_it_is(name: str, gate: "Tensor") -> "Tensor":
    """The hold that leaves every gate alone."""
    return gate


@dataclass(frozen=True)
class Cell:
    """One kind of recurrent cell.

    ``step`` alone defines it: ``(x (…, D), state, weights, hold) → state, gates``, in torch operations that
    can be differentiated. It goes on with ``hold(name, gate)`` in place of each gate that its activation gave, so
    that a gate can be clamped; a ``step`` without ``hold`` does everything but that. ``recall`` and ``adjoint`` are
    the same formula for a whole sequence at once, several times faster; a cell without them is traced through ``step``.
    ``adjoint(direct, w_hh, memory)`` is given one W_hh for every token: a decoder's differ from its encoder's.
    ``jacobian(w_hh, memory)`` gives ∂s_t/∂s_{t−1} of every token in closed form, (T, B, S, S), the state s being h,
    or h then c; a cell without it is differentiated. ``advance`` is ``step`` from W_ih x_t + b_ih (…, G·H) on in place
    of x: with it a cell that torch has no module for reads all tokens in one product when it is trained.
    """

    name: str
    title: str
    blocks: int  # G, row blocks in the weights
    step: Step
    gates: tuple[Gate, ...] = ()  # in torch's row order
    has_cell_state: bool = False
    forget_gate: str | None = None  # the gate that keeps the old state at 1, whose bias can be set at the start
    carry_gate: str | None = None  # the gate that alone multiplies the state on its direct way to the next token
    carries_complement: bool = False  # whether it does so with 1 − its value
    scaled_blocks: Mapping[int, str] = field(default_factory=dict)  # row block of W_hh that reads r ⊙ h_{t-1} → gate r
    activation: str = "tanh"  # φ of a cell without a signed gate: "tanh" or "relu"
    bounded: bool = True  # whether |h| ≤ 1
    torch_module: str | None = None  # class in torch.nn that computes the same; None: `step` is trained
    torch_options: Mapping[str, str] = field(default_factory=dict)
    advance: Step | None = None
    recall: Callable[[Array, Array, Array | None], Recalled] | None = None
    adjoint: Callable[[Array, Sequence[Array], Memory], Adjoint] | None = None
    jacobian: Callable[[Array, Memory], Array] | None = None
    equations: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()  # the same with numbers: str.format templates over the live values
    note: str = ""  # in what it differs from others of its name
    sketch: Sketch = field(default_factory=Sketch)

    def carried(self, gates: Mapping[str, Array]) -> Array | None:
        """What multiplies the state on its direct way to the next token; None where no gate alone does that."""
        if self.carry_gate is None:
            return None
        gate = gates[self.carry_gate]
        return np.asarray(1 - gate) if self.carries_complement else gate

    @property
    def carry_letter(self) -> str:
        """“f”, “z” or “(1 − z)”; empty without a carry gate."""
        block = self.gate_block(self.carry_gate) if self.carry_gate else None
        if block is None:
            return ""
        letter = self.gates[block].letter
        return f"(1 − {letter})" if self.carries_complement else letter

    @property
    def has_recursion(self) -> bool:
        """Whether it is traced by its own ``recall`` and ``adjoint``, and not by autograd through ``step``."""
        return self.recall is not None and self.adjoint is not None

    def gate_block(self, name: str) -> int | None:
        """Index of the row block of the gate called ``name``, or None when this cell has no such gate."""
        names = [gate.name for gate in self.gates]
        return names.index(name) if name in names else None
