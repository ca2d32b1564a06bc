"""A layer for cells that torch has no module for: the cell's own formula, token by token."""

from typing import cast

import torch
from torch import Tensor, nn

from rnnviz.cells.cell import Cell, State, Weights


class ScanLayer(nn.Module):
    """Trains what `cell.step` says. Parameters are named, shaped and initialised as torch's RNN modules do."""

    def __init__(self, cell: Cell, inputs: int, hidden: int) -> None:
        super().__init__()
        self.cell = cell
        rows = cell.blocks * hidden
        bound = hidden**-0.5
        shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden), "bias_ih": (rows,), "bias_hh": (rows,)}
        for name, shape in shapes.items():
            self.register_parameter(f"{name}_l0", nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))

    def forward(self, x: Tensor, state: Tensor | State | None = None) -> tuple[Tensor, State]:
        """X (T, B, D) and state (1, B, H) or a tuple of such → every h (T, B, H) and the last state."""
        weights = Weights(
            *(self.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        )
        parts: State
        if state is None:
            zero = x.new_zeros(x.shape[1], weights.w_hh.shape[1])
            parts = (zero, zero) if self.cell.has_cell_state else (zero,)
        else:
            parts = tuple(part[0] for part in ((state,) if isinstance(state, Tensor) else state))
        step = self.cell.step
        if self.cell.advance is not None:  # one product for all tokens
            step, x = self.cell.advance, nn.functional.linear(x, weights.w_ih, weights.b_ih)
        outputs = []
        for x_t in x.unbind(0):
            parts, _ = step(x_t, parts, weights)
            outputs.append(parts[0])
        return torch.stack(outputs), cast("State", tuple(part[None] for part in parts))
