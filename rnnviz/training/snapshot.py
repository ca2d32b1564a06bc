"""A trainer at one point, kept: everything that decides what it does and shows from there on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array, readonly
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import SelfCheck
from rnnviz.training.batch_read import BatchRead
from rnnviz.training.newest import Newest

States = tuple[tuple[Array, ...], ...]  # of each layer, (B, H) each


@dataclass(frozen=True)
class KeptUpdate:
    """The newest update of a snapshot. The gradient after clipping is not kept: it follows from this one."""

    update: int
    config: RunConfig
    inputs: Array  # (B, T)
    targets: Array  # (B, T)
    gradient: Array  # of all parameters in a row, before clipping
    initial: States | None = None  # carried into it
    dropout: Mapping[str, Any] | None = None  # state of the generator that drew its masks
    ends: Array | None = None  # (B,) of its sequences, where layers read backward


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Made by ``Trainer.snapshot``. Its arrays are read-only; parameters lie one after the other in a row (N,)."""

    update: int
    config: RunConfig
    weights: Array
    before: Array  # the weights of before the newest update
    optimizer: Mapping[str, Array]  # its memory, by torch's names; empty before the first step
    random: Mapping[str, Any]  # state of the generator that draws the batches
    dropout_random: Mapping[str, Any]  # and of the one that draws what is dropped
    batch_number: int  # of the next batch, where they follow each other
    carried: States | None  # what the next batch begins with
    recently_clipped: tuple[bool, ...]
    newest: KeptUpdate | None
    check: SelfCheck | None
    record: UpdateRecord | None  # of the newest update
    nbytes: int = field(init=False)  # of all arrays

    def __post_init__(self) -> None:
        arrays = [self.weights, self.before, *self.optimizer.values()]
        if self.newest is not None:
            arrays += [self.newest.inputs, self.newest.targets, self.newest.gradient]
        for states in (self.carried, None if self.newest is None else self.newest.initial):
            arrays += [part for state in states or () for part in state]
        object.__setattr__(self, "nbytes", sum(array.nbytes for array in arrays))


def copied(tensor: Tensor) -> Array:
    """Return a read-only copy of ``tensor``."""
    array = tensor.detach().numpy().copy()
    array.flags.writeable = False
    return array


def kept(newest: Newest | None) -> KeptUpdate | None:
    """Return ``newest`` as arrays. They share its memory, for nobody writes to it."""
    if newest is None:
        return None
    inputs, targets, gradient = (
        readonly(tensor.numpy()) for tensor in (newest.inputs, newest.targets, newest.gradient)
    )
    initial, dropout = kept_states(newest.read.initial), newest.read.dropout
    ends = None if newest.read.ends is None else readonly(newest.read.ends.numpy())
    return KeptUpdate(newest.update, newest.config, inputs, targets, gradient, initial, dropout, ends)


def revived(newest: KeptUpdate | None) -> Newest | None:
    """Return ``newest`` as tensors of their own."""
    if newest is None:
        return None
    inputs, targets, gradient = (
        torch.from_numpy(array.copy()) for array in (newest.inputs, newest.targets, newest.gradient)
    )
    ends = None if newest.ends is None else torch.from_numpy(newest.ends.copy())
    read = BatchRead(inputs, targets, revived_states(newest.initial), newest.dropout, ends)
    return Newest(newest.update, newest.config, read, gradient)


def kept_states(states: tuple[State, ...] | None) -> States | None:
    """Return states as arrays. They share their memory, for nobody writes to it."""
    return None if states is None else tuple(tuple(readonly(part.numpy()) for part in state) for state in states)


def revived_states(states: States | None) -> tuple[State, ...] | None:
    """Return states as tensors of their own."""
    if states is None:
        return None
    return tuple(tuple(torch.from_numpy(part.copy()) for part in state) for state in states)
