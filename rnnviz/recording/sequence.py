"""One recorded sequence of one module, put together again: layers with the weights of then, what they read, what
was asked of what they gave.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Direction
from rnnviz.files.errors import BadFileError
from rnnviz.networks.scan import ScanLayer
from rnnviz.recording.about import Part
from rnnviz.recording.capture import WHOLE, Captured
from rnnviz.tracing.layer import Layer

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
LONGEST = 20_000  # tokens


class StateGrads(NamedTuple):
    """What reached the states of single steps, (T, H) each."""

    hidden: Array  # total dL/dh_t
    cell_behind: Array | None  # dL/dc_t without what comes through h_t
    cell_total: Array | None  # dL/dc_t; one of the two is known of a cell that has a cell state


@dataclass(frozen=True)
class Sequence:
    """L layers in D' directions. Lists are in torch's order: layer 0 forward, layer 0 backward, and so on."""

    part: Part
    stack: list[list[Layer]]
    x: Tensor  # (T, D)
    initial: list[State]  # (1, H) each
    output: Array | None  # (T, H·D') as it was in the training
    output_grad: Array | None  # (T, H·D')
    end_grads: list[tuple[Array | None, Array | None]]  # dL/dh and dL/dc of the last states, (H,) each
    state_grads: StateGrads | None = None  # of single steps
    alone: tuple[Array, Array] | None = None  # (T, H·D') each: what the loss of the last token, and of token 0, asks
    looks_back: bool = False  # with attention: a loss asks something of other tokens' outputs
    padding: int = 0  # tokens at the end that only fill it up

    @property
    def local(self) -> bool:
        """Whether all that was asked was asked of the top layer's output."""
        return all(h is None and c is None for h, c in self.end_grads)


class Assembler:
    """Takes arrays of one part and refuses what does not fit."""

    def __init__(self, path: Path, part: Part, captured: Captured, place: int) -> None:
        self._path, self._part, self._arrays = path, part, captured.of(place)
        self._texts, self._looks_back = captured.reading or {}, "attention" in captured.of(WHOLE)
        self._what = f"the trace of update {captured.update}, {part.name or 'the model'}"

    def sequence(self) -> Sequence:
        """All of it; BadFileError where something is missing or has another shape."""
        part, found = self._part, self._arrays
        if part.cell not in CELLS:
            raise BadFileError(
                self._path, f"{self._what}: its cell is {part.cell!r}, expected one of {', '.join(CELLS)}"
            )
        tokens = len(found["x"]) if "x" in found and found["x"].ndim else 0
        if not 1 <= tokens <= LONGEST:
            raise BadFileError(self._path, f"{self._what} has {tokens} tokens, expected 1 to {LONGEST}")
        wide, ends = (tokens, part.hidden * part.directions), (part.layers * part.directions, part.hidden)
        output_grad = self._optional("output_grad", wide)
        h_ends, c_ends = self._optional("h_n_grad", ends), self._optional("c_n_grad", ends)
        return Sequence(
            part=part,
            stack=self._stack(tokens),
            x=torch.from_numpy(self._needed("x", (tokens, part.inputs)).copy()),
            initial=self._initial(ends),
            output=self._optional("output", wide),
            output_grad=output_grad,
            end_grads=[(_nonzero(h_ends, row), _nonzero(c_ends, row)) for row in range(ends[0])],
            state_grads=self._state_grads((tokens, part.hidden)),
            alone=self._alone(wide),
            looks_back=self._looks_back,
            padding=self._mark("padding", tokens) or 0,
        )

    def _alone(self, shape: tuple[int, int]) -> tuple[Array, Array] | None:
        last, first = (self._optional(name, shape) for name in ("last_grad", "first_grad"))
        return None if last is None or first is None else (last, first)

    def _mark(self, name: str, tokens: int) -> int | None:
        """A place in the sequence, 1 … T − 1, that stands among the texts; None where there is none."""
        found = self._texts.get(name)
        if not found:
            return None
        if type(found) is not int or not 0 < found < tokens:
            raise BadFileError(self._path, f"{self._what}: {name} is {found!r}, expected 1 to {tokens - 1}")
        return found

    def _state_grads(self, shape: tuple[int, int]) -> StateGrads | None:
        names = ("state_grad", "cell_grad", "cell_total")
        hidden, behind, total = (self._optional(name, shape) for name in names)
        return None if hidden is None else StateGrads(hidden, behind, total)

    def _initial(self, shape: tuple[int, int]) -> list[State]:
        kinds = ("h0", "c0") if CELLS[self._part.cell].has_cell_state else ("h0",)
        parts = []
        for name in kinds:
            found = self._optional(name, shape)
            parts.append(np.zeros(shape, self._needed("x").dtype) if found is None else found)
        return [tuple(torch.from_numpy(part[row : row + 1].copy()) for part in parts) for row in range(shape[0])]

    def _stack(self, tokens: int) -> list[list[Layer]]:
        directions: list[Direction] = ["forward", "backward"] if self._part.bidirectional else ["forward"]
        boundary = self._mark("decoded_from", tokens)
        return [
            [self._layer(depth, direction, boundary) for direction in directions] for depth in range(self._part.layers)
        ]

    def _layer(self, depth: int, direction: Direction, boundary: int | None) -> Layer:
        suffix = f"_l{depth}" + ("_reverse" if direction == "backward" else "")
        module, cell = self._module(depth, suffix), CELLS[self._part.cell]
        if boundary is None:
            return Layer(cell, module, depth, direction)
        return Layer(cell, module, depth, direction, self._module(depth, f"{suffix}_decoder"), boundary)

    def _module(self, depth: int, suffix: str) -> nn.Module:
        part, cell = self._part, CELLS[self._part.cell]
        read = part.inputs if depth == 0 else part.hidden * part.directions
        rows = cell.blocks * part.hidden
        shapes = {"weight_ih": (rows, read), "weight_hh": (rows, part.hidden), "bias_ih": (rows,), "bias_hh": (rows,)}
        names = WEIGHTS if part.bias else WEIGHTS[:2]
        tensors = {name: torch.from_numpy(self._needed(name + suffix, shapes[name]).copy()) for name in names}
        with torch.device("meta"):
            module: nn.Module
            if cell.torch_module is None:
                module = ScanLayer(cell, read, part.hidden)
            else:
                kind = getattr(nn, cell.torch_module)
                module = kind(read, part.hidden, bias=part.bias, **cell.torch_options)
        for name, tensor in tensors.items():
            setattr(module, f"{name}_l0", nn.Parameter(tensor, requires_grad=False))
        return module

    def _needed(self, name: str, shape: tuple[int, ...] | None = None) -> Array:
        array = self._arrays.get(name)
        if array is None:
            raise BadFileError(self._path, f"{self._what}: {name} is missing")
        kind = self._arrays["x"].dtype
        if (shape is not None and array.shape != shape) or array.dtype != kind or kind.kind != "f":
            raise BadFileError(
                self._path, f"{self._what}: {name} is {array.dtype} {array.shape}, expected {kind} {shape}"
            )
        return array

    def _optional(self, name: str, shape: tuple[int, ...]) -> Array | None:
        return self._needed(name, shape) if name in self._arrays else None


def _nonzero(ends: Array | None, row: int) -> Array | None:
    return None if ends is None or not ends[row].any() else ends[row]
