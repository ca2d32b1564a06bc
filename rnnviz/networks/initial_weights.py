"""How W_hh and the forget gate's bias begin."""

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


def _fill(block: Tensor, init: str, gain: float) -> None:
    """``block`` (H, H), one gate's share of W_hh."""
    if init == "orthogonal":
        nn.init.orthogonal_(block, gain)
    elif init == "gaussian":
        nn.init.normal_(block, std=gain / len(block) ** 0.5)
    else:
        nn.init.eye_(block).mul_(gain)
