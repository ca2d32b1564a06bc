"""Where an update left the numbers: its passes made again, and searched in the order of computation."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.domain.arrays import Array
from rnnviz.domain.post_mortem import PostMortem, value_in_words
from rnnviz.networks import Network
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.stack import LayerRun, run_forward
from rnnviz.tracing.trace import zero_states
from rnnviz.training.scoring import logit_gradient, token_losses

Stage = tuple[str, Array | None]  # what it is, and its values (T, B, ·)


def examine(
    known: PostMortem, network: Network, stack: list[list[Layer]], inputs: Tensor, targets: Tensor
) -> PostMortem:
    """Add to ``known`` the first value of a batch (B, T) that is not finite, as far as it is found.

    ``network``: with the weights in use, ``stack``: its layers.
    """
    with torch.no_grad(), np.errstate(all="ignore"):
        x = network.embedding(inputs).transpose(0, 1).contiguous()
        runs, top = run_forward(stack, x, zero_states(stack, x.shape[1]))
        logits = network.readout(top.transpose(0, 1))
        place = _in_forward(x, runs, logits, token_losses(logits, targets))
        if not place:
            direct = logit_gradient(logits, targets) @ network.readout.weight
            place = _in_backward(runs, direct.transpose(0, 1).contiguous().numpy())
    return replace(known, **place)


def _in_forward(x: Tensor, runs: list[list[LayerRun]], logits: Tensor, losses: Tensor) -> dict[str, Any]:
    """Layer by layer from below, in each token by token, in each of these gates, cell state, hidden state."""
    steps: list[tuple[int | None, list[Stage]]] = [(None, [("embedding", x.numpy())])]
    for (run,) in runs:
        inside: list[Stage] = [*run.done.gates.items(), ("cell state", run.done.cell_state), ("hidden", run.hidden)]
        steps.append((run.layer.index, inside))
    in_time = (logits.transpose(0, 1), losses.transpose(0, 1)[..., None])
    steps.append((None, [*zip(("logits", "loss"), (part.numpy() for part in in_time), strict=True)]))
    for layer, stages in steps:
        place = _first(stages, backward=False)
        if place:
            return {"pass_": "forward", "layer": layer, **place}
    return {}


def _in_backward(runs: list[list[LayerRun]], direct: Array) -> dict[str, Any]:
    """Layer by layer from above, in each from the last token to the first."""
    for (run,) in reversed(runs):
        found = run.done.backward(direct)
        place = _first([("hidden", found.hidden), ("cell state", found.cell), *found.gates.items()], backward=True)
        if place:
            return {"pass_": "backward", "layer": run.layer.index, **place}
        direct = found.inputs
    return {}


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
