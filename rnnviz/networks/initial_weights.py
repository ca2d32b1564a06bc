"""How weights begin, where that is not left to torch."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from rnnviz.cells.cell import Cell
from rnnviz.config import RunConfig


@torch.no_grad()
def set_initial_weights(layer: nn.Module, cell: Cell, config: RunConfig) -> None:
    """Overwrite what ``config`` asks for; everything else keeps torch's U(±1/√H)."""
    parameters = dict(layer.named_parameters())
    for name, parameter in parameters.items():
        if name != "weight_hh_l0":
            _start(parameter, config.others)
    if config.init == "pascanu":
        for name, parameter in parameters.items():
            _fill_as_pascanu(parameter, config.gain, is_bias=name.startswith("bias"))
    elif config.init != "default":
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


@torch.no_grad()
def set_initial_readout(readout: nn.Linear, config: RunConfig) -> None:
    """Overwrite the read-out where ``config`` asks for that."""
    if config.init == "pascanu":
        _fill_as_pascanu(readout.weight, config.gain, is_bias=False)
        _fill_as_pascanu(readout.bias, config.gain, is_bias=True)


def _fill_as_pascanu(parameter: Tensor, gain: float, *, is_bias: bool) -> None:
    """“Basic tanh” of Pascanu, Mikolov and Bengio (2013); their 0.1 is a standard deviation."""
    if is_bias:
        parameter.zero_()
    else:
        nn.init.normal_(parameter, std=0.1 * gain)


def _fill(block: Tensor, init: str, gain: float) -> None:
    """``block`` (H, H), one gate's share of W_hh."""
    if init == "orthogonal":
        nn.init.orthogonal_(block, gain)
    elif init == "gaussian":
        nn.init.normal_(block, std=gain / len(block) ** 0.5)
    elif init == "diagonal":
        block.copy_(torch.diag(torch.linspace(1 / len(block), 1, len(block)) * gain))
    elif init == "jordan":
        block.copy_(torch.eye(len(block)) * gain + torch.diag(torch.ones(len(block) - 1), 1))
    elif init == "zero":
        block.zero_()
    else:
        nn.init.eye_(block).mul_(gain)


def _start(parameter: Tensor, others: str) -> None:
    """One parameter beside W_hh."""
    if others == "zero":
        parameter.zero_()
    elif others == "positive":
        parameter.abs_()
