"""Updates that would have left the numbers: how they are noticed, and the error that they end in."""

import math

import numpy as np

from rnnviz.domain.post_mortem import PostMortem, value_in_words
from rnnviz.training.clipping import Clipping

SQUARE_FITS = 1e19  # below this an entry's square is within float32


class DivergedError(ArithmeticError):
    """A loss, a gradient or a step is not finite. Raised with the weights unchanged; ``post_mortem`` says where."""

    def __init__(self, post_mortem: PostMortem) -> None:
        super().__init__(
            f"{post_mortem.sentence} The weights are still those of update {post_mortem.update - 1}; "
            "lower the rate or clip the gradient, then go on."
        )
        self.post_mortem = post_mortem
        self.update = post_mortem.update
        self.tensor = post_mortem.tensor


def nonfinite(update: int, loss: float, clipping: Clipping, names: list[str]) -> PostMortem | None:
    """The loss or, by name, the first gradient that is not finite; None when all are."""
    if math.isfinite(loss) and math.isfinite(clipping.norm):
        return None
    if not math.isfinite(loss):
        return PostMortem(update, "the loss", value_in_words(loss))
    place = int(np.isfinite(clipping.norms).argmin())
    return PostMortem(update, f"the gradient of {names[place]}", value_in_words(clipping.norms[place]))


def poisonous(update: int, clipping: Clipping, names: list[str]) -> PostMortem | None:
    """The largest gradient when its square may leave float32.

    Adam and RMSprop square every entry; one infinite square would stop its weight for ever, silently.
    """
    if clipping.norm_clipped < SQUARE_FITS:
        return None
    name = names[int(clipping.norms_clipped.argmax())]
    return PostMortem(update, f"the gradient of {name}", "entries whose squares leave float32")
