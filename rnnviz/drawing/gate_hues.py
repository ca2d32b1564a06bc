"""The hue and the short name of a gate, wherever gates are told apart outside the score."""

from rnnviz.cells import CELLS
from rnnviz.drawing.theme import Theme


def gate_hue(theme: Theme, cell: str, name: str) -> str:
    """The gate's own hue; the text's colour for what is no gate, as the one block of a plain cell."""
    block = CELLS[cell].gate_block(name)
    return theme.text if block is None else theme.gate(block)


def gate_label(cell: str, name: str) -> str:
    """“f forget”; the name itself for what is no gate."""
    block = CELLS[cell].gate_block(name)
    return name if block is None else f"{CELLS[cell].gates[block].letter} {name}"
