"""What is held from outside while one layer computes, and whether a cell lets its gates be held."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.cells.cell import Cell, Hold, State, Weights


class Held(NamedTuple):
    """Values of one gate, in force at some places."""

    values: Tensor  # (T, H)
    places: Tensor  # (T, H) bool


@dataclass(frozen=True)
class Touch:
    """Changes inside one layer, in the order in which it reads."""

    held: Mapping[str, Held] = field(default_factory=dict)  # by gate
    zeroed: Tensor | None = None  # (T, H) bool

    def step(self, cell: Cell, token: int, given: tuple[Tensor, State, Weights]) -> tuple[State, dict[str, Tensor]]:
        """The cell's step on ``given``, with its gates held."""
        return cell.step(*given, hold=self._hold(token)) if self.held else cell.step(*given)

    def handed_on(self, token: int, computed: State) -> State:
        """The state ``computed`` ((B, H) each) with zeros where it is zeroed; no gradient passes through them."""
        if self.zeroed is None:
            return computed
        return tuple(part.masked_fill(self.zeroed[token], 0.0) for part in computed)

    def _hold(self, token: int) -> Hold:
        def hold(name: str, gate: Tensor) -> Tensor:
            if name not in self.held:
                return gate
            values, places = self.held[name]
            return torch.where(places[token], values[token], gate)

        return hold


NOTHING = Touch()


def lets_hold(cell: Cell, gate: str) -> bool:
    """Whether the cell's step goes on with ``hold(gate, …)`` alone, asked of autograd on made-up numbers.

    A step that ignores ``hold``, calls it before the activation, or still uses the gate as it was, would make a clamp
    that clamps something else.
    """
    if "hold" not in inspect.signature(cell.step).parameters:
        return False
    given: list[Tensor] = []
    put: list[Tensor] = []

    def hold(name: str, value: Tensor) -> Tensor:
        if name != gate:
            return value
        given.append(value)
        put.append(torch.full_like(value, 0.25).requires_grad_())
        return put[-1]

    with torch.enable_grad():
        state, gates = cell.step(*_made_up(cell), hold=hold)
    return len(put) == 1 and gates.get(gate) is put[0] and not _depends(state, given[0])


def _depends(state: State, value: Tensor) -> bool:
    total = sum((part.sum() for part in state), start=torch.zeros(()))
    if not (total.requires_grad and value.requires_grad):
        return False
    (gradient,) = torch.autograd.grad(total, value, allow_unused=True)
    return gradient is not None and bool(gradient.any())


def _made_up(cell: Cell) -> tuple[Tensor, State, Weights]:
    """An input, a state and weights without a zero among them; no random number is drawn."""
    inputs, units = 2, 3
    rows = cell.blocks * units
    sizes = ((rows, inputs), (rows, units), (rows,), (rows,))
    weights = Weights(*(torch.linspace(-0.9, 1, torch.Size(size).numel()).reshape(size) for size in sizes))
    state = tuple(torch.linspace(0.3, 0.7, units)[None] for _ in range(1 + cell.has_cell_state))
    return torch.tensor([[0.5, -0.8]]), state, Weights(*(tensor.requires_grad_() for tensor in weights))
