"""Training loops as people write them, small, with and without a watch."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz
from tests.builders import normal

INPUTS, HIDDEN, TOKENS, BATCH = 3, 5, 7, 4


class Sequences(nn.Module):
    """A recurrent module and a read-out at every token; ``ends`` reads the last states too."""

    def __init__(self, kind: type[nn.Module], *, ends: bool = False, packed: bool = False, **options) -> None:
        super().__init__()
        self.rnn = kind(INPUTS, HIDDEN, **options)
        self.readout = nn.Linear(HIDDEN * (2 if options.get("bidirectional") else 1), 2)
        self.ends, self.packed = ends, packed

    def forward(self, x: Tensor) -> Tensor:
        given = x if self.rnn.batch_first else x.transpose(0, 1)
        if self.packed:  # the first sequence of the batch is not the longest
            given = pack_padded_sequence(given, [5, 7, 2, 6], self.rnn.batch_first, enforce_sorted=False)
        out, last = self.rnn(given)
        if self.packed:
            out, _ = pad_packed_sequence(out, batch_first=self.rnn.batch_first)
        loss = self.readout(out).square().mean()
        if not self.ends:
            return loss
        states = last if isinstance(last, tuple) else (last,)
        return loss + sum((state * normal(*state.shape, seed=3)).mean() for state in states)


class Steps(nn.Module):
    """A single-step module called token by token."""

    def __init__(
        self, kind: type[nn.Module], *, last_only: bool = False, ends: bool = False, cells: bool = False
    ) -> None:
        super().__init__()
        self.cell = kind(INPUTS, HIDDEN)
        self.readout = nn.Linear(HIDDEN, 2)
        self.last_only, self.ends, self.cells = last_only, ends, cells

    def forward(self, x: Tensor) -> Tensor:
        state, outputs, asked = None, [], 0.0
        for x_t in x.unbind(1):
            state = self.cell(x_t, state)
            asked = asked + state[1].square().mean() if self.cells else 0.0
            outputs.append(state[0] if isinstance(state, tuple) else state)
        told = outputs[-1:] if self.last_only else outputs
        loss = self.readout(torch.stack(told)).square().mean() + asked
        return loss + sum((part * normal(*part.shape, seed=3)).mean() for part in state) if self.ends else loss


LOOPS: dict[str, Callable[[], nn.Module]] = {
    "rnn": lambda: Sequences(nn.RNN),
    "relu": lambda: Sequences(nn.RNN, nonlinearity="relu", batch_first=True),
    "lstm": lambda: Sequences(nn.LSTM),
    "lstm, batch first, ends": lambda: Sequences(nn.LSTM, batch_first=True, ends=True),
    "gru, no bias": lambda: Sequences(nn.GRU, bias=False),
    "gru, packed": lambda: Sequences(nn.GRU, packed=True, batch_first=True),
    "lstm, packed, both ways, deep": lambda: Sequences(nn.LSTM, packed=True, bidirectional=True, num_layers=2),
    "gru, both ways, deep, ends": lambda: Sequences(nn.GRU, bidirectional=True, num_layers=3, ends=True),
    "lstm, dropout": lambda: Sequences(nn.LSTM, num_layers=2, dropout=0.5),
    "rnn cell": lambda: Steps(nn.RNNCell),
    "lstm cell": lambda: Steps(nn.LSTMCell),
    "lstm cell, ends": lambda: Steps(nn.LSTMCell, ends=True),
    "lstm cell, every c": lambda: Steps(nn.LSTMCell, cells=True),
    "gru cell, last": lambda: Steps(nn.GRUCell, last_only=True),
}
OPTIMIZERS = {"sgd": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9), "adam": lambda p: torch.optim.Adam(p, 0.01)}


def batch(update: int, size: int = BATCH) -> Tensor:
    """(B, T, D)"""
    return normal(size, TOKENS, INPUTS, seed=100 + update)


def trained(
    name: str, path: Path | None, *, optimizer: str = "sgd", updates: int = 4, size: int = BATCH, **options
) -> tuple[nn.Module, list[Tensor], "rnnviz.Watch | None"]:
    """Train ``name`` and record it in ``path``; the model with its last gradients, and the loss of every update."""
    torch.manual_seed(0)
    model = LOOPS[name]()
    steps = OPTIMIZERS[optimizer](model.parameters())
    watch = None if path is None else rnnviz.watch(model, path, **{"every": 0.0, **options})
    losses = []
    for update in range(updates):
        steps.zero_grad()
        loss = model(batch(update, size))
        loss.backward()
        if watch is not None:
            watch.update(loss)
        if update < updates - 1:
            steps.step()
        losses.append(loss.detach())
    if watch is not None:
        watch.close()
    return model, losses, watch
