"""The calls of a single-step module as one sequence. Runs on the writer's thread."""

from collections.abc import Sequence

import torch
from torch import Tensor

ALTERED = (
    "the state is changed between two calls of the cell, or taken off the graph, so that they are no sequence that can "
    "be traced"
)


def joined(steps: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The first steps that hand their state on unchanged, and on the graph: ``x``, ``h0``, ``output`` …, (T, ·) each.

    Raises ValueError where not even two of several do.
    """
    length = _length(steps)
    if length == 1 < len(steps):
        raise ValueError(ALTERED)
    run = steps[:length]
    found = {"x": _stacked(run, "x"), "output": _stacked(run, "h"), "state_grad": _stacked(run, "h_grad", like="h")}
    if "c" in run[0]:
        name = "c_total" if any("c_total" in step for step in run) else "c_grad"
        found["cell_total" if name == "c_total" else "cell_grad"] = _stacked(run, name, like="c")
    found |= {f"{name}0": run[0][f"{name}_before"][None] for name in ("h", "c") if f"{name}_before" in run[0]}
    return found


def _length(steps: Sequence[dict[str, Tensor]]) -> int:
    for place in range(1, len(steps)):
        before, after = steps[place - 1], steps[place]
        if not all(_same(before[name], after.get(f"{name}_before")) for name in ("h", "c") if name in before):
            return place
    return len(steps)


def _same(one: Tensor, other: Tensor | None) -> bool:
    return other is not None and torch.equal(one, other)


def _stacked(steps: Sequence[dict[str, Tensor]], name: str, like: str = "") -> Tensor:
    """Zeros where nothing came."""
    return torch.stack([step[name] if name in step else torch.zeros_like(step[like]) for step in steps])
