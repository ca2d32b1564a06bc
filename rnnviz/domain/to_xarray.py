"""A trace as an ``xarray.Dataset``, where xarray is installed."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import LayerTrace, Trace

PLAIN = ("hidden", "cell_state", "hidden_grads", "hidden_grads_direct", "hidden_grads_last", "cell_grads")


def layer_dataset(layer: LayerTrace) -> Any:
    """Variables over (token, unit): h, c, gates as “gate_forget”, gradients as they are named here."""
    variables = {name: (("token", "unit"), values) for name, values in _variables(layer).items()}
    return _xarray().Dataset(variables, _coordinates(layer), {"cell": layer.cell, "layer": layer.name})


def trace_dataset(trace: Trace) -> Any:
    """Variables over (layer, token, unit); what some layer lacks is left out. Losses and words over token."""
    found = [_variables(layer) for layer in trace.layers]
    common = [name for name in found[0] if all(name in variables for variables in found)]
    variables: dict[str, Any] = {
        name: (("layer", "token", "unit"), np.stack([layer[name] for layer in found])) for name in common
    }
    if trace.losses is not None:
        variables["loss"] = ("token", trace.losses)
    coordinates = {**_coordinates(trace.layers[0]), "layer": [layer.name for layer in trace.layers]}
    if trace.reading is not None:
        coordinates |= {"read": ("token", _words(trace.reading.tokens))}
        coordinates |= {"target": ("token", _words(trace.reading.targets))}
    told = {"cell": trace.top.cell} | ({} if trace.update is None else {"update": trace.update})
    return _xarray().Dataset(variables, coordinates, told)


def _variables(layer: LayerTrace) -> dict[str, Array]:
    known = {name: getattr(layer, name) for name in PLAIN}
    gates = {f"gate_{name}": values for name, values in layer.gates.items()}
    gate_grads = {f"gate_grad_{name}": values for name, values in layer.gate_grads.items()}
    return {name: values for name, values in known.items() if values is not None} | gates | gate_grads


def _coordinates(layer: LayerTrace) -> dict[str, Any]:
    return {"token": np.arange(len(layer.hidden)), "unit": np.arange(layer.hidden.shape[1])}


def _words(labels: Iterable[str | None]) -> Array:
    return np.array(["" if label is None else label for label in labels], np.str_)


def _xarray() -> Any:
    try:
        import xarray  # noqa: PLC0415  # an extra: not there unless it was asked for
    except ImportError as error:
        raise ImportError("to_xarray needs xarray, which is not installed: pip install 'rnnviz[xarray]'") from error
    return xarray
