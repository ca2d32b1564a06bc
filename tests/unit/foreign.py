"""Checkpoints as five small programs of different habit write them."""

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor, nn


class Written(NamedTuple):
    """A file, the recurrent layers that were saved in it under ``stack``, and how to run them on (T, D)."""

    path: Path
    stack: str
    module: nn.Module

    def hidden(self, x: Tensor) -> Tensor:
        """The top output (T, H·directions), by torch."""
        with torch.no_grad():
            if isinstance(self.module, nn.ModuleList):
                return _by_cells(self.module, x)
            return self.module(x)[0]


def plain(folder: Path) -> Written:
    """``torch.save(model.state_dict())`` of a bidirectional GRU of two layers between embedding and read-out."""
    torch.manual_seed(1)
    rnn = nn.GRU(6, 5, 2, bidirectional=True)
    model = nn.ModuleDict({"embed": nn.Embedding(11, 6), "rnn": rnn, "head": nn.Linear(10, 11)})
    path = folder / "plain.pt"
    torch.save(model.state_dict(), path)
    return Written(path, "rnn", rnn)


def whole_dict(folder: Path) -> Written:
    """Model, optimiser, epoch and rate in one dictionary."""
    torch.manual_seed(2)
    lstm = nn.LSTM(4, 7, 3)
    model = nn.ModuleDict({"encoder": nn.ModuleDict({"lstm": lstm}), "fc": nn.Linear(7, 2)})
    optimizer = torch.optim.Adam(model.parameters())
    model["fc"](lstm(torch.ones(3, 4))[0]).sum().backward()
    optimizer.step()
    path = folder / "epoch_3.pth"
    torch.save({"epoch": 3, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "rate": 0.1}, path)
    return Written(path, "encoder.lstm", lstm)


def parallel(folder: Path) -> Written:
    """Saved under DistributedDataParallel: every name begins with ``module.``. LSTM cells one above the other."""
    torch.manual_seed(3)
    cells = nn.ModuleList([nn.LSTMCell(3, 5), nn.LSTMCell(5, 4)])
    state = nn.ModuleDict({"cells": cells}).state_dict()
    path = folder / "ddp.pt"
    torch.save({f"module.{name}": tensor for name, tensor in state.items()}, path)
    return Written(path, "cells.0 … cells.1", cells)


def lightning(folder: Path) -> Written:
    """As Lightning writes it, with hyper-parameters and callbacks."""
    torch.manual_seed(4)
    rnn = nn.RNN(3, 6, 2, nonlinearity="tanh", bias=False)
    state = {f"model.rnn.{name}": tensor for name, tensor in rnn.state_dict().items()}
    content = {
        "epoch": 4,
        "global_step": 10**12,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": state,
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5)}},
        "hyper_parameters": {"hidden": 6, "rate": 0.01},
    }
    path = folder / "last.ckpt"
    torch.save(content, path)
    return Written(path, "rnn", rnn)


def safe(folder: Path) -> Written:
    """A safetensors file of a bidirectional LSTM in double precision."""
    torch.manual_seed(5)
    lstm = nn.LSTM(3, 4, 1, bidirectional=True).double()
    path = folder / "model.safetensors"
    save_file({f"lstm.{name}": tensor for name, tensor in lstm.state_dict().items()}, path)
    return Written(path, "lstm", lstm)


PROGRAMS = (plain, whole_dict, parallel, lightning, safe)


def _by_cells(cells: nn.ModuleList, x: Tensor) -> Tensor:
    states = [None] * len(cells)
    outputs = []
    for row in x:
        for place, cell in enumerate(cells):
            states[place] = cell(row[None], states[place])
            row = states[place][0][0]  # noqa: PLW2901  # what goes up
        outputs.append(row)
    return torch.stack(outputs)
