"""Where a run that left the numbers began to do so."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class PostMortem:
    """The first value that was not finite, in the order of computation. None: not known, or not of that kind."""

    update: int  # the update that was not made
    tensor: str  # "the loss", "the gradient of layers.0.weight_hh_l0", "the step of …"
    value: str  # "a NaN", "an infinite value"
    pass_: str = ""  # "forward", "backward", or empty
    layer: int | None = None  # counts from 0; None for what is not of a layer
    gate: str | None = None  # of the cell; "hidden", "cell state", "embedding", "logits" or "loss"
    token: int | None = None
    sequence: int | None = None  # of the batch, counts from 0
    found: str = ""  # what the first value was: "a NaN", "an infinite value"
    direction: str = "forward"  # of the layer: "backward" for the half that reads from the last token on

    @property
    def sentence(self) -> str:
        """What happened, in one sentence. Layers and sequences count from 1 in it, tokens from 0, as in the window."""
        end = f"{self.tensor} has {self.value}"
        if not self.pass_:
            return f"Update {self.update}: {end}."
        verb = "overflowed" if self.found == INFINITE else "became a NaN"
        back = ", on the way back through time," if self._is_backward else ""
        where = f"at token {self.token} (sequence {(self.sequence or 0) + 1} of the batch)"
        return f"Update {self.update}: {self._thing()} {verb}{back} {where}; {end}."

    @property
    def _is_backward(self) -> bool:
        return self.pass_.startswith("back")

    def _thing(self) -> str:
        part = {"hidden": "hidden state", "cell state": "cell state", "embedding": "embedding", "logits": "logits"}
        name = part.get(str(self.gate), "loss" if self.gate == "loss" else f"{self.gate} gate")
        layer = "" if self.layer is None else f" of layer {self.layer + 1}{' ←' * (self.direction == 'backward')}"
        return f"the {'gradient of the ' if self._is_backward else ''}{name}{layer}"


INFINITE, NAN = "an infinite value", "a NaN"


def value_in_words(value: float) -> str:
    """Name a value that is not finite."""
    return NAN if math.isnan(value) else INFINITE
