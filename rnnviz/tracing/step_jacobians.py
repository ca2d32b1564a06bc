"""One-token Jacobians of any cell, by differentiating its ``step``."""

import torch
from torch import Tensor

from rnnviz.cells.cell import Cell, State, Weights
from rnnviz.domain.arrays import Array


def step_jacobians(cell: Cell, weights: Weights, x: Tensor, before: State) -> Array:
    """∂s_t/∂s_{t−1} (n, B, S, S) of n tokens; x (n, B, D), ``before`` the states that they started from (n, B, H) each.

    Every token is read S times side by side and copy k is asked for row k, so that one call of autograd is enough and
    ``step`` needs nothing but to be differentiable.
    """
    parts, (tokens, batch, units) = len(before), before[0].shape
    size = parts * units
    starts = [_copies(part, size).requires_grad_() for part in before]
    with torch.enable_grad():
        after, _ = cell.step(_copies(x, size), tuple(starts), Weights(*(tensor.detach() for tensor in weights)))
        rows = torch.cat(list(after), dim=-1).reshape(tokens * batch, size, size)
        asked = rows.diagonal(dim1=1, dim2=2).sum()
    found = torch.autograd.grad(asked, starts, allow_unused=True, materialize_grads=True)
    return torch.cat(found, dim=-1).reshape(tokens, batch, size, size).numpy()


def _copies(values: Tensor, count: int) -> Tensor:
    """(n, B, ·) → (n·B·count, ·), the copies of a row next to each other."""
    return values.detach().flatten(0, 1).repeat_interleave(count, dim=0)
