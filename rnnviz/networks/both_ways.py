"""A layer that reads a sequence from both ends."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnnviz.cells.cell import State


class BothWays(nn.Module):
    """Two layers with weights of their own: ``ahead`` reads from the first token on, ``back`` from the last."""

    def __init__(self, make: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.ahead = make()
        self.back = make()

    def forward(self, x: Tensor, state: None = None) -> tuple[Tensor, State]:
        """X (B, T, D) → both outputs side by side (B, T, 2·H), in reading order; no state goes on from here."""
        ahead, _ = self.ahead(x)
        back, _ = self.back(x.flip(1))
        return torch.cat([ahead, back.flip(1)], -1), ()
