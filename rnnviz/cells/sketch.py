"""The textbook drawing of a cell as data: nodes and wires on a canvas of 100 × 60."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Node:
    """Something with a place. ``value`` names the live number written beside it."""

    x: float
    y: float
    label: str
    kind: Literal["gate", "operator", "port"] = "operator"
    value: str | None = None


@dataclass(frozen=True)
class Wire:
    """A line through points, with an arrow head at its end. ``carries`` names what flows in it."""

    points: tuple[tuple[float, float], ...]
    carries: Literal["hidden", "cell", "plain"] = "plain"


@dataclass(frozen=True)
class Sketch:
    """Wires are drawn first, nodes over them."""

    nodes: tuple[Node, ...] = ()
    wires: tuple[Wire, ...] = ()


def plain_sketch(gates: dict[str, str]) -> Sketch:
    """Draw a cell that has no drawing of its own: its gates (name → letter) in a row between the states."""
    places = {name: 100 * (index + 1) / (len(gates) + 1) for index, name in enumerate(gates)}
    return Sketch(
        nodes=(
            Node(4, 14, "h₋", "port", "h_before"),
            Node(96, 14, "h", "port", "h"),
            *(Node(x, 40, gates[name], "gate", name) for name, x in places.items()),
        ),
        wires=(Wire(((8, 14), (92, 14)), "hidden"), *(Wire(((x, 34), (x, 16))) for x in places.values())),
    )
