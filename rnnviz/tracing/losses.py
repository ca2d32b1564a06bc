"""The losses of a sequence's tokens and what each asks of the top output directly."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.domain.arrays import Array

Loss = Callable[[Tensor], Tensor]


class DirectRows(NamedTuple):
    """∂ℓ_s/∂(top output) of S loss tokens. ``rows`` is (S, T, D'), or (S, D') where each ℓ_s sees its own token alone."""

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


def direct_rows(loss: Loss, top: Tensor, tokens: Array, *, local: bool) -> DirectRows:
    """Ask ``loss``, top (T, D') → losses (T,), once, and autograd for the gradient of each of ``tokens``.

    ``local``: the loss of a token depends on the output at that token alone, so that the summed gradient has all rows.
    Raises ValueError when the loss gives anything but one number a token.
    """
    output = top.detach().requires_grad_()
    with torch.enable_grad():
        losses = loss(output)
    if losses.shape != top.shape[:1]:
        raise ValueError(f"loss returned {tuple(losses.shape)}, expected one loss per token, {tuple(top.shape[:1])}")
    if not losses.requires_grad:
        rows = np.zeros((len(tokens), top.shape[1]), top.numpy().dtype)
    elif local:
        rows = _gradient(losses.sum(), output)[tokens]
    else:
        # One call a token: batching them would need a vmap rule for whatever the loss is made of.
        rows = np.stack([_gradient(losses[token], output) for token in tokens])
    return DirectRows(tokens, len(top), rows)


def _gradient(loss: Tensor, output: Tensor) -> Array:
    found = torch.autograd.grad(loss, output, retain_graph=True, allow_unused=True, materialize_grads=True)
    return np.asarray(found[0].numpy())
