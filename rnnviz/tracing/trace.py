"""``rnnviz.trace``: one sequence through a module of torch's, with everything inside it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.trace import Trace
from rnnviz.tracing.interventions import Given, intervene
from rnnviz.tracing.layer import Layer, Recurrent, split
from rnnviz.tracing.stack import layer_trace, run_backward, run_forward

Loss = Callable[[Tensor], Tensor]


def trace(
    module: Recurrent,
    inputs: Tensor,
    loss: Loss | None = None,
    initial: Tensor | tuple[Tensor, Tensor] | None = None,
    interventions: Sequence[Intervention] = (),
) -> Trace:
    """Read ``inputs`` with ``module`` and return states, gates and, with a ``loss``, total gradients.

    module         torch.nn.RNN, LSTM or GRU; any num_layers, bidirectional, bias, batch_first; float32 or float64.
                   It is only read. Dropout between its layers is left out.
    inputs         (T, D)
    loss           maps the top output (T, H·directions) to the losses of the tokens (T,); L is their sum
    initial        the module's own h0, or (h0, c0) for LSTM, unbatched: (layers·directions, H) each; zeros if left out
    interventions  ClampGate, ZeroUnit, ChangeInput, SetInitial: what to change inside the pass. States and gradients
                   are then exactly those of the changed pass, and ``untouched`` of the trace is the pass without.
                   Where two contradict each other, the later one wins.

    Raises TypeError or ValueError naming what does not fit.
    """
    stack = split(module)
    x = checked_inputs(module, inputs)
    start = initial_states(module, stack, initial)
    given = tuple(interventions)
    if not given:
        return trace_layers(stack, x, loss, start)
    changed = intervene(stack, x, start, given)
    untouched = trace_given(stack, changed.left_alone(x, start), loss)
    return replace(trace_given(stack, changed, loss), untouched=untouched)


def trace_layers(
    stack: list[list[Layer]],
    x: Tensor,
    loss: Loss | None = None,
    initial: list[State] | None = None,
    *,
    local: bool = False,
) -> Trace:
    """Read ``x`` (T, D) with a stack of layers, a list per depth with one entry per direction; see `trace_given`."""
    states = zero_states(stack, 1) if initial is None else initial
    return trace_given(stack, Given(x, states, [None] * len(states)), loss, local=local)


def trace_given(
    stack: list[list[Layer]], given: Given, loss: Loss | None = None, *, local: bool = False, padding: int = 0
) -> Trace:
    """Read what a stack of layers is given.

    ``padding``: tokens at the end that only fill it up; the last token is the one before them.
    ``local``: the loss of a token depends on the output at that token alone, which saves asking autograd twice.
    """
    # A copy for each loss lets the textbook's graph be walked once instead of twice.
    both_ways = any(layer.direction == "backward" for depth in stack for layer in depth)
    copies = 1 if given.touches.count(None) == len(given.touches) else 2 + both_ways
    states = [tuple(part.expand(copies, -1) for part in state) for state in given.initial]
    runs, top = run_forward(stack, given.x[:, None].expand(-1, copies, -1), states, given.touches)
    if loss is None:
        return Trace(tuple(layer_trace(run, None) for depth in runs for run in depth))
    tokens = (-1 - padding, 0) if both_ways else (-1 - padding,)
    losses, direct = _losses_and_gradients(loss, top[:, 0], tokens, local=local)
    backs = run_backward(runs, direct)
    pairs = [
        (run, back)
        for depth, depth_back in zip(runs, backs, strict=True)
        for run, back in zip(depth, depth_back, strict=True)
    ]
    return Trace(tuple(layer_trace(run, back) for run, back in pairs), losses, padding=padding)


def zero_states(stack: list[list[Layer]], batch: int) -> list[State]:
    """h_0 = c_0 = 0, (B, H) each, for every layer and direction."""
    states: list[State] = []
    for layer in (layer for depth in stack for layer in depth):
        w_hh = layer.weights.w_hh
        zero = torch.zeros(batch, w_hh.shape[1], dtype=w_hh.dtype)
        states.append((zero, zero) if layer.cell.has_cell_state else (zero,))
    return states


def _losses_and_gradients(loss: Loss, top: Tensor, tokens: tuple[int, ...], *, local: bool) -> tuple[Array, Array]:
    """Losses (T,) and, as rows, d(sum of losses)/d(top) and d(loss)/d(top) of some tokens: (T, R, H·dirs)."""
    output = top.detach().requires_grad_()
    with torch.enable_grad():
        losses = loss(output)
        if losses.shape != top.shape[:1]:
            raise ValueError(
                f"loss returned {tuple(losses.shape)}, expected one loss per token, {tuple(top.shape[:1])}"
            )
        if not losses.requires_grad:
            return losses.numpy(), np.zeros((len(top), 1 + len(tokens), top.shape[1]), top.numpy().dtype)
        parts = [losses.sum()] if local else [losses.sum(), *(losses[token] for token in tokens)]
        rows = [
            torch.autograd.grad(part, output, retain_graph=True, allow_unused=True, materialize_grads=True)[0]
            for part in parts
        ]
    for token in tokens if local else ():
        rows.append(torch.zeros_like(rows[0]))
        rows[-1][token] = rows[0][token]
    return losses.detach().numpy(), torch.stack(rows, dim=1).numpy()


def checked_inputs(module: Recurrent, inputs: Tensor) -> Tensor:
    """``inputs`` off the graph and on the CPU; raise ValueError unless they are (T, D) of the module's precision."""
    if inputs.ndim != 2 or inputs.shape[1] != module.input_size or len(inputs) == 0:
        raise ValueError(f"inputs are {tuple(inputs.shape)}, expected (T, {module.input_size}) with T of at least 1")
    if inputs.dtype != module.weight_ih_l0.dtype:
        raise ValueError(f"inputs are {inputs.dtype}, expected {module.weight_ih_l0.dtype} like the module")
    return inputs.detach().cpu()


def initial_states(
    module: Recurrent, stack: list[list[Layer]], initial: Tensor | tuple[Tensor, Tensor] | None
) -> list[State]:
    """``initial`` as one state for each layer and direction; raise ValueError for what does not fit."""
    if initial is None:
        return zero_states(stack, 1)
    parts = initial if isinstance(initial, tuple) else (initial,)
    layers = [layer for depth in stack for layer in depth]
    count = 2 if layers[0].cell.has_cell_state else 1
    if len(parts) != count:
        raise ValueError(f"initial has {len(parts)} tensors, expected {'(h0, c0)' if count == 2 else 'h0 alone'}")
    expected = (len(layers), module.hidden_size)
    for name, part in zip(("h0", "c0"), parts, strict=False):
        if tuple(part.shape) != expected:
            raise ValueError(f"{name} is {tuple(part.shape)}, expected {expected}: (layers·directions, H)")
        if part.dtype != module.weight_ih_l0.dtype:
            raise ValueError(f"{name} is {part.dtype}, expected {module.weight_ih_l0.dtype} like the module")
    return [tuple(part[row].detach().cpu()[None] for part in parts) for row in range(len(layers))]
