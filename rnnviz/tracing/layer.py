"""One layer in one direction, and the parts of torch's own modules that are such layers."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell, State, Weights
from rnnviz.domain.trace import Direction

Recurrent = nn.RNN | nn.LSTM | nn.GRU


@dataclass(frozen=True)
class Layer:
    """``module`` computes one layer forwards and carries the weights under torch's ``*_l0`` names."""

    cell: Cell
    module: nn.Module
    index: int = 0
    direction: Direction = "forward"

    @property
    def weights(self) -> Weights:
        """The tensors in use, off the graph; zeros for biases that the module does without."""
        found = {name: tensor.detach() for name, tensor in self.module.named_parameters()}
        zeros = torch.zeros(len(found["weight_hh_l0"]), dtype=found["weight_hh_l0"].dtype)
        names = ("bias_ih_l0", "bias_hh_l0")
        return Weights(found["weight_ih_l0"], found["weight_hh_l0"], *(found.get(name, zeros) for name in names))

    def hidden(self, x: Tensor, initial: State) -> Tensor:
        """Run the module on ``x`` (T, B, D) from ``initial`` ((B, H) each); h of every token, (T, B, H)."""
        state = tuple(part[None] for part in initial)
        batch_first = bool(getattr(self.module, "batch_first", False))
        with torch.no_grad():
            given = x.transpose(0, 1) if batch_first else x
            out, _ = self.module(given, state if self.cell.has_cell_state else state[0])
        return cast("Tensor", out.transpose(0, 1) if batch_first else out)


def split(module: Recurrent) -> list[list[Layer]]:
    """Every layer of ``module``, a list per depth with one entry per direction, sharing its weights, on the CPU.

    Raises TypeError or ValueError for what is not a plain ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``.
    """
    cell = cell_of(module)
    if module.proj_size:
        raise ValueError(f"proj_size is {module.proj_size}, expected 0: projected LSTMs cannot be traced")
    directions: list[Direction] = ["forward", "backward"] if module.bidirectional else ["forward"]
    return [
        [Layer(cell, _part(module, depth, direction), depth, direction) for direction in directions]
        for depth in range(module.num_layers)
    ]


def cell_of(module: nn.Module) -> Cell:
    """Return the catalogue's cell that ``module`` computes; raise TypeError when there is none."""
    for cell in CELLS.values():
        if cell.torch_module is None or not isinstance(module, getattr(nn, cell.torch_module)):
            continue
        if all(getattr(module, option) == value for option, value in cell.torch_options.items()):
            return cell
    raise TypeError(f"module is {type(module).__name__}, expected torch.nn.RNN, LSTM or GRU")


def _part(module: Recurrent, depth: int, direction: Direction) -> nn.Module:
    suffix = f"_l{depth}" + ("_reverse" if direction == "backward" else "")
    names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if module.bias else [])
    tensors = {name: getattr(module, name + suffix).detach().cpu() for name in names}
    cell = cell_of(module)
    kind = getattr(nn, str(cell.torch_module))
    # On the meta device nothing is allocated and no random number is drawn.
    part = kind(
        tensors["weight_ih"].shape[1],
        module.hidden_size,
        bias=module.bias,
        device="meta",
        dtype=tensors["weight_hh"].dtype,
        **cell.torch_options,
    )
    for name, tensor in tensors.items():
        setattr(part, f"{name}_l0", nn.Parameter(tensor, requires_grad=False))
    return cast("nn.Module", part)
