"""Finds recurrent layers by names and shapes alone: nn.RNN, LSTM, GRU and their cells, however they are wrapped."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise
from typing import NamedTuple

from rnnviz.cells import CELLS
from rnnviz.domain.checkpoint import FoundLayer, FoundStack, Matrix, Names
from rnnviz.domain.trace import Direction, layer_name

Shapes = Mapping[str, tuple[int, ...]]

PARAMETER = re.compile(
    r"(?P<owner>(?:.*\.)?)(?P<kind>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)"
    r"(?:_l(?P<layer>\d{1,3})(?P<back>_reverse)?)?"
)
NUMBERED = re.compile(r"(?P<base>.*?)(?P<number>\d{1,4})")
WRAPPERS = frozenset(
    {
        *("state_dict", "model_state_dict", "model_state", "model_weights", "weights", "params", "checkpoint", "ckpt"),
        *("model", "net", "network", "module", "_orig_mod", "ema"),
    }
)
BLOCKS = {1: "RNN", 3: "GRU", 4: "LSTM"}  # row blocks of H in the weights


class RefusedError(ValueError):
    """What looks like recurrent layers, and why it cannot be opened."""


class Parts(NamedTuple):
    """Parameters of one owner: name and shape by kind, of each layer and direction. A cell has layer −1."""

    owner: str
    found: dict[tuple[int, Direction], dict[str, str]]


def wrapped_in(shapes: Shapes) -> str:
    """What all recurrent parameters begin with that is only a wrapping: “state_dict.module.”; empty for nothing."""
    names = [name for name in shapes if PARAMETER.fullmatch(name)]
    prefix = ""
    while names:
        first = {name.split(".", 1)[0] for name in names}
        if len(first) != 1 or not first <= WRAPPERS or not all("." in name for name in names):
            break
        prefix += f"{first.pop()}."
        names = [name.split(".", 1)[1] for name in names]
    return prefix


def find_stacks(shapes: Shapes, prefix: str) -> tuple[list[FoundStack], list[str]]:
    """Stacks that can be opened, what is several of them in a row first, and sentences about those that cannot."""
    stacks, refused = [], []
    for parts in _owners(shapes):
        name = parts.owner.removesuffix(".").removeprefix(prefix.removesuffix(".")).removeprefix(".")
        try:
            stacks.append(_stack(name, parts, shapes))
        except RefusedError as error:
            refused.append(f"{name or 'the module itself'}: {error}")
    return [*_rows(stacks), *stacks], refused


def find_matrices(shapes: Shapes, prefix: str) -> list[Matrix]:
    """Every (rows, columns) that is not recurrent, of the part of the file in which the recurrent ones are."""
    found = []
    for name, shape in shapes.items():
        if len(shape) != 2 or PARAMETER.fullmatch(name) or not name.startswith(prefix) or 0 in shape:
            continue
        bias = name.removesuffix("weight") + "bias"
        there = bias != name and shapes.get(bias) == shape[:1]
        found.append(Matrix(name, *shape, bias=bias if there else None))
    return found


def _owners(shapes: Shapes) -> Iterator[Parts]:
    found: dict[str, Parts] = {}
    for name in shapes:
        match = PARAMETER.fullmatch(name)
        if match is None:
            continue
        layer = -1 if match["layer"] is None else int(match["layer"])
        direction: Direction = "backward" if match["back"] else "forward"
        parts = found.setdefault(f"{match['owner']}{layer < 0}", Parts(match["owner"], {}))
        parts.found.setdefault((layer, direction), {})[match["kind"]] = name
    yield from found.values()


def _stack(name: str, parts: Parts, shapes: Shapes) -> FoundStack:
    is_cell = (-1, "forward") in parts.found
    numbers = sorted({max(layer, 0) for layer, _ in parts.found})
    if numbers != list(range(len(numbers))):
        raise RefusedError(
            f"it has layers {', '.join(map(str, numbers))}, expected them to be counted from 0 without a gap"
        )
    directions = 2 if any(direction == "backward" for _, direction in parts.found) else 1
    if len(parts.found) != directions * len(numbers):
        raise RefusedError("some layers read from both ends and some do not, expected all or none")
    ordered = sorted(parts.found.items(), key=lambda entry: (entry[0][0], entry[0][1] != "forward"))
    layers = tuple(_layer((max(at[0], 0), at[1]), kinds, shapes) for at, kinds in ordered)
    _refuse_contradictions(layers, shapes, directions)
    return FoundStack(name, *_kind(layers[0], shapes, is_cell=is_cell), layers)


def _layer(at: tuple[int, Direction], kinds: dict[str, str], shapes: Shapes) -> FoundLayer:
    where = layer_name(*at)
    if "weight_hr" in kinds:
        raise RefusedError(
            f"{where} has weight_hr: an LSTM with proj_size, whose output is not its state; expected one without "
            "a projection"
        )
    missing = [kind for kind in ("weight_ih", "weight_hh") if kind not in kinds]
    if missing or ("bias_ih" in kinds) != ("bias_hh" in kinds):
        lost = missing[0] if missing else "bias_hh" if "bias_ih" in kinds else "bias_ih"
        raise RefusedError(f"{where} has no {lost}, expected weight_ih and weight_hh, and both biases or none")
    shape = {kind: shapes[name] for kind, name in kinds.items()}
    rows, hidden = _two(where, "weight_hh", shape["weight_hh"])
    if rows % hidden or rows // hidden not in BLOCKS:
        raise RefusedError(
            f"{where}: weight_hh is {(rows, hidden)}, expected H rows (RNN), 3·H (GRU) or 4·H (LSTM) for H columns"
        )
    if _two(where, "weight_ih", shape["weight_ih"])[0] != rows:
        raise RefusedError(f"{where}: weight_ih is {shape['weight_ih']}, expected {rows} rows as weight_hh has")
    for bias in ("bias_ih", "bias_hh"):
        if bias in shape and shape[bias] != (rows,):
            raise RefusedError(f"{where}: {bias} is {shape[bias]}, expected {(rows,)}")
    names = Names(kinds["weight_ih"], kinds["weight_hh"], kinds.get("bias_ih"), kinds.get("bias_hh"))
    return FoundLayer(at[0], at[1], shape["weight_ih"][1], hidden, names)


def _two(where: str, kind: str, shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 2 or 0 in shape:
        raise RefusedError(f"{where}: {kind} is {shape}, expected rows and columns")
    return shape[0], shape[1]


def _refuse_contradictions(layers: tuple[FoundLayer, ...], shapes: Shapes, directions: int) -> None:
    first = layers[0]
    blocks = shapes[first.names.weight_hh][0] // first.hidden
    for layer in layers:
        where = layer_name(layer.index, layer.direction)
        inputs = first.inputs if layer.index == 0 else first.hidden * directions
        if (layer.hidden, layer.inputs) != (first.hidden, inputs):
            raise RefusedError(
                f"{where} has {layer.hidden} units and reads {layer.inputs} numbers, expected {first.hidden} and "
                f"{inputs} by the layer below it"
            )
        if shapes[layer.names.weight_hh][0] // layer.hidden != blocks:
            raise RefusedError(f"{where} is another kind of cell than layer 1, expected one kind")


def _kind(layer: FoundLayer, shapes: Shapes, *, is_cell: bool) -> tuple[str, tuple[str, ...], str]:
    """What it is made of, the catalogue's cells that it may be, the order of its gates."""
    blocks = shapes[layer.names.weight_hh][0] // layer.hidden
    cells = [cell for cell in CELLS.values() if cell.blocks == blocks]
    cells.sort(key=lambda cell: cell.torch_module is None)
    letters = ", ".join(gate.letter for gate in cells[0].gates)
    return f"nn.{BLOCKS[blocks]}{'Cell' if is_cell else ''}", tuple(cell.name for cell in cells), letters


def _rows(stacks: list[FoundStack]) -> Iterator[FoundStack]:
    """Stacks that are numbered and fit on top of each other, each row as one stack."""
    numbered = [(match, stack) for stack in stacks if (match := NUMBERED.fullmatch(stack.name))]
    numbered.sort(key=lambda pair: (pair[0]["base"], int(pair[0]["number"])))
    for _, group in groupby(numbered, key=lambda pair: pair[0]["base"]):
        row = [stack for _, stack in group]
        fits = all(
            lower.width == upper.inputs and (lower.cells, lower.directions) == (upper.cells, upper.directions)
            for lower, upper in pairwise(row)
        )
        if len(row) > 1 and fits:
            yield _joined(row)


def _joined(row: list[FoundStack]) -> FoundStack:
    layers, below = [], 0
    for stack in row:
        layers += [
            FoundLayer(below + layer.index, layer.direction, layer.inputs, layer.hidden, layer.names)
            for layer in stack.layers
        ]
        below += stack.depth
    made_of = f"{len(row)} × {row[0].made_of}"
    return FoundStack(f"{row[0].name} … {row[-1].name}", made_of, row[0].cells, row[0].gate_order, tuple(layers))
