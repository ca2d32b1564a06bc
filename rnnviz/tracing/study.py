"""Work that is too long for the pause between two updates, done a slice at a time."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.losses import Loss

Result = TypeVar("Result")


@dataclass(frozen=True)
class Subject:
    """What a study looks at: a stack of layers, a list per depth with one entry per direction, and one sequence."""

    stack: list[list[Layer]]
    x: Tensor  # (T, D)
    loss: Loss  # top output (T, H·directions) → losses (T,); asked once, when the study is made
    initial: list[State] | None = None  # (1, H) each, for every layer and direction; zeros if left out
    local: bool = False  # each loss depends on the output at its own token alone: spares asking autograd for every one
    update: int | None = None  # what the result is marked with
    padding: int = 0  # tokens at the end that only fill up the sequence

    def own_tokens(self) -> "Subject":
        """The same without what fills it up."""
        if not self.padding:
            return self

        def loss(top: Tensor) -> Tensor:
            return self.loss(torch.nn.functional.pad(top, (0, 0, 0, self.padding)))[: len(top)]

        return replace(self, x=self.x[: len(self.x) - self.padding], loss=loss, padding=0)


class Study(Generic[Result]):
    """Slices of a computation that owns copies of all it reads, so that the network may change between them.

    ``slices`` pauses by yielding and returns the result. How the work is cut depends on its sizes alone: the same study
    always gives the same bits.
    """

    def __init__(self, slices: Generator[None, None, Result]) -> None:
        self._slices = slices
        self._result: Result | None = None

    def advance(self) -> Result | None:
        """Do the next slice. The result when it is there, and from then on; None before."""
        if self._result is None:
            try:
                next(self._slices)
            except StopIteration as done:
                self._result = done.value
        return self._result

    def finish(self) -> Result:
        """Do all slices that are left."""
        while (result := self.advance()) is None:
            pass
        return result
