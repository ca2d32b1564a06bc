"""One update taken apart, from what is kept of it. All norms and angles in float64."""

from collections.abc import Iterator

import numpy as np

from rnnviz.cells.cell import Cell
from rnnviz.domain.anatomy import PartAnatomy, UpdateAnatomy
from rnnviz.domain.arrays import Array
from rnnviz.training.clipping import clip_gradients
from rnnviz.training.newest import Newest
from rnnviz.training.parameter_row import ParameterRow


def take_apart(newest: Newest, row: ParameterRow, cell: Cell, share_clipped: float) -> UpdateAnatomy:
    """Measure ``newest``; ``row`` holds the weights that it led to and those of before."""
    config = newest.config
    clipped = newest.gradient.clone()
    clip_gradients(clipped, row.starts, config.clip, config.threshold)
    before = _wide(row.before.numpy())
    # The differences of float32 numbers, without another rounding.
    rows = {
        "raw": _wide(newest.gradient.numpy()),
        "clipped": _wide(clipped.numpy()),
        "step": _wide(row.weights.detach().numpy()) - before,
        "weight": before,
    }
    whole = {name: norm(values) for name, values in rows.items()}
    parts = (
        PartAnatomy(name, block, **{kind: norm(values[part]) for kind, values in rows.items()})
        for name, block, part in _parts(row, cell)
    )
    return UpdateAnatomy(
        update=newest.update,
        clip=config.clip,
        threshold=config.threshold,
        rate=config.rate,
        optimizer=config.optimizer,
        parts=tuple(parts),
        **whole,
        coefficient=whole["clipped"] / whole["raw"] if whole["raw"] else 1.0,
        clip_angle=angle(rows["raw"], rows["clipped"]),
        step_angle=angle(rows["clipped"], -rows["step"]),
        share_clipped=share_clipped,
    )


def norm(values: Array) -> float:
    """Euclidean norm of float64 numbers that were float32: their squares neither overflow nor underflow."""
    return float(np.sqrt(np.dot(values, values)))


def angle(one: Array, other: Array) -> float:
    """Degrees between two vectors, exact for tiny angles too (Kahan); NaN where one has no direction."""
    ours, theirs = norm(one), norm(other)
    if not (np.isfinite(ours) and np.isfinite(theirs) and ours > 0 and theirs > 0):
        return float("nan")
    u, v = one / ours, other / theirs
    return float(np.degrees(2 * np.arctan2(norm(u - v), norm(u + v))))


def _wide(row: Array) -> Array:
    return row.astype(np.float64)


def _parts(row: ParameterRow, cell: Cell) -> Iterator[tuple[str, str, slice]]:
    """Every parameter and, for those of a layer, its gates' blocks, with their places in the row.

    A parameter of a layer, (G·H, ·) or (G·H,), is G blocks of equal size one after the other.
    """
    for name, start, size in zip(row.names, row.starts.tolist(), row.sizes, strict=True):
        yield name, "", slice(start, start + size)
        if name.startswith("layers.") and len(cell.gates) == cell.blocks:
            each = size // cell.blocks
            for block, gate in enumerate(cell.gates):
                yield name, gate.name, slice(start + block * each, start + (block + 1) * each)
