"""What was found in a file of trained weights, and what is to be done with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from rnnviz.domain.trace import Direction

Scalar = Literal["next", "squares", "unit", "output"]

SCALARS: dict[Scalar, str] = {
    "next": "loss of predicting the next token",
    "squares": "sum of squares of the last h",
    "unit": "one unit of the last h",
    "output": "one output of the read-out at the last token",
}


class Names(NamedTuple):
    """Where the weights of one layer in one direction stand in the file; a layer may be without biases."""

    weight_ih: str  # (G·H, D)
    weight_hh: str  # (G·H, H)
    bias_ih: str | None = None  # (G·H,)
    bias_hh: str | None = None  # (G·H,)


@dataclass(frozen=True)
class FoundLayer:
    """One layer in one direction."""

    index: int
    direction: Direction
    inputs: int  # D
    hidden: int  # H
    names: Names

    @property
    def bias(self) -> bool:
        """Whether it has biases."""
        return self.names.bias_ih is not None


@dataclass(frozen=True)
class FoundStack:
    """Recurrent layers on top of each other: a module of torch's, a cell, or several of these in a row."""

    name: str  # as in the program that wrote it; empty for a module that was saved by itself
    made_of: str  # “nn.LSTM”, “nn.LSTMCell”, “2 × nn.LSTMCell”
    cells: tuple[str, ...]  # names of the catalogue's cells with such weights, the likeliest first
    gate_order: str  # “i, f, g, o”, as the row blocks of the weights stand; empty without gates
    layers: tuple[FoundLayer, ...]  # layer 0 forward, layer 0 backward, layer 1 forward, …

    @property
    def title(self) -> str:
        """Its name, or that it has none."""
        return self.name or "the module itself"

    @property
    def depth(self) -> int:
        """How many layers lie on top of each other."""
        return 1 + max(layer.index for layer in self.layers)

    @property
    def directions(self) -> int:
        """1, or 2 where layers read from both ends."""
        return len(self.layers) // self.depth

    @property
    def inputs(self) -> int:
        """D, what the first layer reads at a token."""
        return self.layers[0].inputs

    @property
    def width(self) -> int:
        """H·directions, what the top layer says at a token."""
        return sum(layer.hidden for layer in self.layers if layer.index == self.depth - 1)


@dataclass(frozen=True)
class Matrix:
    """Weights (rows, columns) that are not recurrent: perhaps an embedding (V, D), perhaps a read-out (O, H)."""

    name: str
    rows: int
    columns: int
    bias: str | None = None  # name of its (rows,) numbers


@dataclass(frozen=True)
class CheckpointFacts:
    """What is in a file of weights."""

    path: Path
    form: str  # “PyTorch” or “safetensors”
    parameters: int  # how many numbers it holds
    stacks: tuple[FoundStack, ...]  # what can be opened, at least one
    refused: tuple[str, ...] = ()  # what looks recurrent and cannot, a sentence each
    matrices: tuple[Matrix, ...] = ()
    note: str = ""

    def embeddings(self, stack: FoundStack) -> tuple[Matrix, ...]:
        """What could stand before ``stack``, the likeliest first."""
        fitting = [matrix for matrix in self.matrices if matrix.columns == stack.inputs and matrix.bias is None]
        return tuple(sorted(fitting, key=lambda matrix: not sounds_like(matrix.name, EMBEDDING_WORDS)))

    def readouts(self, stack: FoundStack) -> tuple[Matrix, ...]:
        """What could stand behind ``stack``, the likeliest first."""
        fitting = [matrix for matrix in self.matrices if matrix.columns == stack.width]
        return tuple(sorted(fitting, key=lambda matrix: (sounds_like(matrix.name, EMBEDDING_WORDS), not matrix.bias)))

    def stack(self, name: str) -> FoundStack:
        """Return the stack called ``name``; raise ValueError with the names that there are."""
        found = next((stack for stack in self.stacks if name in (stack.name, stack.title)), None)
        if found is None:
            there = ", ".join(repr(stack.title) for stack in self.stacks)
            raise ValueError(f"layer is {name!r}, expected one of {there}")
        return found


EMBEDDING_WORDS = ("emb", "wte", "lookup", "encoder.weight")


def sounds_like(name: str, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` is part of ``name``."""
    return any(word in name.lower() for word in words)


@dataclass(frozen=True)
class ModelChoice:
    """A stack of a checkpoint, what it reads, and the scalar whose gradients are wanted."""

    path: Path
    stack: str
    cell: str | None = None  # of the stack's `cells`; None: the likeliest
    embedding: str | None = None  # name of a matrix; None: numbers, or labels one-hot
    one_hot: bool = False  # without an embedding: tokens are labels, read as a one among zeros
    readout: str | None = None
    data: Path | None = None  # None: random numbers, or labels
    vocabulary: Path | None = None
    start: int = 0  # first token of the data that is read
    length: int = 50  # T
    scalar: Scalar = "squares"
    place: int = 0  # the unit, or the output
    seed: int = 0  # of random data

    @property
    def labels(self) -> bool:
        """Whether tokens are labels."""
        return self.one_hot or self.embedding is not None
