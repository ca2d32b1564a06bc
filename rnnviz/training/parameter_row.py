"""All learned parameters of a network in one row of numbers, and their gradients in another.

The network's own tensors are windows into the rows, so the optimiser, clipping and every norm is one call for all
parameters instead of one for each. The numbers are the same: all of this works entry by entry.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.domain.arrays import Array
from rnnviz.training.clipping import squared_norms


class ParameterRow:
    """The rows of ``network``; those of ``network_before`` hold the weights of before the newest step.

    What is frozen (``requires_grad`` is False) is not in them: both networks read it from one place, and it has neither
    gradient nor step.
    """

    def __init__(self, network: nn.Module, network_before: nn.Module) -> None:
        self._network = network
        named = {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}
        self.names = list(named)
        self.sizes = [parameter.numel() for parameter in named.values()]
        self.starts = np.cumsum([0, *self.sizes[:-1]])
        self.weights = nn.Parameter(torch.cat([parameter.detach().flatten() for parameter in named.values()]))
        self.gradient = torch.zeros_like(self.weights)
        self.weights.grad = self.gradient
        windows = zip(self._windows(self.weights.detach()), self._windows(self.gradient), strict=True)
        for parameter, (weight, gradient) in zip(named.values(), windows, strict=True):
            parameter.data = weight.view_as(parameter)
            parameter.grad = gradient.view_as(parameter)
        self.before = self.give_to(network_before)

    def give_to(self, network: nn.Module) -> Tensor:
        """Let a network of the same build read from a row of its own, a copy of the weights, and return that row."""
        row, own = self.weights.detach().clone(), dict(network.named_parameters())
        windows = dict(zip(self.names, self._windows(row), strict=True))
        for name, parameter in self._network.named_parameters():
            own[name].data = windows[name].view_as(parameter) if name in windows else parameter.data
        return row

    def remember(self) -> None:
        """Take the weights over as those of before; call it before they change."""
        self.before.copy_(self.weights.detach())

    def restore(self) -> None:
        """Set the weights back to those of before."""
        self.weights.detach().copy_(self.before)

    def fill(self, weights: Array, before: Array) -> None:
        """Write the numbers of both rows."""
        np.copyto(self.weights.detach().numpy(), weights)
        np.copyto(self.before.numpy(), before)

    def part(self, row: Tensor, name: str) -> Tensor:
        """Entries of the parameter ``name`` in a row like these, flat."""
        return self._windows(row)[self.names.index(name)]

    def _windows(self, row: Tensor) -> tuple[Tensor, ...]:
        return torch.split(row, self.sizes)


class Step(NamedTuple):
    """How far the weights have moved since before: ‖step‖ / ‖weights‖ per parameter and of all together."""

    ratios: list[float]
    ratio: float
    overflowed: str | None  # the first parameter whose step is not finite


def measured_step(row: ParameterRow) -> Step:
    """Measure the newest step of ``row``."""
    old = row.before.numpy()
    weights = squared_norms(old, row.starts).tolist()
    steps = squared_norms(row.weights.detach().numpy() - old, row.starts).tolist()
    overflowed = next((name for name, step in zip(row.names, steps, strict=True) if not math.isfinite(step)), None)
    ratios = [_ratio(step, weight) for step, weight in zip(steps, weights, strict=True)]
    return Step(ratios, _ratio(sum(steps), sum(weights)), overflowed)


def _ratio(step: float, weight: float) -> float:
    """The root of a quotient of squared norms; what does not move has moved by 0, be its weights 0 or not."""
    if step == 0:
        return 0.0
    return math.sqrt(step / weight) if weight else math.inf
