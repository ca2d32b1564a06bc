"""Optimisers by name, in torch's fused or vectorised form: fewer Python calls, fewer hand-overs of the lock."""

from collections.abc import Callable

from torch import nn, optim

Maker = Callable[[list[nn.Parameter], float], optim.Optimizer]

OPTIMIZERS: dict[str, Maker] = {
    "sgd": lambda parameters, rate: optim.SGD(parameters, lr=rate, fused=True),
    "rmsprop": lambda parameters, rate: optim.RMSprop(parameters, lr=rate, foreach=True),
    "adam": lambda parameters, rate: optim.Adam(parameters, lr=rate, fused=True),
}
