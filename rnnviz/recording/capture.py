"""What of one sequence is recorded, from the loop to the writer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array

WHOLE = -1  # the part of arrays that belong to the sequence and not to a module
Arrays = Mapping[tuple[int, str], Array]  # by part and name

TYPES: Mapping[str, np.dtype[Any]] = {"<f4": np.dtype("<f4"), "<f8": np.dtype("<f8"), "<i8": np.dtype("<i8")}


@dataclass(frozen=True)
class Capture:
    """One sequence: inputs, states, weights, what the loss asks of the outputs.

    ``arrays`` is called on the writer's thread: numbers that are still on their way from a GPU are waited for there.
    It raises ValueError with a sentence for what is no sequence.
    """

    update: int
    size: int  # bytes of all arrays
    arrays: Callable[[], Arrays]
    reading: Mapping[str, Any] | None = None  # the texts of a `Reading`


@dataclass(frozen=True, eq=False)
class Captured:
    """The same, read from a file.

    Of a part: ``x`` (T, D), ``h0`` and ``c0`` (layers·directions, H), ``output`` (T, H·directions), weights by
    torch's names; ``output_grad`` (T, H·directions), ``h_n_grad``, ``c_n_grad`` (layers·directions, H): dL/d of what
    the module gave; ``last_grad`` and ``first_grad`` (T, H·directions): the part of the last token's loss and of token
    0's, where these are not what enters there; weights of a decoder with “_decoder” behind the name. Of a single step:
    ``state_grad`` (T, H), the total dL/dh_t, and ``cell_grad``, what asks c_t from behind, or ``cell_total``, which has
    what comes through h_t in it, too.
    """

    update: int
    arrays: Arrays = field(default_factory=dict)
    reading: Mapping[str, Any] | None = None

    def of(self, part: int) -> dict[str, Array]:
        """The arrays of one part by name."""
        return {name: array for (place, name), array in self.arrays.items() if place == part}
