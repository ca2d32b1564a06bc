"""From interventions to what a pass is given: inputs, initial states, a touch for each layer. Misfits are refused."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.domain.intervention import ChangeInput, ChangeToken, ClampGate, Intervention, SetInitial, ZeroUnit
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.touch import NOTHING, Held, Touch, lets_hold


class Given(NamedTuple):
    """What a stack of layers is given to read."""

    x: Tensor  # (T, D)
    initial: list[State]  # per layer and direction, (1, H) each
    touches: list[Touch | None]  # likewise; None: the layer runs as ever

    def left_alone(self, x: Tensor, initial: list[State]) -> "Given":
        """The pass to compare with: the same layers by the same formula, so that what does not change is equal."""
        return Given(x, initial, [None if touch is None else NOTHING for touch in self.touches])


def intervene(
    stack: list[list[Layer]], x: Tensor, initial: list[State], interventions: tuple[Intervention, ...]
) -> Given:
    """Carry out ``interventions`` on a pass over ``x`` (T, D) from ``initial``; the later of two wins.

    Raises ValueError naming what does not fit this network or sequence, TypeError for what is no intervention.
    """
    layers = [layer for depth in stack for layer in depth]
    for intervention in interventions:
        _refuse_misfit(layers, x, intervention)
    states = [_begun(layer, state, interventions) for layer, state in zip(layers, initial, strict=True)]
    return Given(_changed(x, interventions), states, [_touch(layer, len(x), interventions) for layer in layers])


def refuse_outside(intervention: object, name: str, value: object, limit: int) -> None:
    """Raise ValueError unless ``value`` is one of the whole numbers 0 … ``limit`` − 1."""
    if not isinstance(value, int | np.integer) or not 0 <= value < limit:
        raise ValueError(f"{type(intervention).__name__}: {name} is {value!r}, expected 0 to {limit - 1}")


def with_input(x: Tensor, change: ChangeInput) -> Tensor:
    """Return a copy of ``x`` (T, D) with ``change`` carried out. Raises ValueError for one that does not fit."""
    _refuse_input(x, change)
    x = x.clone()
    x[change.token] = torch.tensor(change.values, dtype=x.dtype)
    return x


def _changed(x: Tensor, interventions: tuple[Intervention, ...]) -> Tensor:
    changes = [entry for entry in interventions if isinstance(entry, ChangeInput)]
    x = x.clone() if changes else x
    for change in changes:
        x[change.token] = torch.tensor(change.values, dtype=x.dtype)
    return x


def _begun(layer: Layer, state: State, interventions: tuple[Intervention, ...]) -> State:
    hidden, *others = state
    for entry in interventions:
        if isinstance(entry, SetInitial) and _meant(layer, entry):
            hidden = hidden.clone()
            hidden[:, slice(None) if entry.unit is None else entry.unit] = entry.value
    return (hidden, *others)


def _touch(layer: Layer, tokens: int, interventions: tuple[Intervention, ...]) -> Touch | None:
    inside = [entry for entry in interventions if isinstance(entry, ClampGate | ZeroUnit) and _meant(layer, entry)]
    if not inside:
        return None
    clamps = [entry for entry in inside if isinstance(entry, ClampGate)]
    held = {gate: _held(layer, tokens, gate, clamps) for gate in dict.fromkeys(clamp.gate for clamp in clamps)}
    return Touch(held, _zeroed(layer, tokens, [entry for entry in inside if isinstance(entry, ZeroUnit)]))


def _held(layer: Layer, tokens: int, gate: str, clamps: list[ClampGate]) -> Held:
    _refuse_unless_held(layer, gate)
    w_hh = layer.weights.w_hh
    values = torch.zeros(tokens, w_hh.shape[1], dtype=w_hh.dtype)
    places = torch.zeros_like(values, dtype=torch.bool)
    for clamp in clamps:
        if clamp.gate == gate:
            place = _place(clamp)
            values[place], places[place] = clamp.value, True
    return Held(_as_read(values, layer), _as_read(places, layer))


def _zeroed(layer: Layer, tokens: int, zeros: list[ZeroUnit]) -> Tensor | None:
    places = torch.zeros(tokens, layer.weights.w_hh.shape[1], dtype=torch.bool)
    for zero in zeros:
        places[_place(zero)] = True
    return _as_read(places, layer) if zeros else None


def _place(entry: ClampGate | ZeroUnit) -> tuple[slice | int, slice | int]:
    """Where in an array (T, H)."""
    everything = slice(None)
    return everything if entry.token is None else entry.token, everything if entry.unit is None else entry.unit


def _as_read(array: Tensor, layer: Layer) -> Tensor:
    return array if layer.direction == "forward" else array.flip(0)


def _meant(layer: Layer, entry: ClampGate | ZeroUnit | SetInitial) -> bool:
    return (layer.index, layer.direction) == (entry.layer, entry.direction)


def _refuse_misfit(layers: list[Layer], x: Tensor, entry: Intervention) -> None:
    match entry:
        case ChangeInput():
            _refuse_input(x, entry)
        case ClampGate() | ZeroUnit() | SetInitial():
            layer = _layer_of(layers, entry)
            _refuse_place(layer, len(x), entry)
            if not isinstance(entry, ZeroUnit):
                _refuse_nonfinite(entry, "value", entry.value, x.dtype)
            if isinstance(entry, ClampGate):
                _refuse_gate(layer, entry)
        case ChangeToken():
            raise ValueError(f"ChangeToken({entry.token}, {entry.label!r}) needs a vocabulary, expected ChangeInput")
        case _:
            raise TypeError(
                f"intervention is {entry!r}, expected ClampGate, ZeroUnit, ChangeInput, ChangeToken or SetInitial"
            )


def _refuse_input(x: Tensor, entry: ChangeInput) -> None:
    refuse_outside(entry, "token", entry.token, len(x))
    if len(entry.values) != x.shape[1]:
        raise ValueError(f"ChangeInput: values has {len(entry.values)} numbers, expected {x.shape[1]}")
    _refuse_nonfinite(entry, "values", entry.values, x.dtype)


def _layer_of(layers: list[Layer], entry: ClampGate | ZeroUnit | SetInitial) -> Layer:
    refuse_outside(entry, "layer", entry.layer, layers[-1].index + 1)
    directions = list(dict.fromkeys(layer.direction for layer in layers))
    if entry.direction not in directions:
        raise ValueError(
            f"{type(entry).__name__}: direction is {entry.direction!r}, expected {' or '.join(directions)}"
        )
    return next(layer for layer in layers if _meant(layer, entry))


def _refuse_place(layer: Layer, tokens: int, entry: ClampGate | ZeroUnit | SetInitial) -> None:
    if entry.unit is not None or isinstance(entry, ZeroUnit):
        refuse_outside(entry, "unit", entry.unit, layer.weights.w_hh.shape[1])
    if not isinstance(entry, SetInitial) and entry.token is not None:
        refuse_outside(entry, "token", entry.token, tokens)


def _refuse_nonfinite(entry: Intervention, name: str, value: float | tuple[float, ...], dtype: torch.dtype) -> None:
    if not bool(torch.tensor(value, dtype=torch.float64).to(dtype).isfinite().all()):
        raise ValueError(f"{type(entry).__name__}: {name} is {value}, expected finite in {dtype}")


def _refuse_gate(layer: Layer, clamp: ClampGate) -> None:
    names = [gate.name for gate in layer.cell.gates]
    if clamp.gate not in names:
        expected = f"expected one of {', '.join(names)}" if names else f"but {layer.cell.name} has no gates"
        raise ValueError(f"ClampGate: gate is {clamp.gate!r}, {expected}")


def _refuse_unless_held(layer: Layer, gate: str) -> None:
    if not lets_hold(layer.cell, gate):
        raise ValueError(
            f"ClampGate: gate is {gate!r}, but the step of {layer.cell.name} does not go on with what hold gives"
        )
