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
