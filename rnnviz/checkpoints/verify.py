"""The textbook equations against torch on this machine: values and gradients of one layer, read by both."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import State
from rnnviz.checkpoints.layers import build_layers
from rnnviz.checkpoints.opened import Opened
from rnnviz.checkpoints.search import find_stacks, wrapped_in
from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import layer_name
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.passes import TextbookPass, forward_pass

TOKENS, SEQUENCES, UNITS, INPUTS = 50, 3, 16, 8
TOLERANCES = {torch.float64: 1e-10, torch.float32: 1e-4}  # float32 rounds at every token, and gradients fall


@dataclass(frozen=True)
class Agreement:
    """Largest relative errors ‖ours − torch's‖ / ‖torch's‖; of values and input gradients, that of the worst token."""

    what: str  # “LSTM”, or the stack and its layer
    cell: str
    precision: str  # “float32”, “float64”
    values: float  # h by the formula, token by token
    gates: float  # gates and cell state that are shown, against those of the formula
    inputs: float  # dL/dx
    recurrent: float  # dL/dW_hh
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether all errors are what rounding explains."""
        return max(self.values, self.gates, self.inputs, self.recurrent) <= self.tolerance


def verify_cells() -> Iterator[Agreement]:
    """Every cell of the catalogue with torch's initial weights, in both precisions."""
    for cell in CELLS.values():
        for dtype in (torch.float64, torch.float32):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                if cell.torch_module is None:
                    module: nn.Module = ScanLayer(cell, INPUTS, UNITS)
                else:
                    module = getattr(nn, cell.torch_module)(INPUTS, UNITS, **cell.torch_options)
            yield compare(cell.title, Layer(cell, module.to(dtype)))


def verify_opened(opened: Opened) -> Iterator[Agreement]:
    """Every recurrent layer of a file, with its own weights, as every cell that it may be."""
    stacks, _ = find_stacks(opened.shapes, wrapped_in(opened.shapes))
    for stack in (stack for stack in stacks if "…" not in stack.name):  # what is in a row stands there singly, too
        for name in stack.cells:
            for layer in (layer for depth in build_layers(opened, stack, name) for layer in depth):
                yield compare(f"{stack.title}, {layer_name(layer.index, layer.direction)}", layer)


def compare(what: str, layer: Layer) -> Agreement:
    """Read random numbers from a random state with both, and ask both for the gradients of a random weighting of h."""
    weights = layer.weights
    dtype, hidden_size = weights.w_hh.dtype, weights.w_hh.shape[1]
    random = torch.Generator().manual_seed(1)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=dtype)

    x = normal(TOKENS, SEQUENCES, weights.w_ih.shape[1])
    initial = tuple(normal(SEQUENCES, hidden_size) / 2 for _ in range(1 + layer.cell.has_cell_state))
    direct = normal(TOKENS, SEQUENCES, hidden_size)
    hidden, x_gradient, w_gradient = _by_torch(layer, x, initial, direct)
    textbook, shown = (
        TextbookPass(layer.cell, layer.stretches(TOKENS), x, initial),
        forward_pass(layer, x, hidden, initial),
    )
    gates = [_worst(shown.gates[name], textbook.gates[name]) for name in textbook.gates]
    if shown.cell_state is not None and textbook.cell_state is not None:
        gates.append(_worst(shown.cell_state, textbook.cell_state))
    return Agreement(
        what=what,
        cell=layer.cell.title,
        precision=str(dtype).removeprefix("torch."),
        values=_worst(textbook.hidden.numpy(), hidden.numpy()),
        gates=max(gates, default=0.0),
        inputs=_worst(shown.backward(direct.numpy()).inputs, x_gradient.numpy()),
        recurrent=_worst(shown.recurrent_gradients(direct.numpy())[0][None], w_gradient.numpy()[None]),
        tolerance=TOLERANCES[dtype],
    )


def _by_torch(layer: Layer, x: Tensor, initial: State, direct: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states (T, B, H), dL/dx and dL/dW_hh of L = Σ direct · h, by the module and autograd."""
    module = copy.deepcopy(layer.module).requires_grad_(True)
    state = tuple(part[None] for part in initial)
    given = x.clone().requires_grad_()
    with torch.enable_grad():
        out, _ = module(given, state if layer.cell.has_cell_state else state[0])
        loss = (out * direct).sum()
        x_gradient, w_gradient = torch.autograd.grad(loss, [given, module.get_parameter("weight_hh_l0")])
    return out.detach(), x_gradient, w_gradient


def _worst(ours: Array, theirs: Array) -> float:
    """Largest relative error of all tokens (the first axis)."""
    wide, wanted = (array.astype(np.float64).reshape(len(array), -1) for array in (ours, theirs))
    error, size = np.linalg.norm(wide - wanted, axis=1), np.linalg.norm(wanted, axis=1)
    return float(np.max(error / np.where(size > 0, size, 1)))
