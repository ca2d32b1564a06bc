"""What is taken from a recurrent module during one forward and backward pass. Nothing is changed, nothing computed."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from rnnviz.recording.finding import Found
from rnnviz.recording.first_sequence import data_of, first_row, first_state, picker, states_of

MOST_STEPS = 4096  # calls of a single-step module in one sequence
Guard = Callable[[Exception], None]
STATES = ("h", "c")


class Takings:
    """The tensors of one module's first forward pass with a graph, and of the backward pass through it."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.tensors: dict[str, Tensor] = {}  # of a sequence, by the names of `Captured`
        self.steps: list[dict[str, Tensor]] = []  # of a single-step module, a call each
        self.versions: dict[str, int] = {}  # of the weights, at the forward pass
        self.closed = False

    @property
    def empty(self) -> bool:
        """Whether no forward pass with a graph has been seen."""
        return not (self.tensors or self.steps)

    @property
    def moved(self) -> bool:
        """Whether the weights have been changed since the forward pass."""
        return self.versions != _versions(self.found.module)

    def take(self, args: Sequence[Any], kwargs: dict[str, Any], output: Any) -> None:
        """Look at one call of the module."""
        if self.closed:
            return
        if not self.empty and self.moved:  # of an update that was never told of: begin anew
            self.tensors, self.steps, self.versions = {}, [], {}
        (self._take_step if self.found.part.single_step else self._take_sequence)(args, kwargs, output)

    def weights(self) -> dict[str, Tensor]:
        """Copies of the weights by the names of a one-layer or many-layer sequence module."""
        suffix = "_l0" if self.found.part.single_step else ""
        named = self.found.module.named_parameters(recurse=False)
        return {name + suffix: parameter.detach().clone() for name, parameter in named}

    def _take_sequence(self, args: Sequence[Any], kwargs: dict[str, Any], output: Any) -> None:
        out, last = data_of(output[0]), states_of(output[1])
        if self.tensors or not out.requires_grad:
            return
        given = args[0] if args else kwargs["input"]
        initial = states_of(args[1] if len(args) > 1 else kwargs.get("hx"))
        pick = picker(given, batch_first=bool(self.found.module.batch_first))
        self.versions = _versions(self.found.module)
        self.tensors = {"x": pick(data_of(given)), "output": pick(out)}
        self.tensors |= {f"{name}0": first_state(part) for name, part in zip(STATES, initial, strict=False)}
        self._listen(out, self.tensors, "output_grad", pick)
        for name, part in zip(STATES, last, strict=False):
            self._listen(part, self.tensors, f"{name}_n_grad", first_state)

    def _take_step(self, args: Sequence[Any], kwargs: dict[str, Any], output: Any) -> None:
        state = states_of(output)
        if len(self.steps) >= MOST_STEPS or not state[0].requires_grad:
            return
        given = args[0] if args else kwargs["input"]
        before = states_of(args[1] if len(args) > 1 else kwargs.get("hx"))
        self.versions = self.versions or _versions(self.found.module)
        step = {"x": first_row(given)}
        if not self.steps or all(part.requires_grad for part in before):  # else no gradient goes back: they end here
            step |= {f"{name}_before": first_row(part) for name, part in zip(STATES, before, strict=False)}
        step |= {name: first_row(part) for name, part in zip(STATES, state, strict=False)}
        self.steps.append(step)
        self._listen(state[0], step, "h_grad", first_row)
        for part in state[1:]:
            self._listen(part, step, "c_grad" if _fused(state) else "c_total", first_row)

    def _listen(self, tensor: Tensor, into: dict[str, Tensor], name: str, pick: Callable[[Tensor], Tensor]) -> None:
        """Keep the gradient that reaches ``tensor``; what comes in several backward passes is added."""
        if tensor.requires_grad:
            hook = partial(_add, self, into, name, pick)
            tensor.register_hook(hook)  # type: ignore[no-untyped-call]  # torch leaves it without types


def _add(takings: Takings, into: dict[str, Tensor], name: str, pick: Callable[[Tensor], Tensor], grad: Tensor) -> None:
    if takings.closed:
        return
    try:
        into[name] = into[name] + pick(grad) if name in into else pick(grad)
    except Exception:  # noqa: BLE001  # an error in here would end the user's backward pass
        into.clear()


def attach(takings: Takings, guard: Guard) -> RemovableHandle:
    """Look at every call of the module from now on; errors go to ``guard``."""

    def look(_: nn.Module, args: Any, kwargs: dict[str, Any], output: Any) -> None:
        try:
            takings.take(args, kwargs, output)
        except Exception as error:  # noqa: BLE001  # an error in here would end the user's forward pass
            guard(error)

    return takings.found.module.register_forward_hook(look, with_kwargs=True)


def _fused(state: tuple[Tensor, ...]) -> bool:
    """Whether one operation gave h and c; else h was made of c, whose gradient then has what comes through h in it."""
    names = {type(part.grad_fn).__name__ for part in state}
    return len(names) == 1


def _versions(module: nn.Module) -> dict[str, int]:
    # torch has no other counter of changes in place
    return {name: parameter._version for name, parameter in module.named_parameters(recurse=False)}  # noqa: SLF001
