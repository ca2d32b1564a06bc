"""The check that every run makes of itself: weight gradients rebuilt by our recursion against the ones in use.

dL/dW_hh = Σ_t da_tᵀ h_{t−1} needs right gates, right gradients and a right recursion, so one number certifies
all three.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.stack import in_own_order, run_forward, splits, summed_inputs
from rnnviz.tracing.trace import zero_states


class Beside(NamedTuple):
    """What decides, beside the tokens, what a network makes of a batch."""

    initial: Sequence[State] | None = None  # (B, H) each, for every layer and direction; None: zeros
    masks: Sequence[Tensor] | None = None  # (T, B, H·directions), what each depth's output is multiplied with; or None


ALONE = Beside()


def rebuilt_error(
    stack: list[list[Layer]],
    x: Tensor,
    direct: Tensor,
    used: Sequence[Tensor],
    beside: Beside = ALONE,
) -> float:
    """Largest |rebuilt − used| / max |used| over the W_hh of all layers.

    x (T, B, D); direct (T, B, H·directions) = dL/d(top output) through the read-out alone; used: one (G·H, H) for each
    layer and direction, the encoder's before the decoder's.
    """
    initial, masks = beside
    states = zero_states(stack, x.shape[1]) if initial is None else list(initial)
    runs, _ = run_forward(stack, x, states, masks=masks)
    gradient: Array = direct.numpy()
    errors: list[float] = []
    wanted = iter(reversed(used))
    for depth in reversed(range(len(runs))):
        if masks is not None:
            gradient = gradient * masks[depth].numpy()
        given = splits(runs[depth], gradient)
        for run, part in reversed(given):
            rebuilt = reversed(run.done.recurrent_gradients(in_own_order(part, run.layer)))
            errors.extend(_relative(torch.from_numpy(one), next(wanted)) for one in rebuilt)
        gradient = summed_inputs(given)
    return float(np.max(errors))  # NaN if any is


def _relative(rebuilt: Tensor, used: Tensor) -> float:
    difference, scale = float((rebuilt - used).abs().max()), float(used.abs().max())
    return difference / scale if scale else float(np.where(difference == 0, 0.0, np.inf))
