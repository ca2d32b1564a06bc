"""What is trained: embedding (or one-hot) → recurrent layers, one module each → linear read-out."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell, State
from rnnviz.config import RunConfig
from rnnviz.domain.trace import Direction
from rnnviz.domain.vectors import Vectors
from rnnviz.networks.both_ways import BothWays
from rnnviz.networks.initial_weights import set_initial_readout, set_initial_weights
from rnnviz.networks.read_in import read_in
from rnnviz.networks.scan import ScanLayer


class Output(NamedTuple):
    """What one forward pass gives."""

    logits: Tensor  # (B, T, V), or the numbers that are predicted (B, T, O)
    top: Tensor  # (B, T, H·directions) of the last recurrent layer
    last: tuple[State, ...]  # of each layer after the last token, (B, H) each, off the graph; empty where it reads back


class Network(nn.Module):
    """Layers are single modules stacked by hand, so that the states between them can be seen."""

    def __init__(
        self,
        config: RunConfig,
        vocabulary: int,
        labels: int,
        *,
        numbers: bool = False,
        vectors: Vectors | None = None,
    ) -> None:
        super().__init__()
        self.cell = CELLS[config.cell]
        self.embedding, read = read_in(config, vocabulary, numbers=numbers, vectors=vectors)
        width = config.hidden * (1 + config.bidirectional)
        sizes = [read] + [width] * (config.layers - 1)
        self.layers = nn.ModuleList(
            _depth(self.cell, size, config.hidden, both_ways=config.bidirectional) for size in sizes
        )
        self.readout = nn.Linear(width, labels)
        for _, layer in (part for depth in self.directions for part in depth):
            set_initial_weights(layer, self.cell, config)
        set_initial_readout(self.readout, config)

    @property
    def directions(self) -> list[list[tuple[Direction, nn.Module]]]:
        """The modules of every depth, each of which reads in one direction."""
        return [_directions(layer) for layer in self.layers]

    def forward(
        self, tokens: Tensor, initial: Sequence[State] | None = None, masks: Sequence[Tensor] | None = None
    ) -> Output:
        """Indices (B, T) of the vocabulary or numbers (B, T, D) → logits (B, T, V) or predicted numbers (B, T, O).

        initial  a state for each layer to begin with, (B, H) each; zeros if left out. Not for layers that read back
        masks    what the output of each layer is multiplied with, (B, T, H·directions); nothing if left out
        """
        x = self.embedding(tokens)
        last = []
        for depth, layer in enumerate(self.layers):
            x, state = layer(x, None if initial is None else self._given(initial[depth]))
            last.append(tuple(part[0].detach() for part in ((state,) if isinstance(state, Tensor) else state)))
            x = x if masks is None else x * masks[depth]
        return Output(self.readout(x), x, tuple(last))

    def _given(self, state: State) -> Tensor | State:
        parts = tuple(part[None] for part in state)
        return parts if self.cell.has_cell_state else parts[0]


def build_network(
    config: RunConfig,
    vocabulary: int,
    labels: int | None = None,
    *,
    numbers: bool = False,
    vectors: Vectors | None = None,
) -> Network:
    """Build the network of ``config`` for so many tokens to read and labels to predict (as many, if left out).

    ``numbers``: a token is not one of ``vocabulary`` labels but so many numbers. Predicted numbers are counted like
    labels. ``vectors``: what the embedding begins with; nothing else is changed by them.

    The configuration's seed alone decides the weights; the caller's random state is left alone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        said = vocabulary if labels is None else labels
        return Network(config, vocabulary, said, numbers=numbers, vectors=vectors)


def _directions(layer: nn.Module) -> list[tuple[Direction, nn.Module]]:
    if isinstance(layer, BothWays):
        return [("forward", layer.ahead), ("backward", layer.back)]
    return [("forward", layer)]


def _depth(cell: Cell, inputs: int, hidden: int, *, both_ways: bool) -> nn.Module:
    return BothWays(lambda: _layer(cell, inputs, hidden)) if both_ways else _layer(cell, inputs, hidden)


def _layer(cell: Cell, inputs: int, hidden: int) -> nn.Module:
    if cell.torch_module is None:
        return ScanLayer(cell, inputs, hidden)
    return cast("nn.Module", getattr(nn, cell.torch_module)(inputs, hidden, batch_first=True, **cell.torch_options))
