"""From a recorded sequence to the Trace that is shown: gates, cell states and total gradients are computed here.

Of the loop only inputs, weights, outputs and what the loss asks of the outputs are recorded. Where a loss looks at more
than the output at its own token, “the last token's loss” is what enters the pass at the last token.
"""

import numpy as np
import torch
from torch import Tensor

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import LayerTrace
from rnnviz.recording.ended import EndedPass
from rnnviz.recording.sequence import Sequence
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.stack import LayerBack, LayerRun, in_own_order, layer_backward, layer_trace, run_forward
from rnnviz.tracing.study import Subject

ROUNDING = 1e-6  # below this share of the total, a direct part found by subtraction is nothing


def layers_of(sequence: Sequence) -> tuple[tuple[LayerTrace, ...], float]:
    """Every layer and direction, and how far the rebuilt output is from the recorded one, relative to its largest."""
    runs, top = run_forward(sequence.stack, sequence.x[:, None], sequence.initial)
    backs = _backward(runs, sequence)
    layers = tuple(
        layer_trace(run, back)
        for depth, found in zip(runs, backs, strict=True)
        for run, back in zip(depth, found, strict=True)
    )
    return layers, _difference(top[:, 0].numpy(), sequence.output)


def subject_of(sequence: Sequence, update: int) -> Subject | None:
    """What studies look at: a loss that asks of the output what was asked then; None where other things were asked."""
    runs, _ = run_forward(sequence.stack, sequence.x[:, None], sequence.initial)
    asked = _asked_of_output(sequence, runs[0])
    if (
        asked is None
        or sequence.looks_back
        or any(part is not None for end in _ends(sequence, runs[0]) for part in end)
    ):
        return None
    wanted = torch.from_numpy(asked.copy())

    def loss(top: Tensor) -> Tensor:
        return (top * wanted).sum(-1)

    return Subject(
        sequence.stack, sequence.x, loss, sequence.initial, local=True, update=update, padding=sequence.padding
    )


def _backward(runs: list[list[LayerRun]], sequence: Sequence) -> list[list[LayerBack | None]]:
    asked = _asked_of_output(sequence, runs[0])
    ends = iter(reversed(_ends(sequence, runs[0])))
    if asked is None:
        return [[None for _ in depth] for depth in runs]
    direct = _rows(asked, sequence)
    found: list[list[LayerBack | None]] = []
    for place in reversed(range(len(runs))):
        depth, x = runs[place], _read(runs, place, sequence.x)
        own = [next(ends) for _ in depth][::-1]
        parts = zip(depth, np.split(direct, len(depth), axis=-1), own, strict=True)
        backs = [_one(run, x, part, end) for run, part, end in parts]
        found.append([*backs])
        with np.errstate(invalid="ignore", over="ignore"):
            direct = np.sum([back.gradients.inputs for back in backs], axis=0)
    return found[::-1]


def _ends(sequence: Sequence, first: list[LayerRun]) -> list[tuple[Array | None, Array | None]]:
    """What was asked of the last h (H,), and of c (T, H) in the layer's own order, without what comes through the pass.

    Of single steps what was asked of h stands in the direct part.
    """
    if sequence.state_grads is not None:
        _, asked = _direct_of_steps(sequence, first[0])
        return [(None, None if asked is None or not asked.any() else asked)]
    return [
        (h_end, None if c_end is None else _at_the_end(c_end, len(sequence.x))) for h_end, c_end in sequence.end_grads
    ]


def _at_the_end(end: Array, tokens: int) -> Array:
    return np.concatenate([np.zeros((tokens - 1, len(end)), end.dtype), end[None]])


def _asked_of_cell(sequence: Sequence, run: LayerRun) -> Array | None:
    """(T, H) dL/dc_t without what comes through h_t = o_t tanh c_t; None for a cell without c."""
    assert sequence.state_grads is not None  # noqa: S101  # the caller has looked
    _, behind, total = sequence.state_grads
    if total is None or run.done.cell_state is None:
        return behind
    with np.errstate(over="ignore", invalid="ignore"):
        return _without_rounding(total - _through_hidden(sequence.state_grads.hidden, run), total)


def _through_hidden(hidden: Array, run: LayerRun) -> Array:
    """What comes to c_t (T, H) through h_t = o_t tanh c_t, of ``hidden`` dL/dh_t."""
    assert run.done.cell_state is not None  # noqa: S101  # the caller has looked
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(hidden * run.done.gates["output"][:, 0] * (1 - np.tanh(run.done.cell_state[:, 0]) ** 2))


