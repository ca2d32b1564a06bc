"""Which settings have no effect on the network that is described, and why; and which there are not."""

from collections.abc import Mapping
from typing import Any

from rnnviz.cells import CELLS
from rnnviz.tasks import TASKS

OF_THE_EMBEDDING = ("vectors", "vectors_file", "frozen")


def without_effect(described: Mapping[str, Any]) -> dict[str, str]:
    """Names of such settings, each with a sentence that says why. ``described``: every setting by its name."""
    kind, cell = TASKS[described["task"]], CELLS[described["cell"]]
    found = {}
    if cell.forget_gate is None:
        found["forget_bias"] = f"{cell.title} has no forget gate."
    if described["init"] == "default":
        found["gain"] = "Torch's own initial weights have no gain: choose another “Initial W_hh”."
    if kind.by_column is None:
        found["column"] = "The data of this task are no columns of a file."
    if kind.own_length:
        found["length"] = "The sequences of this task are as long as they are."
    return found | _of_the_embedding(described)


def absent(described: Mapping[str, Any]) -> set[str]:
    """Names of settings that the task which is described does not have at all."""
    return {"lag"} if TASKS[described["task"]].lag is None else set()


def _of_the_embedding(described: Mapping[str, Any]) -> dict[str, str]:
    if TASKS[described["task"]].reads_numbers:
        why = "This task reads numbers as they are: there are no tokens to embed."
        return dict.fromkeys(("embedding", *OF_THE_EMBEDDING), why)
    if described["embedding"] == 0:
        return dict.fromkeys(OF_THE_EMBEDDING, "There is no embedding: “Embedding” is 0.")
    if described["vectors"] == "file":
        return {"embedding": "The file of vectors decides how many numbers stand for a token."}
    return {}
