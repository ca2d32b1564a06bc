"""Where a run that left the numbers began to do so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PostMortem:
    """The first value that was not finite, in the order of computation. None: not known, or not of that kind."""

    update: int  # the update that was not made
    tensor: str  # "the loss", "the gradient of layers.0.weight_hh_l0", "the step of …"
    value: str  # "a NaN", "an infinite value"
    pass_: str = ""  # "forward", "backward", or empty
    layer: int | None = None
    gate: str | None = None  # of the cell, "hidden" or "cell state"
    token: int | None = None
    sequence: int | None = None  # of the batch
