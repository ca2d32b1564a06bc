"""The losses of a sequence's tokens and what each asks of the top output directly."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.domain.arrays import Array

Loss = Callable[[Tensor], Tensor]


class DirectRows(NamedTuple):
    """∂ℓ_s/∂(top output) of S loss tokens: ``rows`` (S, T, D'), or (S, D') where each ℓ_s sees its own token alone."""

    tokens: Array  # (S,) rising
    length: int  # T
    rows: Array

    def block(self, start: int, stop: int) -> Array:
        """Rows ``start`` to before ``stop`` as right-hand sides, (T, R, D')."""
        if self.rows.ndim == 3:
            return np.ascontiguousarray(self.rows[start:stop].swapaxes(0, 1))
        found = np.zeros((self.length, stop - start, self.rows.shape[-1]), self.rows.dtype)
        found[self.tokens[start:stop], np.arange(stop - start)] = self.rows[start:stop]
        return found

    def total(self) -> Array:
        """The sum of all rows as one right-hand side, (T, 1, D')."""
        if self.rows.ndim == 3:
            return np.asarray(self.rows.sum(axis=0)[:, None])
        found = np.zeros((self.length, 1, self.rows.shape[-1]), self.rows.dtype)
        found[self.tokens, 0] = self.rows
        return found


class AskedLosses:
    """The losses of the tokens, asked once, and their gradients with respect to the top output.

    loss     top (T, D') → losses (T,)
    local    the loss of a token depends on the output at that token alone, so that the summed gradient has all rows

    Raises ValueError when the loss gives anything but one number a token.
    """

    def __init__(self, loss: Loss, top: Tensor, *, local: bool) -> None:
        self._local = local
        self._output = top.detach().requires_grad_()
        with torch.enable_grad():
            self._losses = loss(self._output)
        found, expected = tuple(self._losses.shape), tuple(top.shape[:1])
        if found != expected:
            raise ValueError(f"loss returned {found}, expected one loss per token, {expected}")

    def rows(self, tokens: Array) -> DirectRows:
        """The gradients of the losses of ``tokens`` (S,), one by one."""
        # One call a token: batching them would need a vmap rule for whatever the loss is made of.
        rows = self.total()[tokens, 0] if self._local else np.stack([self._gradient(self._losses[s]) for s in tokens])
        return DirectRows(tokens, len(self._output), rows)

    def total(self) -> Array:
        """The gradient of the sum of all losses, (T, 1, D')."""
        return self._gradient(self._losses.sum())[:, None]

    def _gradient(self, loss: Tensor) -> Array:
        if not loss.requires_grad:
            return np.zeros_like(self._output.detach().numpy())
        found = torch.autograd.grad(loss, self._output, retain_graph=True, allow_unused=True, materialize_grads=True)
        return np.asarray(found[0].numpy())
