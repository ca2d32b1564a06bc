"""What an intervention changed: a trace against the same pass without it."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from rnnviz.domain.arrays import check_shape
from rnnviz.domain.trace import LayerTrace, Trace

PLACE = {"cell", "layer", "direction"}  # what of a layer is no number


def differences(trace: Trace) -> tuple[LayerTrace, ...]:
    """`difference` of every layer and direction of ``trace`` and of its untouched pass; none without interventions."""
    if trace.untouched is None:
        return ()
    pairs = zip(trace.layers, trace.untouched.layers, strict=True)
    return tuple(difference(layer, untouched) for layer, untouched in pairs)


def difference(layer: LayerTrace, untouched: LayerTrace) -> LayerTrace:
    """``layer`` − ``untouched``, array by array, as a layer that can be drawn like any other.

    Its ``log10_hidden_grads`` are log10 ‖Δ dL/dh_t‖. An array that either of the two lacks is None (of ``gates`` and
    ``gate_grads``: left out). Raises ValueError when the two are not of one shape.
    """
    check_shape("hidden", layer.hidden, untouched.hidden.shape)
    names = [entry.name for entry in fields(LayerTrace) if entry.name not in PLACE]
    # An infinite gradient minus an infinite one is not a number, and is shown as such.
    with np.errstate(invalid="ignore", over="ignore"):
        return replace(layer, **{name: _minus(getattr(layer, name), getattr(untouched, name)) for name in names})


def _minus(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping):
        return {name: one[name] - other[name] for name in one if name in other}
    return None if one is None or other is None else one - other
