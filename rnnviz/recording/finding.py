"""The recurrent modules of somebody's model."""

from collections.abc import Collection
from typing import NamedTuple, cast

from torch import nn

from rnnviz.cells import CELLS
from rnnviz.recording.about import Part

SEQUENCES = (nn.RNN, nn.LSTM, nn.GRU)
SINGLE_STEPS = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)
DISTRIBUTED = "module."  # what DataParallel and DistributedDataParallel put before every name


class Found(NamedTuple):
    """A module to be recorded."""

    part: Part
    module: nn.Module


def find_recurrent(model: nn.Module, names: Collection[str] | None = None) -> tuple[list[Found], list[str]]:
    """The recurrent modules of ``model``, or those of ``names``, and sentences about those that cannot be recorded.

    Raises ValueError for a name that none of them has.
    """
    modules = {
        own_name(name): module
        for name, module in model.named_modules()
        if isinstance(module, (*SEQUENCES, *SINGLE_STEPS))
    }
    for name in names or ():
        if name not in modules:
            known = ", ".join(repr(entry) for entry in modules) or "none: the model has no RNN, LSTM or GRU"
            raise ValueError(f"layers has {name!r}, expected names of recurrent modules: {known}")
    found, left_out = [], []
    for name, module in modules.items():
        if names is not None and name not in names:
            continue
        if getattr(module, "proj_size", 0):
            left_out.append(f"{name or 'the model'}: a projected LSTM (proj_size) cannot be traced")
        else:
            found.append(Found(_part(name, module), module))
    return found, left_out


def own_name(name: str) -> str:
    """The name that a module or parameter has without what wrappers put before it."""
    while name.startswith(DISTRIBUTED) or name == DISTRIBUTED[:-1]:
        name = name[len(DISTRIBUTED) :]
    return name


def _part(name: str, module: nn.Module) -> Part:
    single = isinstance(module, SINGLE_STEPS)
    kind = type(module).__mro__
    base = next(entry for entry in (*SEQUENCES, *SINGLE_STEPS) if entry in kind)
    plain = base.__name__.removesuffix("Cell")
    options = {"nonlinearity": getattr(module, "nonlinearity", None)}
    cell = next(
        cell.name
        for cell in CELLS.values()
        if cell.torch_module == plain and all(options.get(key) == value for key, value in cell.torch_options.items())
    )
    return Part(
        name=name,
        cell=cell,
        inputs=cast("int", module.input_size),
        hidden=cast("int", module.hidden_size),
        layers=1 if single else cast("int", module.num_layers),
        bidirectional=not single and cast("bool", module.bidirectional),
        bias=cast("bool", module.bias),
        dropout=0.0 if single else cast("float", module.dropout),
        single_step=single,
    )
