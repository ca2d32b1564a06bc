"""A layer of an encoder and its decoder."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


class Relay(nn.Module):
    """Two layers with weights of their own: ``encoder`` reads, ``decoder`` goes on from its last state and writes."""

    def __init__(self, make: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.encoder = make()
        self.decoder = make()

    def forward(self, x: Tensor, state: Any, written_from: int) -> tuple[Tensor, Any]:
        """X (T, B, D) → every h (T, B, H) and the decoder's last state."""
        read, state = self.encoder(x[:written_from], state)
        written, state = self.decoder(x[written_from:], state)
        return torch.cat([read, written]), state


def common_boundary(writes_at: Tensor) -> int:
    """The first token at which all sequences (B, T) write. Raises ValueError when they do not begin together."""
    firsts = writes_at.int().argmax(1)
    first = int(firsts[0])
    if bool((firsts != first).any()) or not first:
        raise ValueError(
            f"sequences begin to write at tokens {int(firsts.min())} to {int(firsts.max())}, expected one "
            "token for all, after the first: where the decoder takes over from the encoder"
        )
    return first
