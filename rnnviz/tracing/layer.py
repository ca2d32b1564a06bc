"""One layer in one direction, and the parts of torch's own modules that are such layers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell, State, Weights
from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Direction

Recurrent = nn.RNN | nn.LSTM | nn.GRU


class Stretch(NamedTuple):
    """Tokens ``start`` to before ``stop`` and the weights that read them, in the order in which a layer reads."""

    start: int
    stop: int
    weights: Weights

    @property
    def tokens(self) -> slice:
        """Where they are in an array of all tokens."""
        return slice(self.start, self.stop)

    def on_a_graph(self) -> "Stretch":
        """The same with weights that can be differentiated by."""
        return self._replace(weights=Weights(*(tensor.detach().requires_grad_() for tensor in self.weights)))


def between(stretches: Iterable[Stretch], start: int, stop: int) -> list[Stretch]:
    """What ``stretches`` have from token ``start`` to before ``stop``."""
    cut = (Stretch(max(some.start, start), min(some.stop, stop), some.weights) for some in stretches)
    return [some for some in cut if some.start < some.stop]


@dataclass(frozen=True)
class Layer:
    """``module`` computes one layer forwards and carries the weights under torch's ``*_l0`` names.

    ``decoder``: what goes on from its state and reads the tokens from ``written_from`` on; None: it reads all.
    ``order``: (T, B) which token of each sequence a layer that reads backward reads when, and the way back from there;
    None: from the last to the first.
    """

    cell: Cell
    module: nn.Module
    index: int = 0
    direction: Direction = "forward"
    decoder: nn.Module | None = None
    written_from: int = 0
    order: Array | None = None

    @property
    def weights(self) -> Weights:
        """The tensors in use, off the graph; zeros for biases that the module does without. The encoder's."""
        return _weights(self.module)

    @property
    def modules(self) -> list[nn.Module]:
        """Those with weights of their own, one for each stretch."""
        return [self.module] if self.decoder is None else [self.module, self.decoder]

    def stretches(self, tokens: int) -> list[Stretch]:
        """Which weights read which of so many tokens."""
        if self.decoder is None:
            return [Stretch(0, tokens, self.weights)]
        return [
            Stretch(0, self.written_from, self.weights),
            Stretch(self.written_from, tokens, _weights(self.decoder)),
        ]

    def hidden(self, x: Tensor, initial: State) -> Tensor:
        """Run the module on ``x`` (T, B, D) from ``initial`` ((B, H) each); h of every token, (T, B, H)."""
        state: Any = tuple(part[None] for part in initial)
        state = state if self.cell.has_cell_state else state[0]
        if self.decoder is None:
            return self._run(self.module, x, state)[0]
        read, state = self._run(self.module, x[: self.written_from], state)
        return torch.cat([read, self._run(self.decoder, x[self.written_from :], state)[0]])

    def _run(self, module: nn.Module, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        batch_first = bool(getattr(module, "batch_first", False))
        with torch.no_grad():
            out, last = module(x.transpose(0, 1) if batch_first else x, state)
        return out.transpose(0, 1) if batch_first else out, last


def _weights(module: nn.Module) -> Weights:
    found = {name: tensor.detach() for name, tensor in module.named_parameters()}
    zeros = torch.zeros(len(found["weight_hh_l0"]), dtype=found["weight_hh_l0"].dtype)
    names = ("bias_ih_l0", "bias_hh_l0")
    return Weights(found["weight_ih_l0"], found["weight_hh_l0"], *(found.get(name, zeros) for name in names))


def split(module: Recurrent) -> list[list[Layer]]:
    """Every layer of ``module``, a list per depth with one entry per direction, sharing its weights, on the CPU.

    Raises TypeError or ValueError for what is not a plain ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``.
    """
    cell = cell_of(module)
    if module.proj_size:
        raise ValueError(f"proj_size is {module.proj_size}, expected 0: projected LSTMs cannot be traced")
    directions: list[Direction] = ["forward", "backward"] if module.bidirectional else ["forward"]
    return [
        [Layer(cell, _part(module, depth, direction), depth, direction) for direction in directions]
        for depth in range(module.num_layers)
    ]


def cell_of(module: nn.Module) -> Cell:
    """Return the catalogue's cell that ``module`` computes; raise TypeError when there is none."""
    for cell in CELLS.values():
        if cell.torch_module is None or not isinstance(module, getattr(nn, cell.torch_module)):
            continue
        if all(getattr(module, option) == value for option, value in cell.torch_options.items()):
            return cell
    raise TypeError(f"module is {type(module).__name__}, expected torch.nn.RNN, LSTM or GRU")


def _part(module: Recurrent, depth: int, direction: Direction) -> nn.Module:
    suffix = f"_l{depth}" + ("_reverse" if direction == "backward" else "")
    names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if module.bias else [])
    tensors = {name: getattr(module, name + suffix).detach().cpu() for name in names}
    cell = cell_of(module)
    kind = getattr(nn, str(cell.torch_module))
    # On the meta device nothing is allocated and no random number is drawn.
    part = kind(
        tensors["weight_ih"].shape[1],
        module.hidden_size,
        bias=module.bias,
        device="meta",
        dtype=tensors["weight_hh"].dtype,
        **cell.torch_options,
    )
    for name, tensor in tensors.items():
        setattr(part, f"{name}_l0", nn.Parameter(tensor, requires_grad=False))
    return cast("nn.Module", part)
