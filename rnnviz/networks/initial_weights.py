"""How W_hh and the forget gate's bias begin."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from rnnviz.cells.cell import Cell
from rnnviz.config import RunConfig


@torch.no_grad()
def set_initial_weights(layer: nn.Module, cell: Cell, config: RunConfig) -> None:
    """Overwrite what ``config`` asks for; everything else keeps torch's U(±1/√H)."""
    parameters = dict(layer.named_parameters())
    if config.init != "default":
        for block in parameters["weight_hh_l0"].chunk(cell.blocks):
            _fill(block, config.init, config.gain)
    forget = cell.gate_block(cell.forget_gate) if cell.forget_gate else None
    if forget is not None and config.forget_bias is not None:
        # torch adds two biases: one carries the value, the other is silenced.
        parameters["bias_ih_l0"].chunk(cell.blocks)[forget].fill_(config.forget_bias)
        parameters["bias_hh_l0"].chunk(cell.blocks)[forget].zero_()


@torch.no_grad()
def shift_forget_bias(layers: Iterable[nn.Module], cell: Cell, old: float | None, new: float | None) -> None:
    """Add ``new`` − ``old`` to the forget gates' biases of trained ``layers`` of ``cell``.

    Raises ValueError when the cell has no such gate, and when one of the two is left to torch.
    """
    block = cell.gate_block(cell.forget_gate) if cell.forget_gate else None
    if block is None:
        raise ValueError(f"forget_bias is {new}, expected {old} as before: {cell.title} has no forget gate")
    if old is None or new is None:
        raise ValueError(f"forget_bias is {new} after {old}, expected two numbers: their difference is what is added")
    for layer in layers:
        layer.get_parameter("bias_ih_l0").chunk(cell.blocks)[block].add_(new - old)


def _fill(block: Tensor, init: str, gain: float) -> None:
    """``block`` (H, H), one gate's share of W_hh."""
    if init == "orthogonal":
        nn.init.orthogonal_(block, gain)
    elif init == "gaussian":
        nn.init.normal_(block, std=gain / len(block) ** 0.5)
    else:
        nn.init.eye_(block).mul_(gain)
