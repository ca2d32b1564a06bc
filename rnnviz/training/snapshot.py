"""A trainer at one point, kept: everything that decides what it does and shows from there on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor, optim

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array, readonly
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import SelfCheck
from rnnviz.training.newest import Newest


@dataclass(frozen=True)
class KeptUpdate:
    """The newest update of a snapshot. The gradient after clipping is not kept: it follows from this one."""

    update: int
    config: RunConfig
    inputs: Array  # (B, T)
    targets: Array  # (B, T)
    gradient: Array  # of all parameters in a row, before clipping


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Made by ``Trainer.snapshot``. Its arrays are read-only; parameters lie one after the other in a row (N,)."""

    update: int
    config: RunConfig
    weights: Array
    before: Array  # the weights of before the newest update
    optimizer: Mapping[str, Array]  # its memory, by torch's names; empty before the first step
    random: Mapping[str, Any]  # state of the generator that draws the batches
    recently_clipped: tuple[bool, ...]
    newest: KeptUpdate | None
    check: SelfCheck | None
    record: UpdateRecord | None  # of the newest update
    nbytes: int = field(init=False)  # of all arrays

    def __post_init__(self) -> None:
        arrays = [self.weights, self.before, *self.optimizer.values()]
        if self.newest is not None:
            arrays += [self.newest.inputs, self.newest.targets, self.newest.gradient]
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
    arrays = (readonly(tensor.numpy()) for tensor in (newest.inputs, newest.targets, newest.gradient))
    return KeptUpdate(newest.update, newest.config, *arrays)


def revived(newest: KeptUpdate | None) -> Newest | None:
    """Return ``newest`` as tensors of their own."""
    if newest is None:
        return None
    tensors = (torch.from_numpy(array.copy()) for array in (newest.inputs, newest.targets, newest.gradient))
    return Newest(newest.update, newest.config, *tensors)


def optimizer_memory(optimizer: optim.Optimizer, weights: Tensor) -> Mapping[str, Array]:
    """Copy what ``optimizer`` remembers of ``weights``: moments, and how many steps it has made."""
    memory = optimizer.state.get(weights, {})
    return MappingProxyType({name: copied(value) for name, value in memory.items() if isinstance(value, Tensor)})


def remind(optimizer: optim.Optimizer, weights: Tensor, memory: Mapping[str, Array]) -> None:
    """Let ``optimizer`` remember ``memory`` of ``weights`` and nothing else."""
    optimizer.state.clear()
    if memory:
        optimizer.state[weights] = {name: torch.from_numpy(np.array(value)) for name, value in memory.items()}
