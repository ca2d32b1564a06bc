"""A whole stack of layers, forward and backward through time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import LayerTrace
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.passes import Gradients, LayerPass, TextbookPass, forward_pass
from rnnviz.tracing.touch import Touch


class LayerRun(NamedTuple):
    """A layer after its forward pass. ``hidden`` (T, B, H) is in reading order, ``done`` in the layer's own."""

    layer: Layer
    hidden: Array
    initial: State
    done: LayerPass


class LayerBack(NamedTuple):
    """Gradients of one layer, (T, R, ·) in reading order."""

    direct: Array
    gradients: Gradients


def run_forward(
    stack: list[list[Layer]],
    x: Tensor,
    initial: list[State],
    touches: list[Touch | None] | None = None,
    masks: Sequence[Tensor] | None = None,
) -> tuple[list[list[LayerRun]], Tensor]:
    """Read ``x`` (T, B, D) from ``initial``; also the top output (T, B, H·dirs).

    ``initial`` and ``touches`` have one entry per layer and direction, ``masks`` (T, B, H·dirs) one per depth: its
    output is multiplied with that on its way up, the top one's too.
    """
    states, hands = iter(initial), iter(touches or [None] * len(initial))
    runs: list[list[LayerRun]] = []
    for index, layers in enumerate(stack):
        depth: list[LayerRun] = []
        outputs: list[Tensor] = []
        for layer in layers:
            state = next(states)
            given = _in_time(x, layer)
            hidden, done = _layer_forward(layer, given, state, next(hands))
            outputs.append(_in_time(hidden, layer))
            depth.append(LayerRun(layer, outputs[-1].numpy(), state, done))
        runs.append(depth)
        x = torch.cat(outputs, dim=-1) if len(outputs) > 1 else outputs[0]
        x = x if masks is None else x * masks[index]
    return runs, x


def _layer_forward(layer: Layer, x: Tensor, state: State, touch: Touch | None) -> tuple[Tensor, LayerPass]:
    """Hidden states (T, B, H) and the pass; by the textbook where something is touched."""
    if touch is None:
        hidden = layer.hidden(x, state).contiguous()
        return hidden, forward_pass(layer, x, hidden, state)
    done = TextbookPass(layer.cell, layer.stretches(len(x)), x, state, touch)
    return done.hidden, done


def run_backward(runs: list[list[LayerRun]], direct: Array) -> list[list[LayerBack]]:
    """Start from ``direct`` (T, R, H·dirs) at the top output; each layer hands its input gradient down."""
    backs: list[list[LayerBack]] = []
    for depth in reversed(runs):
        backs.append([layer_backward(run, part) for run, part in splits(depth, direct)])
        direct = _together(backs[-1])
    return backs[::-1]


def splits(depth: list[LayerRun], direct: Array) -> list[tuple[LayerRun, Array]]:
    """Each direction of one depth with its share (T, R, H) of what its output is asked, (T, R, H·dirs)."""
    parts = np.split(direct, len(depth), axis=-1)
    return [(run, np.ascontiguousarray(part)) for run, part in zip(depth, parts, strict=True)]


def summed_inputs(given: list[tuple[LayerRun, Array]]) -> Array:
    """What one depth asks of the one below, (T, R, D): the sum over its directions."""
    return _together([layer_backward(run, part) for run, part in given])


def _together(backs: list[LayerBack]) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.sum([back.gradients.inputs for back in backs], axis=0))


def in_own_order(array: Array, layer: Layer) -> Array:
    """From reading order to the order in which ``layer`` reads, or back."""
    if layer.direction == "forward":
        return array
    return np.ascontiguousarray(array[::-1] if layer.order is None else _ordered(array, layer.order))


def _ordered(array: Array, order: Array) -> Array:
    return np.take_along_axis(array, order[..., None], axis=0)


def layer_backward(run: LayerRun, direct: Array) -> LayerBack:
    """Backward through one layer from ``direct`` (T, R, H), both in reading order."""
    if run.layer.direction == "forward":
        return LayerBack(direct, run.done.backward(direct))
    found = run.done.backward(in_own_order(direct, run.layer))
    return LayerBack(direct, _in_reading_order(found, run.layer.order))


def _in_reading_order(found: Gradients, order: Array | None) -> Gradients:
    def turned(array: Array) -> Array:
        return array[::-1] if order is None else _ordered(array, order)

    return Gradients(
        turned(found.hidden),
        None if found.cell is None else turned(found.cell),
        {name: turned(gradient) for name, gradient in found.gates.items()},
        turned(found.inputs),
    )


def _in_time(x: Tensor, layer: Layer) -> Tensor:
    if layer.direction == "forward" or layer.order is None:
        return x if layer.direction == "forward" else x.flip(0)
    return torch.from_numpy(_ordered(x.numpy(), layer.order))


def layer_trace(run: LayerRun, back: LayerBack | None) -> LayerTrace:
    """Collect what happened in one layer while one sequence (B = 1) was read.

    ``back`` has rows: the sum of all losses, the loss of the last token, and of token 0 where layers read backward.
    """
    cell, done, turn = run.layer.cell, run.done, slice(None, None, 1 if run.layer.direction == "forward" else -1)

    def only(array: Array | None) -> Array | None:
        return None if array is None else array[turn, 0]

    gradients: dict[str, object] = {}
    if back is not None:
        inside = back.gradients
        gradients = {
            "hidden_grads": inside.hidden[:, 0],
            "hidden_grads_last": inside.hidden[:, 1],
            "hidden_grads_direct": back.direct[:, 0],
            "hidden_grads_first": inside.hidden[:, 2] if run.layer.direction == "backward" else None,
            "cell_grads": None if inside.cell is None else inside.cell[:, 0],
            "gate_grads": {name: gradient[:, 0] for name, gradient in inside.gates.items()},
        }
    return LayerTrace(
        cell=cell.name,
        layer=run.layer.index,
        direction=run.layer.direction,
        hidden=run.hidden[:, 0],
        cell_state=only(done.cell_state),
        gates={name: gate[turn, 0] for name, gate in done.gates.items()},
        initial_hidden=run.initial[0][0].numpy(),
        initial_cell=run.initial[1][0].numpy() if cell.has_cell_state else None,
        input_parts=only(done.parts[0]) if done.parts else None,
        recurrent_parts=only(done.parts[1]) if done.parts else None,
        **gradients,  # type: ignore[arg-type]  # keyword arguments of LayerTrace, checked where it is built
    )
