"""What is in a file of weights, for a dialog, a table or a program."""

import math
from pathlib import Path
from typing import Any

from rnnviz.cells import CELLS
from rnnviz.checkpoints.opened import Opened, open_checkpoint
from rnnviz.checkpoints.search import find_matrices, find_stacks, wrapped_in
from rnnviz.domain.checkpoint import CheckpointFacts, FoundStack, Matrix
from rnnviz.files.errors import BadFileError

NAMES_IN_A_SENTENCE = 3


def inspect(opened: Opened) -> CheckpointFacts:
    """Search an opened file. Raises BadFileError where nothing recurrent in it can be used."""
    prefix = wrapped_in(opened.shapes)
    stacks, refused = find_stacks(opened.shapes, prefix)
    if not stacks:
        raise BadFileError(opened.path, "; ".join(refused) if refused else _nothing(opened))
    return CheckpointFacts(
        path=opened.path,
        form=opened.form,
        parameters=sum(math.prod(shape) for shape in opened.shapes.values()),
        stacks=tuple(stacks),
        refused=tuple(refused),
        matrices=tuple(find_matrices(opened.shapes, prefix)),
        note=f"names in the file begin with “{prefix}”" if prefix else "",
    )


def describe_checkpoint(path: Path) -> dict[str, Any]:
    """What `inspect` finds in the file at ``path``, in plain words and numbers as JSON has them."""
    facts = inspect(open_checkpoint(path))
    return {
        "path": str(path),
        "form": facts.form,
        "parameters": facts.parameters,
        "note": facts.note,
        "stacks": [_described(facts, stack) for stack in facts.stacks],
        "refused": list(facts.refused),
    }


def _described(facts: CheckpointFacts, stack: FoundStack) -> dict[str, Any]:
    return {
        "name": stack.title,
        "made_of": stack.made_of,
        "cell": stack.cells[0],
        "may_be": [CELLS[name].title for name in stack.cells],
        "gate_order": stack.gate_order,
        "layers": stack.depth,
        "directions": stack.directions,
        "inputs": stack.inputs,
        "hidden": [layer.hidden for layer in stack.layers],
        "bias": all(layer.bias for layer in stack.layers),
        "embeddings": [_matrix(matrix) for matrix in facts.embeddings(stack)],
        "readouts": [_matrix(matrix) for matrix in facts.readouts(stack)],
    }


def _matrix(matrix: Matrix) -> dict[str, Any]:
    return {"name": matrix.name, "shape": [matrix.rows, matrix.columns], "bias": matrix.bias is not None}


def _nothing(opened: Opened) -> str:
    some = ", ".join(f"{name[:60]!r}" for name in list(opened.shapes)[:NAMES_IN_A_SENTENCE])
    return (
        f"none of its {len(opened.shapes)} tensors ({some}, …) is named like a recurrent layer's, expected "
        "weight_ih_l0 and weight_hh_l0, or weight_ih and weight_hh of a cell"
    )
