"""Where an update left the numbers: its passes made again, and searched in the order of computation."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.post_mortem import PostMortem, value_in_words
from rnnviz.networks import Network
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.stack import LayerRun, in_own_order, run_forward, splits, summed_inputs
from rnnviz.tracing.trace import zero_states
from rnnviz.training.batch_read import BatchRead, direct_gradient, in_time, stack_that_read, writes_at
from rnnviz.training.dropout import masks_from
from rnnviz.training.scoring import token_losses

Stage = tuple[str, Array | None]  # what it is, and its values (T, B, ·)


def examine(known: PostMortem, network: Network, config: RunConfig, read: BatchRead) -> PostMortem:
    """Add to ``known`` the first value of a batch that is not finite, as far as it is found.

    ``network``: with the weights in use.
    """
    writes = writes_at(network, read.targets)
    stack = stack_that_read(network, read, writes)
    masks = in_time(masks_from(read.dropout, config, (read.inputs.shape[0], read.inputs.shape[1])))
    with torch.no_grad(), np.errstate(all="ignore"):
        x = network.embedding(read.inputs).transpose(0, 1).contiguous()
        states = zero_states(stack, x.shape[1]) if read.initial is None else list(read.initial)
        runs, top = run_forward(stack, x, states, masks=masks)
        logits = network.read_out(top.transpose(0, 1), writes).outputs
        place = _in_forward(x, runs, logits, token_losses(logits, read.targets))
        if not place:
            direct = direct_gradient(network, top.transpose(0, 1), read.targets)
            place = _in_backward(runs, direct.transpose(0, 1).contiguous().numpy(), masks)
    return replace(known, **place)


def _in_forward(x: Tensor, runs: list[list[LayerRun]], logits: Tensor, losses: Tensor) -> dict[str, Any]:
    """Layer by layer from below, in each token by token, in each of these gates, cell state, hidden state."""
    steps: list[tuple[Layer | None, list[Stage]]] = [(None, [("embedding", x.numpy())])]
    for run in (run for depth in runs for run in depth):
        own = in_own_order(run.hidden, run.layer)
        steps.append((run.layer, [*run.done.gates.items(), ("cell state", run.done.cell_state), ("hidden", own)]))
    timed = (logits.transpose(0, 1), losses.transpose(0, 1)[..., None])
    steps.append((None, [*zip(("logits", "loss"), (part.numpy() for part in timed), strict=True)]))
    for layer, stages in steps:
        place = _first(stages, backward=False)
        if place:
            return {"pass_": "forward", **_of_layer(layer, len(x), place)}
    return {}


def _in_backward(runs: list[list[LayerRun]], direct: Array, masks: list[Tensor] | None) -> dict[str, Any]:
    """Layer by layer from above, in each from the token it read last to the first."""
    for depth in reversed(range(len(runs))):
        given = splits(runs[depth], direct if masks is None else direct * masks[depth].numpy())
        for run, part in given:
            found = run.done.backward(in_own_order(part, run.layer))
            place = _first([("hidden", found.hidden), ("cell state", found.cell), *found.gates.items()], backward=True)
            if place:
                return {"pass_": "backward", **_of_layer(run.layer, len(direct), place)}
        direct = summed_inputs(given)
    return {}


def _of_layer(layer: Layer | None, tokens: int, place: dict[str, Any]) -> dict[str, Any]:
    """Name the layer; tokens counted in reading order."""
    if layer is None:
        return {"layer": None, **place}
    token = place["token"]
    if layer.direction == "backward":
        token = tokens - 1 - token if layer.order is None else int(layer.order[token, place["sequence"]])
    return {"layer": layer.index, "direction": layer.direction, **place, "token": token}


def _first(stages: Iterable[Stage], *, backward: bool) -> dict[str, Any]:
    """The first token at which a stage is not finite, there the first such stage, there the first sequence."""
    firsts = []
    for order, (name, values) in enumerate(stages):
        bad = np.empty((0, 3), int) if values is None else np.argwhere(~np.isfinite(values))
        if values is not None and len(bad):
            tokens = -bad[:, 0] if backward else bad[:, 0]
            token, sequence, unit = bad[np.lexsort((bad[:, 1], tokens))[0]].tolist()
            firsts.append(
                ((-token if backward else token), order, name, token, sequence, values[token, sequence, unit])
            )
    if not firsts:
        return {}
    _, _, name, token, sequence, value = min(firsts)
    return {"gate": name, "token": token, "sequence": sequence, "found": value_in_words(value)}
