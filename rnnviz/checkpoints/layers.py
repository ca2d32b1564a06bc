"""Layers that can be traced, with weights from a file."""

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell
from rnnviz.checkpoints.opened import Opened
from rnnviz.domain.checkpoint import FoundLayer, FoundStack
from rnnviz.files.errors import BadFileError
from rnnviz.networks.scan import ScanLayer
from rnnviz.tracing.layer import Layer

LARGEST_STACK = 250_000_000  # numbers of the layers that are opened


def precision(opened: Opened, stack: FoundStack) -> torch.dtype:
    """float64 where all weights of ``stack`` are, else float32: half precision is widened."""
    names = [name for layer in stack.layers for name in layer.names if name is not None]
    return torch.float64 if all(opened.tensor(name).dtype == torch.float64 for name in names) else torch.float32


def build_layers(opened: Opened, stack: FoundStack, cell_name: str | None = None) -> list[list[Layer]]:
    """``stack`` as a list per depth with one entry per direction, on the CPU, with copies of its weights.

    ``cell_name`` chooses among the stack's ``cells``; the likeliest if left out. Raises ValueError for another, and
    BadFileError for weights that are not finite.
    """
    name = cell_name or stack.cells[0]
    if name not in stack.cells:
        raise ValueError(f"cell is {name!r}, expected one of {', '.join(stack.cells)}: {stack.title} has such weights")
    cell, dtype = CELLS[name], precision(opened, stack)
    size = sum(cell.blocks * layer.hidden * (layer.inputs + layer.hidden) for layer in stack.layers)
    if size > LARGEST_STACK:
        raise BadFileError(opened.path, f"{stack.title} has {size:,} weights, expected at most {LARGEST_STACK:,}")
    depths: list[list[Layer]] = [[] for _ in range(stack.depth)]
    for found in stack.layers:
        module = _module(cell, found, _weights(opened, found, dtype))
        depths[found.index].append(Layer(cell, module, found.index, found.direction))
    return depths


def copied(opened: Opened, name: str, dtype: torch.dtype) -> Tensor:
    """The tensor called ``name``; raise BadFileError where it is not finite."""
    tensor = opened.tensor(name).detach().to(dtype, copy=True).contiguous()
    if not tensor.isfinite().all():
        count = int((~tensor.isfinite()).sum())
        raise BadFileError(opened.path, f"{name!r} has {count:,} numbers that are not finite, expected trained weights")
    return tensor


def _weights(opened: Opened, found: FoundLayer, dtype: torch.dtype) -> dict[str, Tensor]:
    pairs = zip(found.names._fields, found.names, strict=True)
    return {f"{kind}_l0": copied(opened, name, dtype) for kind, name in pairs if name is not None}


def _module(cell: Cell, found: FoundLayer, weights: dict[str, Tensor]) -> nn.Module:
    module: nn.Module
    if cell.torch_module is None:
        module = ScanLayer(cell, found.inputs, found.hidden)
        zeros = torch.zeros(cell.blocks * found.hidden, dtype=weights["weight_hh_l0"].dtype)
        weights = {"bias_ih_l0": zeros, "bias_hh_l0": zeros.clone(), **weights}
    else:
        # On the meta device nothing is allocated and no random number is drawn.
        kind, bias = getattr(nn, cell.torch_module), found.bias
        options = {"device": "meta", "dtype": weights["weight_hh_l0"].dtype, **cell.torch_options}
        module = kind(found.inputs, found.hidden, bias=bias, **options)
    for name, tensor in weights.items():
        setattr(module, name, nn.Parameter(tensor, requires_grad=False))
    return module
