"""How an update read its batch: the stack of layers, the states that it began with, what was dropped."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.networks import Network
from rnnviz.tracing.layer import Layer


class BatchRead(NamedTuple):
    """A batch and all that decides what a network makes of it. None of its tensors is written to again."""

    inputs: Tensor  # (B, T), or (B, T, D) of numbers
    targets: Tensor  # (B, T), or (B, T, O) of numbers
    initial: tuple[State, ...] | None = None  # carried over, (B, H) each; None: zeros
    dropout: Mapping[str, Any] | None = None  # state of the generator that draws the masks; None: nothing is dropped


def stack_of(network: Network) -> list[list[Layer]]:
    """Return the layers of ``network``, a list per depth with one entry per direction, sharing its weights."""
    return [
        [Layer(network.cell, module, depth, direction) for direction, module in parts]
        for depth, parts in enumerate(network.directions)
    ]


def in_time(masks: list[Tensor] | None) -> list[Tensor] | None:
    """(B, T, ·) → (T, B, ·) each."""
    return None if masks is None else [mask.transpose(0, 1).contiguous() for mask in masks]
