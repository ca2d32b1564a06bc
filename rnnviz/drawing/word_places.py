"""Which of many words can be written at their places without lying on each other."""

import numpy as np

from rnnviz.domain.arrays import Array


def without_overlap(middles: Array, sizes: Array, frame: tuple[float, float, float, float]) -> Array:
    """Whether each of N boxes is shown (N,): the first ones first, each unless it would touch one that is.

    middles  (N, 2) of the boxes, in pixels; one that is not finite is not shown
    sizes    (N, 2), width and height
    frame    left, top, right, bottom: boxes beyond it are pushed in before, as `pushed_in` does
    """
    low = pushed_in(middles, sizes, frame) - sizes / 2
    boxes = np.concatenate([low, low + sizes], axis=1).tolist()  # a few dozen are shown: lists are faster than arrays
    shown = np.zeros(len(middles), bool)
    taken: list[list[float]] = []
    for place in np.flatnonzero(np.isfinite(middles).all(axis=1)).tolist():
        left, top, right, bottom = boxes[place]
        if all(left >= box[2] or right <= box[0] or top >= box[3] or bottom <= box[1] for box in taken):
            taken.append(boxes[place])
            shown[place] = True
    return shown


def pushed_in(middles: Array, sizes: Array, frame: tuple[float, float, float, float]) -> Array:
    """``middles`` (N, 2) moved as little as brings boxes of ``sizes`` (N, 2) inside ``frame``."""
    left, top, right, bottom = frame
    lowest = np.array([left, top]) + sizes / 2
    highest = np.maximum(np.array([right, bottom]) - sizes / 2, lowest)
    return np.clip(middles, lowest, highest)
