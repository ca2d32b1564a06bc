"""The check that every run makes of itself: weight gradients rebuilt by our recursion against the ones in use.

dL/dW_hh = Σ_t da_tᵀ h_{t−1} needs right gates, right gradients and a right recursion, so one number certifies
all three.
"""

import numpy as np
import torch
from torch import Tensor

from rnnviz.domain.arrays import Array
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.stack import run_forward
from rnnviz.tracing.trace import zero_states


def rebuilt_error(stack: list[list[Layer]], x: Tensor, direct: Tensor, used: list[Tensor]) -> float:
    """Largest |rebuilt − used| / max |used| over the W_hh of one-directional layers.

    x (T, B, D); direct (T, B, H) = dL/d(top output) through the read-out alone; used: one (G·H, H) a layer.
    """
    runs, _ = run_forward(stack, x, zero_states(stack, x.shape[1]))
    gradient: Array = direct.numpy()
    errors = []
    for (run,), live in zip(reversed(runs), reversed(used), strict=True):
        rebuilt = torch.from_numpy(run.done.recurrent_gradient(gradient))
        errors.append(_relative(rebuilt, live))
        gradient = run.done.backward(gradient).inputs
    return float(np.max(errors))  # NaN if any is


def _relative(rebuilt: Tensor, used: Tensor) -> float:
    difference, scale = float((rebuilt - used).abs().max()), float(used.abs().max())
    return difference / scale if scale else float(np.where(difference == 0, 0.0, np.inf))
