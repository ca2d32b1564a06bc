"""Optimisers by name: torch's own functions on one row of weights.

torch's classes make the same calls, but import torch's compiler with the first step: 1.3 s in which the window, just
opened, has nothing to show.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from rnnviz.domain.arrays import Array


class Optimizer(ABC):
    """Moves ``weights`` (N,) against their gradient; torch's defaults in everything but the rate."""

    remembers: tuple[str, ...] = ()  # torch's names of what it keeps of every weight, from one step to the next

    def __init__(self, weights: nn.Parameter, rate: float) -> None:
        self.rate = rate
        self._weights = weights
        self._memory: dict[str, Tensor] = {}

    @torch.no_grad()
    def step(self) -> None:
        """Make one step."""
        if self.remembers and not self._memory:
            self._memory = {name: torch.zeros_like(self._weights) for name in self.remembers}
            self._memory["step"] = torch.zeros(())
        gradient = self._weights.grad
        if gradient is None:
            raise ValueError("the weights have no gradient, expected one: it is what a step goes against")
        self._move([self._weights], [gradient], *([memory] for memory in self._memory.values()))

    @abstractmethod
    def _move(self, weights: list[Tensor], gradients: list[Tensor], *memory: list[Tensor]) -> None:
        """Change the weights and what is remembered, in the order of ``remembers``; how many steps there were last."""

    @property
    def memory(self) -> Mapping[str, Tensor]:
        """What is remembered, by torch's names, and the number of steps; nothing before the first step."""
        return MappingProxyType(self._memory)

    def remind(self, memory: Mapping[str, Array]) -> None:
        """Remember copies of this and nothing else."""
        self._memory = {name: torch.tensor(memory[name]) for name in (*self.remembers, "step") if memory}


class GradientDescent(Optimizer):
    """w ← w − rate · g."""

    def _move(self, weights: list[Tensor], gradients: list[Tensor], *memory: list[Tensor]) -> None:
        sgd(
            weights,
            gradients,
            [],
            fused=True,
            lr=self.rate,
            momentum=0,
            dampening=0,
            weight_decay=0,
            nesterov=False,
            maximize=False,
        )


class RMSprop(Optimizer):
    """v ← 0.99 · v + 0.01 · g², w ← w − rate · g / (√v + 1e-8). Tieleman and Hinton (2012)."""

    remembers = ("square_avg",)

    def _move(self, weights: list[Tensor], gradients: list[Tensor], *memory: list[Tensor]) -> None:
        square, steps = memory
        rmsprop(
            weights,
            gradients,
            square,
            [],
            [],
            steps,
            foreach=True,
            lr=self.rate,
            alpha=0.99,
            eps=1e-8,
            momentum=0,
            weight_decay=0,
            centered=False,
        )


class Adam(Optimizer):
    """m ← 0.9 · m + 0.1 · g, v ← 0.999 · v + 0.001 · g²; w ← w − rate · m̂ / (√v̂ + 1e-8). Kingma and Ba (2015).

    m̂ and v̂ are m / (1 − 0.9ⁿ) and v / (1 − 0.999ⁿ) at step n.
    """

    remembers = ("exp_avg", "exp_avg_sq")

    def _move(self, weights: list[Tensor], gradients: list[Tensor], *memory: list[Tensor]) -> None:
        mean, square, steps = memory
        adam(
            weights,
            gradients,
            mean,
            square,
            [],
            steps,
            fused=True,
            lr=self.rate,
            beta1=0.9,
            beta2=0.999,
            eps=1e-8,
            weight_decay=0,
            amsgrad=False,
            maximize=False,
        )


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": GradientDescent, "rmsprop": RMSprop, "adam": Adam}
