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

    def forward(self, x: Tensor, state: None = None, order: Tensor | None = None) -> tuple[Tensor, State]:
        """X (T, B, D) → both outputs side by side (T, B, 2·H), in reading order; no state goes on from here.

        order  in which ``back`` reads, (T, B), from `order_back`; None: every sequence ends with the last token
        """
        ahead, _ = self.ahead(x)
        back, _ = self.back(_turned(x, order))
        return torch.cat([ahead, _turned(back, order)], -1), ()


def order_back(ends: Tensor, tokens: int) -> Tensor:
    """Which token is read when by a layer that reads backward, (T, B): from the end of each sequence to its first.

    Sequence b has ``ends[b]`` of the ``tokens`` tokens; what fills it up is read after it and so changes nothing in it.
    The same order leads back.
    """
    token = torch.arange(tokens)[:, None]
    mirrored = ends - 1 - token
    return torch.where(mirrored >= 0, mirrored, token)


def _turned(x: Tensor, order: Tensor | None) -> Tensor:
    return x.flip(0) if order is None else x.gather(0, order[..., None].expand_as(x))
