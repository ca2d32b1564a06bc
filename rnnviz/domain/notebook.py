"""A trace as it is shown in a notebook, as a dictionary, and as named arrays for a file."""

from collections.abc import Mapping
from dataclasses import fields
from html import escape
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import LayerTrace, Reading, Trace

WIDTH, HEIGHT, EDGE = 360.0, 60.0, 4.0  # of the small picture
MOST_TOKENS = 24  # that are written below it
BACKWARD = "#d9822b"


def layer_in_words(layer: LayerTrace) -> str:
    """One line: place, cell, size, range of h and of the gradient."""
    parts = [layer.name, layer.cell, f"{len(layer.hidden)} tokens × {layer.hidden.shape[1]} units", _hidden(layer)]
    return f"LayerTrace({', '.join([*parts, _gradient(layer)])})"


def trace_in_words(trace: Trace) -> str:
    """One line: tokens, layers, loss, update."""
    top = trace.top
    layers = f"{len(trace.layers)} layer{'s' * (len(trace.layers) > 1)}"
    words = [f"{trace.tokens} tokens through {layers} of {top.cell} with {top.hidden.shape[1]} units"]
    if trace.losses is not None:
        words.append(f"losses sum to {float(trace.losses.sum()):.4g}")
    if trace.update is not None:
        words.append(f"update {trace.update}")
    if trace.untouched is not None:
        words.append("with interventions")
    return f"Trace({', '.join(words)})"


def layer_html(layer: LayerTrace) -> str:
    """The line, and the gradient that reaches each token."""
    return f"<div><code>{escape(layer_in_words(layer))}</code>{_curve(layer)}</div>"


def trace_html(trace: Trace) -> str:
    """The line, what was read, and a row for each layer."""
    rows = "".join(
        f"<tr><td>{escape(layer.name)}</td><td>{escape(layer.cell)}</td><td>{escape(_hidden(layer))}</td>"
        f"<td>{escape(_gradient(layer))}</td><td>{_curve(layer)}</td></tr>"
        for layer in trace.layers
    )
    head = "<tr><th>layer</th><th>cell</th><th>h</th><th>‖∂L/∂h‖₂</th><th>log ‖∂L/∂h_t‖₂ over tokens</th></tr>"
    read = "" if trace.reading is None else f"<div>read: <code>{escape(_start(trace.reading))}</code></div>"
    return f"<div><code>{escape(trace_in_words(trace))}</code>{read}<table>{head}{rows}</table></div>"


def layer_dict(layer: LayerTrace) -> dict[str, Any]:
    """What there is, by the names of `LayerTrace`."""
    return _known(layer)


def trace_dict(trace: Trace) -> dict[str, Any]:
    """What there is, by the names of `Trace`."""
    found = {name: value for name, value in _known(trace).items() if name not in {"layers", "reading", "untouched"}}
    found["layers"] = [layer_dict(layer) for layer in trace.layers]
    if trace.reading is not None:
        found["reading"] = _known(trace.reading)
    if trace.untouched is not None:
        found["untouched"] = trace_dict(trace.untouched)
    if trace.check is not None:
        found["check"] = {"update": trace.check.update, "error": trace.check.error}
    return found


def arrays_of(trace: Trace) -> dict[str, Array]:
    """Every array of `to_dict` under one flat name, for ``.npz``: “layers.0.gates.forget”, “reading.tokens”.

    Words are arrays of strings, in which an empty one stands for None. Nothing needs pickle.
    """
    return dict(_flat("", trace_dict(trace)))


def _flat(name: str, value: Any) -> list[tuple[str, Array]]:
    if isinstance(value, Mapping):
        pairs = [(f"{name}.{key}" if name else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{name}.{place}", inner) for place, inner in enumerate(value)]
    elif isinstance(value, tuple) and any(isinstance(entry, str) for entry in value):
        return [(name, np.array(["" if entry is None else entry for entry in value], np.str_))]
    elif isinstance(value, tuple) and None in value:
        return [(name, np.array([""] * len(value), np.str_))]
    else:
        return [(name, np.asarray(value))]
    return [entry for key, inner in pairs for entry in _flat(key, inner)]


def _known(record: LayerTrace | Trace | Reading) -> dict[str, Any]:
    named = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    plain = {name: dict(value) if isinstance(value, Mapping) else value for name, value in named.items()}
    return {name: value for name, value in plain.items() if value is not None}


def _hidden(layer: LayerTrace) -> str:
    return f"h {layer.hidden.min():+.3g} … {layer.hidden.max():+.3g}"


def _gradient(layer: LayerTrace) -> str:
    known = layer.log10_hidden_grads[np.isfinite(layer.log10_hidden_grads)]
    return f"gradient 10^{known.min():.1f} … 10^{known.max():.1f}" if len(known) else "no gradient"


def _start(reading: Reading) -> str:
    words = [token if token.isprintable() else repr(token)[1:-1] for token in reading.tokens[:MOST_TOKENS]]
    joined = ("" if all(len(token) == 1 for token in reading.tokens) else " ").join(words)
    return joined + " …" * (len(reading.tokens) > MOST_TOKENS)


def _curve(layer: LayerTrace) -> str:
    """A small inline picture of log10 ‖∂L/∂h_t‖₂; a gap where it is not finite."""
    values = layer.log10_hidden_grads
    finite = np.isfinite(values)
    if not finite.any():
        return ""
    low, high = float(values[finite].min()), float(values[finite].max())
    x = EDGE + np.arange(len(values)) * (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    y = HEIGHT - EDGE - (np.where(finite, values, low) - low) / max(high - low, 1e-9) * (HEIGHT - 2 * EDGE)
    drawn = "".join(
        f"{'L' if place and finite[place - 1] else 'M'}{x[place]:.1f} {y[place]:.1f}"
        for place in np.flatnonzero(finite)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{HEIGHT:g}">'
        f'<path d="{drawn}" fill="none" stroke="{BACKWARD}" stroke-width="1.5"/></svg>'
    )
