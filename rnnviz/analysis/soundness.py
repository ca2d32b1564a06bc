"""From which updates a run that diverged can be taken up again: not from those that had already done the harm."""

import numpy as np

from rnnviz.domain.arrays import Array

RISE = 2.0  # times the usual value: what is above is no jitter of the batches
USUAL = 50  # updates whose median is the usual value


def ordinary(values: Array, place: int) -> bool:
    """Whether the value at ``place`` is at most twice the median of up to 50 before it; the first one is if finite.

    ``values`` (N,): losses, or norms of gradients, of the updates in order; they are of the weights from before them.
    """
    before = values[max(place - USUAL, 0) : place]
    return bool(np.isfinite(values[place]) and (not len(before) or values[place] <= RISE * np.median(before)))


def newest_ordinary(updates: Array, losses: Array, kept: tuple[int, ...]) -> int | None:
    """The newest of the ``kept`` updates (ascending) that still had an ordinary loss, to be looked at; or None."""
    return next((update for update in reversed(kept) if ordinary(losses, _place(updates, update))), None)


def newest_sound(updates: Array, losses: Array, norms: Array, kept: tuple[int, ...]) -> int | None:
    """The newest of the ``kept`` updates (ascending) that left sound weights, to be gone on from; or None.

    Sound are those whose loss and whose gradient's norm, at the update after it, were ordinary: where a surface gets
    steep the gradient tells so before the loss does. Nothing is known of the weights that the newest update left.
    """
    after = {update: _place(updates, update) + 1 for update in reversed(kept)}
    followed = {update: place for update, place in after.items() if place < len(losses)}
    return next((update for update, at in followed.items() if ordinary(losses, at) and ordinary(norms, at)), None)


def _place(updates: Array, update: int) -> int:
    return int(np.searchsorted(updates, update))
