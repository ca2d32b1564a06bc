"""Optimisers by name."""

from collections.abc import Callable

from torch import nn, optim

Maker = Callable[[list[nn.Parameter], float], optim.Optimizer]

OPTIMIZERS: dict[str, Maker] = {
    "sgd": lambda parameters, rate: optim.SGD(parameters, lr=rate, fused=True),
    "rmsprop": lambda parameters, rate: optim.RMSprop(parameters, lr=rate, foreach=True),
    "adam": lambda parameters, rate: optim.Adam(parameters, lr=rate, fused=True),
}
