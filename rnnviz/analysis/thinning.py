"""Fewer points that draw the same line."""

from collections.abc import Sequence

import numpy as np

from rnnviz.domain.arrays import Array


def thin(x: Array, y: Array, most: int = 2000) -> tuple[Array, Array]:
    """At most ``most`` points of the line (x, y): of each run of neighbours the lowest and the highest.

    x (N,) ascending, y (N,) finite. No peak is lost, however long the line is.
    """
    if len(x) <= most:
        return x, y
    run = -(-len(x) // (most // 2))
    rows = np.pad(y, (0, -len(y) % run), mode="edge").reshape(-1, run)
    starts = np.arange(len(rows)) * run
    extremes = np.sort(np.stack([starts + rows.argmin(axis=1), starts + rows.argmax(axis=1)], axis=1), axis=1)
    kept = np.minimum(extremes.ravel(), len(y) - 1)
    return x[kept], y[kept]


def least_missed(updates: Sequence[int]) -> int:
    """Place of the moment, of ascending ``updates``, whose absence leaves the smallest gap in proportion to its age.

    (next − previous) / (newest − its own); of more than two the first and the newest stay.
    """
    if len(updates) <= 2:
        return 0
    known = np.array(updates, float)
    gaps = known[2:] - known[:-2]
    return 1 + int((gaps / (known[-1] - known[1:-1])).argmin())
