"""How an update read its batch: the stack of layers, the states that it began with, what was dropped."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Direction
from rnnviz.networks import Network, Relay, common_boundary, order_back
from rnnviz.tasks.task import asked
from rnnviz.tracing.layer import Layer
from rnnviz.training.scoring import logit_gradient


class BatchRead(NamedTuple):
    """A batch and all that decides what a network makes of it. None of its tensors is written to again."""

    inputs: Tensor  # (B, T), or (B, T, D) of numbers
    targets: Tensor  # (B, T), or (B, T, O) of numbers
    initial: tuple[State, ...] | None = None  # carried over, (B, H) each; None: zeros
    dropout: Mapping[str, Any] | None = None  # state of the generator that draws the masks; None: nothing is dropped
    ends: Tensor | None = None  # (B,) tokens of each sequence that are its own; None: all, or nothing reads backward


def stack_of(network: Network, writes: Tensor | None = None, order: Array | None = None) -> list[list[Layer]]:
    """Return the layers of ``network``, a list per depth with one entry per direction, sharing its weights.

    ``writes``: what `writes_at` gives, for a network that `writes`; ``order``: (T, B) for what reads backward.
    """
    return [
        [replace(_layer(network, module, depth, direction, writes), order=order) for direction, module in parts]
        for depth, parts in enumerate(network.directions)
    ]


def _layer(network: Network, module: nn.Module, depth: int, direction: Direction, writes: Tensor | None) -> Layer:
    if not isinstance(module, Relay):
        return Layer(network.cell, module, depth, direction)
    if writes is None:
        raise ValueError("writes is None, expected the tokens at which the decoder writes")
    boundary = common_boundary(writes)
    return Layer(network.cell, module.encoder, depth, direction, module.decoder, boundary)


def writes_at(network: Network, targets: Tensor) -> Tensor | None:
    """Whether each token has a target, (B, T) bool; None for a network that has no use for it.

    ``targets`` (B, T), or (B, T, O) of numbers.
    """
    if not network.writes:
        return None
    return torch.from_numpy(asked(targets.numpy()))


def stack_that_read(network: Network, read: BatchRead, writes: Tensor | None) -> list[list[Layer]]:
    """Return the layers of ``network`` as they read that batch."""
    if read.ends is None:
        return stack_of(network, writes)
    return stack_of(network, writes, order_back(read.ends, read.inputs.shape[1]).numpy())


def direct_gradient(network: Network, top: Tensor, targets: Tensor) -> Tensor:
    """d(mean loss)/d(top output) through attention and read-out alone, like ``top`` (B, T, H·directions)."""
    if network.attention is None:
        with torch.no_grad():
            return logit_gradient(network.readout(top), targets) @ network.readout.weight
    with torch.enable_grad():
        output = top.detach().requires_grad_()
        logits = network.read_out(output, writes_at(network, targets)).outputs
        (found,) = torch.autograd.grad(logits, output, logit_gradient(logits.detach(), targets))
    return found


def in_time(masks: list[Tensor] | None) -> list[Tensor] | None:
    """(B, T, ·) → (T, B, ·) each."""
    return None if masks is None else [mask.transpose(0, 1).contiguous() for mask in masks]
