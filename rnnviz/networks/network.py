"""What is trained: embedding (or one-hot) → recurrent layers, one module each → (attention →) linear read-out."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell, State
from rnnviz.config import RunConfig
from rnnviz.domain.trace import Direction
from rnnviz.domain.vectors import Vectors
from rnnviz.networks.attention import Attended, Attention
from rnnviz.networks.both_ways import BothWays, order_back
from rnnviz.networks.initial_weights import set_initial_readout, set_initial_weights
from rnnviz.networks.read_in import read_in
from rnnviz.networks.relay import Relay, common_boundary
from rnnviz.networks.scan import ScanLayer


class Output(NamedTuple):
    """What one forward pass gives."""

    logits: Tensor  # (B, T, V), or the numbers that are predicted (B, T, O)
    top: Tensor  # (B, T, H·directions) of the last recurrent layer
    last: tuple[State, ...]  # of each layer after the last token, (B, H) each, off the graph; empty where it reads back


class ReadOut(NamedTuple):
    """What is said behind the last recurrent layer."""

    outputs: Tensor  # (B, T, V) logits, or the numbers that are predicted (B, T, O)
    attention: Tensor | None = None  # (B, T, T) as in `Attended`; None without attention


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
        self.layers = nn.ModuleList(_depth(self.cell, size, config) for size in sizes)
        self.readout = nn.Linear(width, labels)
        self.attention = None if config.attention == "off" else Attention(config.attention, width)
        for layer in self.recurrent:
            set_initial_weights(layer, self.cell, config)
        set_initial_readout(self.readout, config)

    @property
    def recurrent(self) -> list[nn.Module]:
        """Every module with recurrent weights of its own: by depth, forward before backward, encoder before decoder."""
        return [module for layer in self.layers for module in _own_weights(layer)]

    @property
    def writes(self) -> bool:
        """Whether it does otherwise while it writes, so that it has to know from which token on that is."""
        return self.attention is not None or self._relays

    @property
    def _relays(self) -> bool:
        return isinstance(self.layers[0], Relay)

    @property
    def directions(self) -> list[list[tuple[Direction, nn.Module]]]:
        """The modules of every depth, each of which reads in one direction."""
        return [_directions(layer) for layer in self.layers]

    def forward(
        self,
        tokens: Tensor,
        initial: Sequence[State] | None = None,
        masks: Sequence[Tensor] | None = None,
        writes_at: Tensor | None = None,
        ends: Tensor | None = None,
    ) -> Output:
        """Indices (B, T) of the vocabulary or numbers (B, T, D) → logits (B, T, V) or predicted numbers (B, T, O).

        initial    a state for each layer to begin with, (B, H) each; zeros if left out. Not if layers read back
        masks      what the output of each layer is multiplied with, (B, T, H·directions); nothing if left out
        writes_at  whether something is to be written at each token, (B, T) bool; for a network that `writes`
        ends       how many tokens of each sequence are its own, (B,), where some are filled up; layers that read
                   backward begin there. For others it makes no difference
        """
        # The layers get all first tokens, then all second ones, …: the order in which they read. The other way round
        # what they read and write, and the gradients of both, would be copied, which takes 4 % of an update.
        x = self.embedding(tokens.transpose(0, 1))
        beside = self._beside(len(x), writes_at, ends)
        last = []
        for depth, layer in enumerate(self.layers):
            given = None if initial is None else self._given(initial[depth])
            x, state = layer(x, given, *beside)
            last.append(tuple(part[0].detach() for part in ((state,) if isinstance(state, Tensor) else state)))
            x = x if masks is None else x * masks[depth].transpose(0, 1)
        top = x.transpose(0, 1)
        return Output(self.read_out(top, writes_at).outputs, top, tuple(last))

    def read_out(self, top: Tensor, writes_at: Tensor | None = None) -> ReadOut:
        """Output (B, T, H·directions) of the top layer → what is said, and where it looked back for that."""
        if self.attention is None:
            return ReadOut(self.readout(top.transpose(0, 1)).transpose(0, 1))  # as it lies in memory
        if writes_at is None or bool(writes_at[:, 0].any()):
            raise ValueError(
                "something is to be written at the first token, expected one that is only read: to look at"
            )
        attended: Attended = self.attention(top, writes_at)
        return ReadOut(self.readout(attended.output), attended.weights)

    def _beside(self, tokens: int, writes_at: Tensor | None, ends: Tensor | None) -> tuple[Any, ...]:
        """What layers are told beside what they read: where writing begins, or in which order to read backward."""
        if self._relays and writes_at is not None:
            return (common_boundary(writes_at),)
        if isinstance(self.layers[0], BothWays) and ends is not None:
            return (order_back(ends, tokens),)
        return ()

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


def _own_weights(layer: nn.Module) -> list[nn.Module]:
    if isinstance(layer, BothWays):
        return [layer.ahead, layer.back]
    return [layer.encoder, layer.decoder] if isinstance(layer, Relay) else [layer]


def _depth(cell: Cell, inputs: int, config: RunConfig) -> nn.Module:
    def make() -> nn.Module:
        return _layer(cell, inputs, config.hidden)

    if config.bidirectional:
        return BothWays(make)
    return Relay(make) if config.decoder else make()


def _layer(cell: Cell, inputs: int, hidden: int) -> nn.Module:
    if cell.torch_module is None:
        return ScanLayer(cell, inputs, hidden)
    return cast("nn.Module", getattr(nn, cell.torch_module)(inputs, hidden, **cell.torch_options))
