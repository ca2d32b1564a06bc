"""What stands before and behind the recurrent layers of a model that was trained elsewhere, and its scalar."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnnviz.checkpoints.layers import copied
from rnnviz.checkpoints.opened import Opened
from rnnviz.domain.checkpoint import SCALARS, CheckpointFacts, FoundStack, Matrix, ModelChoice
from rnnviz.domain.values import Numbers, Symbols, Values
from rnnviz.networks.read_in import OneHot
from rnnviz.training.shown import Score, score_of_targets


class Ends(NamedTuple):
    """The two ends of a model, and the losses of its tokens."""

    embedding: nn.Module
    size: int  # labels, or numbers a token, that it reads
    readout: nn.Module
    outputs: int | None  # of the read-out; None without one
    score: Score


class Function(nn.Module):
    """A function as a module without parameters."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return self._function(x)


def build_ends(opened: Opened, found: CheckpointFacts, choice: ModelChoice, dtype: torch.dtype) -> Ends:
    """Raises ValueError for what does not fit the stack, and BadFileError for weights that are not finite."""
    stack = found.stack(choice.stack)
    embedding = _named(found.embeddings(stack), choice.embedding, "embedding", stack)
    readout = _named(found.readouts(stack), choice.readout, "readout", stack)
    before: nn.Module = nn.Identity()
    if embedding is not None:
        before = nn.Embedding(
            embedding.rows, embedding.columns, _weight=copied(opened, embedding.name, dtype), _freeze=True
        )
    elif choice.one_hot:
        before = nn.Sequential(OneHot(stack.inputs), Function(lambda x: x.to(dtype)))
    behind = Function(_scalar(choice)) if readout is None else _linear(opened, readout, dtype)
    size = stack.inputs if embedding is None else embedding.rows
    outputs = None if readout is None else readout.rows
    return Ends(before, size, behind, outputs, _score(choice, stack, size, outputs))


def predicted(ends: Ends, reads: Values, choice: ModelChoice) -> Values:
    """What the read-out says: the labels that are read, or the numbers, if they are as many; else numbered ones."""
    if ends.outputs is None:
        return Numbers(("Σ h²" if choice.scalar == "squares" else f"h of unit {choice.place}",))
    if ends.outputs == reads.size:
        return reads
    names = tuple(f"{'class' if isinstance(reads, Symbols) else 'y'} {place}" for place in range(ends.outputs))
    return Symbols(names) if isinstance(reads, Symbols) and ends.outputs > 1 else Numbers(names)


def _named(matrices: Sequence[Matrix], name: str | None, what: str, stack: FoundStack) -> Matrix | None:
    if name is None:
        return None
    found = next((matrix for matrix in matrices if matrix.name == name), None)
    if found is None:
        there = ", ".join(repr(matrix.name) for matrix in matrices) or "none: nothing in the file fits"
        raise ValueError(f"{what} is {name!r}, expected what fits {stack.title}: {there}")
    return found


def _linear(opened: Opened, matrix: Matrix, dtype: torch.dtype) -> nn.Linear:
    made = nn.Linear(matrix.columns, matrix.rows, bias=matrix.bias is not None, device="meta")
    made.weight = nn.Parameter(copied(opened, matrix.name, dtype), requires_grad=False)
    if matrix.bias is not None:
        made.bias = nn.Parameter(copied(opened, matrix.bias, dtype), requires_grad=False)
    return made


def _score(choice: ModelChoice, stack: FoundStack, size: int, outputs: int | None) -> Score:
    if choice.scalar in ("next", "output") and outputs is None:
        raise ValueError(f"readout is not set, expected one for the {SCALARS[choice.scalar]}")
    if choice.scalar == "next":
        if outputs != size:
            raise ValueError(
                f"the read-out {choice.readout!r} says {outputs} numbers, expected {size} to predict the next token; "
                "choose another scalar"
            )
        return score_of_targets
    limit = {"unit": stack.width, "output": outputs or 1}.get(choice.scalar, choice.place + 1)
    if not 0 <= choice.place < limit:
        raise ValueError(f"place is {choice.place}, expected 0 to {limit - 1} for {SCALARS[choice.scalar]}")
    if choice.scalar == "output":
        return lambda said: _at_the_end(said.outputs[:, choice.place])
    scalar = _scalar(choice)
    return lambda said: _at_the_end(scalar(said.top)[:, 0])


def _scalar(choice: ModelChoice) -> Callable[[Tensor], Tensor]:
    """Top output (T, H·directions) → (T, 1)."""
    if choice.scalar == "unit":
        return lambda top: top[:, choice.place, None]
    return lambda top: top.square().sum(-1, keepdim=True)


def _at_the_end(values: Tensor) -> Tensor:
    """(T,) → the same with 0 everywhere but at the last token."""
    last = torch.zeros_like(values)
    last[-1] = 1
    return values * last
