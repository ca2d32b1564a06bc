"""What is trained: embedding → recurrent layers, one module each → linear read-out."""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell
from rnnviz.config import RunConfig
from rnnviz.networks.initial_weights import set_initial_weights
from rnnviz.networks.scan import ScanLayer


class Output(NamedTuple):
    """What one forward pass gives."""

    logits: Tensor  # (B, T, V)
    top: Tensor  # (B, T, H) of the last recurrent layer


class Network(nn.Module):
    """Layers are single modules stacked by hand, so that the states between them can be seen."""

    def __init__(self, config: RunConfig, vocabulary: int) -> None:
        super().__init__()
        self.cell = CELLS[config.cell]
        self.embedding = nn.Embedding(vocabulary, config.embedding)
        sizes = [config.embedding] + [config.hidden] * (config.layers - 1)
        self.layers = nn.ModuleList(_layer(self.cell, size, config.hidden) for size in sizes)
        self.readout = nn.Linear(config.hidden, vocabulary)
        for layer in self.layers:
            set_initial_weights(layer, self.cell, config)

    def forward(self, tokens: Tensor) -> Output:
        """Indices (B, T) → logits (B, T, V)."""
        x = self.embedding(tokens)
        for layer in self.layers:
            x, _ = layer(x)
        return Output(self.readout(x), x)


def build_network(config: RunConfig, vocabulary: int) -> Network:
    """Build the network of ``config``; its seed alone decides the weights, the caller's random state is left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Network(config, vocabulary)


def _layer(cell: Cell, inputs: int, hidden: int) -> nn.Module:
    if cell.torch_module is None:
        return ScanLayer(cell, inputs, hidden)
    return cast("nn.Module", getattr(nn, cell.torch_module)(inputs, hidden, batch_first=True, **cell.torch_options))
