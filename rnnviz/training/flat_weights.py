"""The weights of before and after an update, each in one row: one copy and one subtraction for all parameters."""

import torch
from torch import Tensor, nn

from rnnviz.domain.arrays import Array
from rnnviz.training.clipping import squared_norms_of_parts


class FlatWeights:
    """Keeps a second network at the weights that ``live`` had before its newest update."""

    def __init__(self, live: nn.Module, before: nn.Module) -> None:
        self._live = [parameter.detach() for parameter in live.parameters()]
        sizes = [parameter.numel() for parameter in self._live]
        self._starts = torch.tensor([0, *sizes[:-1]]).cumsum(0).numpy()
        self._old = self._row()
        # The second network's parameters are windows into the row, so a copy of the row is all it needs.
        parts = zip(self._live, torch.split(self._old, sizes), strict=True)
        self._windows = [part.view_as(parameter) for parameter, part in parts]
        for parameter, window in zip(before.parameters(), self._windows, strict=True):
            parameter.data = window

    def remember(self) -> None:
        """Take the live weights over; call it before they change."""
        torch.cat([parameter.flatten() for parameter in self._live], out=self._old)

    def restore(self) -> None:
        """Set the live weights back to the remembered ones."""
        torch._foreach_copy_(self._live, self._windows)  # one call for all parameters

    def squared_norms(self) -> tuple[Array, Array]:
        """Per parameter, sums of squares of the remembered weights and of how far the live ones have moved since."""
        old, moved = self._old.numpy(), self._row().numpy() - self._old.numpy()
        return squared_norms_of_parts(old, self._starts), squared_norms_of_parts(moved, self._starts)

    def _row(self) -> Tensor:
        return torch.cat([parameter.flatten() for parameter in self._live])
