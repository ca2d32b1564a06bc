"""Whether a snapshot from a file fits the trainer that is to go there."""

import numpy as np

from rnnviz.domain.arrays import Array, check_shape
from rnnviz.domain.continuation import OwnSequence
from rnnviz.domain.values import Symbols, Values
from rnnviz.tasks.task import NO_TARGET
from rnnviz.training.optimizers import OPTIMIZERS
from rnnviz.training.snapshot import KeptUpdate, Snapshot, States
from rnnviz.training.trainer import Trainer


def fitted(snapshot: Snapshot, trainer: Trainer) -> Snapshot:
    """Return ``snapshot``; raise ValueError that names the array which does not fit."""
    size = (trainer.facts.parameters,)
    check_shape("weights", snapshot.weights, size)
    check_shape("before", snapshot.before, size)
    _check_memory(snapshot, size)
    _check_states("carried", snapshot.carried, trainer)
    if snapshot.newest is not None:
        check_shape("newest.gradient", snapshot.newest.gradient, size)
        _check_states("newest.initial", snapshot.newest.initial, trainer)
        _check_batch(snapshot.newest, trainer)
    return snapshot


def fitted_own(own: OwnSequence, trainer: Trainer) -> OwnSequence:
    """Return ``own``; raise ValueError where it begins with states that do not fit."""
    _check_states("displayed.initial", own.initial, trainer, rows=())
    return own


def _check_memory(snapshot: Snapshot, size: tuple[int, ...]) -> None:
    remembered = OPTIMIZERS[snapshot.config.optimizer].remembers
    expected = {*remembered, "step"} if remembered else set[str]()
    if snapshot.optimizer and set(snapshot.optimizer) != expected:
        raise ValueError(f"the optimiser's memory is {sorted(snapshot.optimizer)}, expected {sorted(expected)}")
    for name, array in snapshot.optimizer.items():
        check_shape(f"optimizer.{name}", array, () if name == "step" else size)
        _check_type(f"optimizer.{name}", array, np.float32)


def _check_states(name: str, states: States | None, trainer: Trainer, rows: tuple[int, ...] | None = None) -> None:
    """``rows``: what stands before the units; the batch if left out."""
    if states is None:
        return
    config, parts = trainer.config, 1 + trainer.network.cell.has_cell_state
    if len(states) != config.layers or any(len(state) != parts for state in states):
        raise ValueError(f"{name} has {len(states)} layers, expected {config.layers} of {parts} arrays")
    for array in (part for state in states for part in state):
        check_shape(name, array, (*((config.batch,) if rows is None else rows), config.hidden))
        _check_type(name, array, np.float32)


def _check_batch(newest: KeptUpdate, trainer: Trainer) -> None:
    shape = newest.inputs.shape[:2]
    if len(shape) != 2 or not all(shape) or newest.targets.shape[:2] != shape:
        raise ValueError(f"inputs are {newest.inputs.shape}, targets {newest.targets.shape}, expected (B, T, …) both")
    if newest.ends is not None:
        check_shape("newest.ends", newest.ends, shape[:1])
        _check_type("newest.ends", newest.ends, np.int64)
        if newest.ends.min() < 1 or newest.ends.max() > shape[1]:
            raise ValueError(f"newest.ends are {newest.ends.tolist()}, expected 1 to {shape[1]}")
    _check_values("inputs", newest.inputs, trainer.facts.reads, lowest=0)
    _check_values("targets", newest.targets, trainer.facts.predicts, lowest=NO_TARGET)


def _check_values(name: str, array: Array, kind: Values, lowest: int) -> None:
    if isinstance(kind, Symbols):
        check_shape(name, array, array.shape[:2])
        _check_type(name, array, np.int64)
        outside = (array >= kind.size) | ((array < 0) & (array != lowest))
        if outside.any():
            raise ValueError(f"{name} has the index {int(array[outside][0])}, expected 0 to {kind.size - 1}")
    else:
        check_shape(name, array, (*array.shape[:2], kind.size))
        _check_type(name, array, np.float32)


def _check_type(name: str, array: Array, kind: type) -> None:
    if array.dtype != kind:
        raise ValueError(f"{name} is of {array.dtype}, expected {np.dtype(kind)}")
