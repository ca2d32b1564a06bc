"""Small, readable data for tests. Everything is decided by its arguments: no test depends on another's random draws."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import LayerTrace
from rnnviz.training.trainer import Trainer

TORCH_CELLS = ("rnn_tanh", "rnn_relu", "lstm", "gru")
LETTERS = "the cat sat on the mat, the dog lay by the door; nobody moved until the rain had stopped.\n"


def config(**changes: Any) -> RunConfig:
    """A run that takes a millisecond an update."""
    small = {"cell": "lstm", "hidden": 6, "embedding": 5, "length": 8, "batch": 3, "rate": 0.01}
    return RunConfig(**{**small, **changes})


def trainer(**changes: Any) -> Trainer:
    """A trainer of `config`."""
    return Trainer(config(**changes))


def text_file(folder: Path, text: str = LETTERS * 8) -> Path:
    """A UTF-8 file in ``folder`` that holds ``text``."""
    path = folder / "story.txt"
    path.write_text(text, "utf-8", newline="")
    return path


def module(cell: str = "lstm", inputs: int = 3, hidden: int = 4, *, seed: int = 0, **options: Any) -> nn.Module:
    """Torch's module for ``cell`` with its default initial weights."""
    entry = CELLS[cell]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(nn, str(entry.torch_module))(inputs, hidden, **entry.torch_options, **options)


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """Standard normal numbers; the same in every precision."""
    values = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return torch.from_numpy(values).to(dtype)


def initial_state(net: nn.Module, seed: int = 5) -> Any:
    """A starting state that is not zero: h0, or (h0, c0) for an LSTM, (layers·directions, H) each."""
    rows = net.num_layers * (2 if net.bidirectional else 1)
    parts = [normal(rows, net.hidden_size, seed=seed + k, dtype=net.weight_hh_l0.dtype) for k in range(2)]
    return tuple(parts) if isinstance(net, nn.LSTM) else parts[0]


def every_token(top: Tensor) -> Tensor:
    """A loss at each token, a different curved function of each output."""
    weights = normal(top.shape[1], seed=9, dtype=top.dtype)
    places = torch.arange(1, len(top) + 1, dtype=top.dtype) / len(top)
    return (top * weights - places[:, None]).square().mean(1)


def last_token(top: Tensor) -> Tensor:
    """A loss at the last token alone."""
    losses = every_token(top)
    return losses * (torch.arange(len(top)) == len(top) - 1)


def relative_errors(found: Array, true: Array) -> Array:
    """‖found − true‖ / ‖true‖ over the last axis, in float64: a token whose gradient is tiny counts like any other."""
    wide, truth = np.asarray(found, dtype=np.float64), np.asarray(true, dtype=np.float64)
    error, size = np.linalg.norm(wide - truth, axis=-1), np.linalg.norm(truth, axis=-1)
    return np.divide(error, size, out=np.where(error > 0, np.inf, 0.0), where=size > 0)


def layer_trace(tokens: int = 3, units: int = 2, **parts: Any) -> LayerTrace:
    """A layer without gates whose h_t is t + 1 in every unit."""
    hidden = np.repeat(np.arange(1.0, tokens + 1)[:, None], units, axis=1)
    given = {
        "cell": "rnn_tanh",
        "layer": 0,
        "direction": "forward",
        "hidden": hidden,
        "cell_state": None,
        "gates": {},
        "initial_hidden": np.zeros(units),
        "initial_cell": None,
    }
    return LayerTrace(**{**given, **parts})


def record(**changes: Any) -> UpdateRecord:
    """The record of an uneventful first update."""
    given = {
        "update": 1,
        "loss": 2.0,
        "accuracy": 0.25,
        "grad_norm": 0.5,
        "grad_norm_clipped": 0.5,
        "clip_coefficient": 1.0,
        "clip_cosine": 1.0,
        "clipped": False,
        "share_clipped": 0.0,
        "clip": "norm",
        "threshold": 1.0,
        "rate": 0.01,
        "update_ratio": 0.001,
    }
    return UpdateRecord(**{**given, **changes})