def _one(run: LayerRun, x: Array, part: Array, end: tuple[Array | None, Array | None]) -> LayerBack:
    """Backward through one layer that read ``x`` (T, 1, D), with ``part`` (T, R, H) asked of what it gave.

    ``end``: what was asked of its last h and of its c, see `_ends`.
    """
    h_end, cell = end
    backward = run.layer.direction == "backward"
    rows = [0, 2 if backward else 1]  # the sum, and the loss of the token that is read last
    direct = np.ascontiguousarray(part)
    if h_end is not None:
        direct = direct.copy()
        direct[0 if backward else -1, rows] += h_end
    if cell is not None and run.layer.cell.has_cell_state:
        asked = np.zeros_like(direct)
        asked[:, 0], asked[-1, rows[1]] = cell, cell[-1]
        read, hidden = (torch.from_numpy(in_own_order(array, run.layer)) for array in (x, run.hidden))
        done = EndedPass(run.layer.cell, run.layer.stretches(len(x)), read, hidden, run.initial)
        run = run._replace(done=done.asked(asked))
    return layer_backward(run, direct)


def _read(runs: list[list[LayerRun]], place: int, x: Tensor) -> Array:
    """What a depth reads, (T, 1, D) in reading order."""
    return np.concatenate([run.hidden for run in runs[place - 1]], axis=-1) if place else x[:, None].numpy()


def _rows(asked: Array, sequence: Sequence) -> Array:
    """(T, R, H·dirs): everything, what enters at the last token, and with two directions at token 0.

    What the losses of these two ask, where that was recorded.
    """
    both_ways = sequence.part.bidirectional
    if sequence.alone is not None:
        return np.stack([asked, *sequence.alone[: 1 + both_ways]], axis=1)
    alone = [np.zeros_like(asked) for _ in range(1 + both_ways)]
    for rows, token in zip(alone, (-1, 0), strict=False):
        rows[token] = asked[token]
    return np.stack([asked, *alone], axis=1)


def _asked_of_output(sequence: Sequence, runs: list[LayerRun]) -> Array | None:
    """(T, H·directions); None where no gradient was recorded."""
    if sequence.state_grads is not None:
        return _direct_of_steps(sequence, runs[0])[0]
    if sequence.output_grad is not None:
        return sequence.output_grad
    if sequence.local:
        return None
    return np.zeros((len(sequence.x), sequence.part.hidden * sequence.part.directions), sequence.x.numpy().dtype)


def _direct_of_steps(sequence: Sequence, run: LayerRun) -> tuple[Array, Array | None]:
    """What is asked of h_t, and of c_t beside what comes through h_t, by nothing that comes later in the pass.

    (T, H) each. Of single steps the total gradients are known: less what comes back from the next step, this is left.
    """
    assert sequence.state_grads is not None  # noqa: S101  # the caller has looked
    total, behind = sequence.state_grads.hidden, _asked_of_cell(sequence, run)
    layer: Layer = sequence.stack[0][0]
    hidden, initial = torch.from_numpy(run.hidden[:, 0]), sequence.initial[0]
    before = [torch.cat([initial[0], hidden[:-1]])]
    outer = [torch.from_numpy(total.copy())]
    if layer.cell.has_cell_state:
        assert run.done.cell_state is not None  # noqa: S101  # this cell has one
        before.append(torch.cat([initial[1], torch.from_numpy(run.done.cell_state[:-1, 0])]))
        outer.append(torch.zeros_like(outer[0]) if behind is None else torch.from_numpy(behind.copy()))
    with torch.enable_grad():
        starts = tuple(part.detach().clone().requires_grad_() for part in before)
        after, _ = layer.cell.step(sequence.x, starts, layer.weights)
        back, *cell_back = torch.autograd.grad(after, starts, outer)
    direct = _less_the_next(total, back, total)
    if behind is None or not cell_back:
        return direct, None
    through = _through_hidden(total, run)
    return direct, _less_the_next(behind, cell_back[0], np.maximum(np.abs(through), np.abs(behind)))


def _less_the_next(total: Array, back: Tensor, scale: Array) -> Array:
    """``total`` (T, H) without what the next step asks of it: ``back`` (T, H) of the state before each step."""
    found = total.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        found[:-1] -= back[1:].numpy()
    return _without_rounding(found, scale)


def _without_rounding(part: Array, total: Array) -> Array:
    """``part`` (T, H), found by subtraction from ``total``, with 0 at tokens where it is nothing but rounding."""
    small = np.abs(part).max(axis=1) <= ROUNDING * np.abs(total).max(axis=1)
    return np.where(small[:, None], part.dtype.type(0), part)


def _difference(found: Array, recorded: Array | None) -> float:
    if recorded is None:
        return float("nan")
    with np.errstate(invalid="ignore", over="ignore"):
        largest = float(np.abs(recorded).max(initial=0.0))
        return float(np.abs(found - recorded).max(initial=0.0)) / largest if largest else 0.0
