"""What is trained: embedding (or one-hot) → recurrent layers, one module each → linear read-out."""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell
from rnnviz.config import RunConfig
from rnnviz.networks.initial_weights import set_initial_readout, set_initial_weights
from rnnviz.networks.read_in import read_in
from rnnviz.networks.scan import ScanLayer


class Output(NamedTuple):
    """What one forward pass gives."""

    logits: Tensor  # (B, T, V), or the numbers that are predicted (B, T, O)
    top: Tensor  # (B, T, H) of the last recurrent layer


class Network(nn.Module):
    """Layers are single modules stacked by hand, so that the states between them can be seen."""

    def __init__(self, config: RunConfig, vocabulary: int, labels: int, *, numbers: bool = False) -> None:
        super().__init__()
        self.cell = CELLS[config.cell]
        self.embedding, read = read_in(config.embedding, vocabulary, numbers=numbers)
        sizes = [read] + [config.hidden] * (config.layers - 1)
        self.layers = nn.ModuleList(_layer(self.cell, size, config.hidden) for size in sizes)
        self.readout = nn.Linear(config.hidden, labels)
        for layer in self.layers:
            set_initial_weights(layer, self.cell, config)
        set_initial_readout(self.readout, config)

    def forward(self, tokens: Tensor) -> Output:
        """Indices (B, T) of the vocabulary or numbers (B, T, D) → logits (B, T, V) or predicted numbers (B, T, O)."""
        x = self.embedding(tokens)
        for layer in self.layers:
            x, _ = layer(x)
        return Output(self.readout(x), x)


def build_network(config: RunConfig, vocabulary: int, labels: int | None = None, *, numbers: bool = False) -> Network:
    """Build the network of ``config`` for so many tokens to read and labels to predict (as many, if left out).

    ``numbers``: a token is not one of ``vocabulary`` labels but so many numbers. Predicted numbers are counted like
    labels.

    The configuration's seed alone decides the weights; the caller's random state is left alone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Network(config, vocabulary, vocabulary if labels is None else labels, numbers=numbers)


def _layer(cell: Cell, inputs: int, hidden: int) -> nn.Module:
    if cell.torch_module is None:
        return ScanLayer(cell, inputs, hidden)
    return cast("nn.Module", getattr(nn, cell.torch_module)(inputs, hidden, batch_first=True, **cell.torch_options))
