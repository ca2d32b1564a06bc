"""Every state, gate and gradient of a network, by writing the formulas out token by token and asking autograd.

It shares nothing with rnnviz: the formulas are those of torch's documentation, the weights taken apart gate by gate.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

Outcome = tuple[Tensor, Tensor, dict[str, Tensor], dict[str, Tensor]]  # h, c, gates, the gates before activation
Step = Callable[[Tensor, Tensor, Tensor], Outcome]  # x, h, c
Formula = Callable[["Pieces", Tensor, Tensor, Tensor], Outcome]


@dataclass
class Pieces:
    """The weights of one layer in one direction, cut into gate blocks."""

    w_ih: tuple[Tensor, ...]
    w_hh: tuple[Tensor, ...]
    b_ih: tuple[Tensor, ...]
    b_hh: tuple[Tensor, ...]

    def x_part(self, block: int, x: Tensor) -> Tensor:
        return self.w_ih[block] @ x + self.b_ih[block]

    def h_part(self, block: int, h: Tensor) -> Tensor:
        return self.w_hh[block] @ h + self.b_hh[block]


@dataclass
class Told:
    """What the oracle says of one layer in one direction: (T, H) arrays in reading order."""

    hidden: np.ndarray
    cell: np.ndarray
    gates: dict[str, np.ndarray]
    hidden_grads: np.ndarray = field(default_factory=lambda: np.empty(0))
    direct: np.ndarray = field(default_factory=lambda: np.empty(0))
    cell_grads: np.ndarray = field(default_factory=lambda: np.empty(0))
    gate_grads: dict[str, np.ndarray] = field(default_factory=dict)


def elman(function: Callable[[Tensor], Tensor]) -> Formula:
    def step(p, x, h, c):
        return function(p.x_part(0, x) + p.h_part(0, h)), c, {}, {}

    return step


def lstm(p, x, h, c):
    a = {name: p.x_part(k, x) + p.h_part(k, h) for k, name in enumerate(("input", "forget", "candidate", "output"))}
    gates = {name: torch.tanh(v) if name == "candidate" else torch.sigmoid(v) for name, v in a.items()}
    c = gates["forget"] * c + gates["input"] * gates["candidate"]
    return gates["output"] * torch.tanh(c), c, gates, a


def gru(p, x, h, c):
    a = {"reset": p.x_part(0, x) + p.h_part(0, h), "update": p.x_part(1, x) + p.h_part(1, h)}
    r, z = torch.sigmoid(a["reset"]), torch.sigmoid(a["update"])
    a["candidate"] = p.x_part(2, x) + r * p.h_part(2, h)
    n = torch.tanh(a["candidate"])
    return (1 - z) * n + z * h, c, {"reset": r, "update": z, "candidate": n}, a


FORMULAS: dict[str, tuple[Formula, int]] = {
    "rnn_tanh": (elman(torch.tanh), 1),
    "rnn_relu": (elman(torch.relu), 1),
    "lstm": (lstm, 4),
    "gru": (gru, 3),
}


class _Unrolled:
    """One layer in one direction on an autograd graph, every intermediate keeping its gradient."""

    def __init__(self, step: Step, x: list[Tensor], start: tuple[Tensor, Tensor], order: range) -> None:
        (h, c), tokens = start, len(x)
        self.h, self.c, self.out = [h] * tokens, [c] * tokens, [h] * tokens
        self.gates: list[dict[str, Tensor]] = [{}] * tokens
        self.before_activation: list[dict[str, Tensor]] = [{}] * tokens
        for t in order:
            h, c, self.gates[t], self.before_activation[t] = step(x[t], h, c)
            # The copy leaves the recurrence: its gradient is the direct one.
            self.h[t], self.c[t], self.out[t] = h, c, h.clone()
            for tensor in (h, c, self.out[t], *self.before_activation[t].values()):
                if tensor.requires_grad:
                    tensor.retain_grad()

    def told(self) -> Told:
        return Told(
            _rows(self.h),
            _rows(self.c),
            _by_name(self.gates, lambda tensor: tensor),
            _rows([_grad(tensor) for tensor in self.h]),
            _rows([_grad(tensor) for tensor in self.out]),
            _rows([_grad(tensor) for tensor in self.c]),
            _by_name(self.before_activation, _grad),
        )


def ask(cell: str, net: nn.Module, x: Tensor, loss: Callable[[Tensor], Tensor], initial=None) -> list[Told]:
    """Read ``x`` (T, D); gradients of ``loss``(top output), a scalar. Layer 0 forward, layer 0 backward, layer 1 …"""
    formula, blocks = FORMULAS[cell]
    given = list(x)
    unrolled: list[_Unrolled] = []
    for depth in range(net.num_layers):
        outputs = []
        for suffix in ("", "_reverse") if net.bidirectional else ("",):
            start = _start(net, initial, len(unrolled))
            order = range(len(x) - 1, -1, -1) if suffix else range(len(x))
            step = partial(formula, _pieces(net, f"_l{depth}{suffix}", blocks))
            unrolled.append(_Unrolled(step, given, start, order))
            outputs.append(unrolled[-1].out)
        given = [torch.cat(parts) for parts in zip(*outputs, strict=True)]
    loss(torch.stack(given)).backward()
    return [layer.told() for layer in unrolled]


def _pieces(net: nn.Module, suffix: str, blocks: int) -> Pieces:
    rows = blocks * net.hidden_size
    zeros = torch.zeros(rows, dtype=net.weight_hh_l0.dtype)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    tensors = (getattr(net, name + suffix, zeros).detach().clone().requires_grad_() for name in names)
    return Pieces(*(tensor.split(net.hidden_size) for tensor in tensors))


def _start(net: nn.Module, initial, row: int) -> tuple[Tensor, Tensor]:
    zeros = torch.zeros(net.hidden_size, dtype=net.weight_hh_l0.dtype)
    if initial is None:
        return zeros, zeros
    return (initial[0][row], initial[1][row]) if isinstance(initial, tuple) else (initial[row], zeros)


def _grad(tensor: Tensor) -> Tensor:
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def _rows(tensors: list[Tensor]) -> np.ndarray:
    return torch.stack([tensor.detach() for tensor in tensors]).numpy()


def _by_name(tokens: list[dict[str, Tensor]], pick: Callable[[Tensor], Tensor]) -> dict[str, np.ndarray]:
    return {name: _rows([pick(token[name]) for token in tokens]) for name in tokens[0]}
