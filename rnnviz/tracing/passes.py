"""One layer forward and backward through time, from its recorded hidden states.

Two ways to the same numbers. `RecordedPass` uses the cell's vectorised ``recall`` and ``adjoint`` (numpy, no
graph). `TextbookPass` unrolls the cell's ``step`` and asks autograd: slower, and all that a new cell needs.
Time runs in the order in which the layer reads. R losses go backward together, B sequences are 1 or R.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from rnnviz.cells.activations import sigmoid
from rnnviz.cells.cell import Adjoint, Cell, Gate, Memory, State, Weights
from rnnviz.domain.arrays import Array
from rnnviz.tracing.layer import Layer, Stretch, between
from rnnviz.tracing.step_jacobians import step_jacobians
from rnnviz.tracing.touch import NOTHING, Touch


class Gradients(NamedTuple):
    """Gradients of R losses inside and below one layer."""

    hidden: Array  # (T, R, H) total dL/dh_t
    cell: Array | None  # (T, R, H)
    gates: dict[str, Array]  # (T, R, H) each, with respect to the pre-activation
    inputs: Array  # (T, R, D) what goes down to the layer below


class LayerPass(Protocol):
    """A forward pass that can be asked for gradients."""

    gates: dict[str, Array]  # (T, B, H) each
    cell_state: Array | None  # (T, B, H)
    parts: tuple[Array, Array] | None  # (T, B, G, H) each: W_ih x_t + b_ih, and W_hh h_{t-1} + b_hh as in `Memory`

    def backward(self, direct: Array) -> Gradients:
        """Run backward through time from the direct gradients ``direct`` (T, R, H).

        Fewer than T of them are those of the first tokens; nothing then comes from the later ones.
        """

    def recurrent_gradients(self, direct: Array) -> list[Array]:
        """dL/dW_hh (G·H, H) of every stretch, summed over sequences and its tokens."""

    def jacobians(self, start: int, stop: int) -> Array:
        """∂s_t/∂s_{t−1} (n, B, S, S) of the tokens from ``start`` to before ``stop``; s is h, or h then c."""


def forward_pass(layer: Layer, x: Tensor, hidden: Tensor, initial: State) -> LayerPass:
    """Choose the faster way that the cell offers. x (T, B, D), hidden (T, B, H), initial (B, H) each."""
    if layer.cell.has_recursion:
        return RecordedPass(layer.cell, layer.stretches(len(x)), x, hidden, initial)
    return TextbookPass(layer.cell, layer.stretches(len(x)), x, initial)


class RecordedPass:
    """Gates by one matrix product over all tokens; gradients by the cell's adjoint recursion."""

    def __init__(self, cell: Cell, stretches: list[Stretch], x: Tensor, hidden: Tensor, initial: State) -> None:
        assert cell.recall is not None  # noqa: S101  # `forward_pass` has looked; tells mypy
        self._cell, self._stretches, self._x = cell, stretches, x
        before = torch.cat([initial[0][None], hidden[:-1]])
        self._w_hh = [some.weights.w_hh.numpy() for some in stretches for _ in range(some.start, some.stop)]
        inputs, recurrent = _parts(cell, stretches, x, before)
        self.parts: tuple[Array, Array] | None = (inputs, recurrent)
        cell_0: Any = initial[1].numpy() if cell.has_cell_state else None
        self.gates, self.cell_state = cell.recall(inputs, recurrent, cell_0)
        cells = np.empty((1, 0)) if self.cell_state is None else np.concatenate([cell_0[None], self.cell_state])
        self._memory = Memory(hidden.numpy(), before.numpy(), cells[1:], cells[:-1], self.gates, recurrent)

    def backward(self, direct: Array) -> Gradients:
        """Run backward through time from the direct gradients ``direct`` (T, R, H)."""
        adjoint = self._adjoint(direct)
        gates = {gate.name: adjoint.inputs[:, :, block] for block, gate in enumerate(self._cell.gates)}
        flat = adjoint.inputs.reshape(*direct.shape[:2], -1)
        with np.errstate(over="ignore", invalid="ignore"):
            inputs = [flat[some.start : some.stop] @ some.weights.w_ih.numpy() for some in self._stretches]
        return Gradients(adjoint.hidden, adjoint.cell, gates, inputs[0] if len(inputs) == 1 else np.concatenate(inputs))

    def recurrent_gradients(self, direct: Array) -> list[Array]:
        """dL/dW_hh = Σ_t da_tᵀ h_{t−1} (G·H, H), da_t the gradient of the recurrent pre-activation."""
        da = self._adjoint(direct).recurrent
        return [self._recurrent_gradient(da[some.tokens], some.tokens) for some in self._stretches]

    def _recurrent_gradient(self, da: Array, tokens: slice) -> Array:
        before = self._memory.hidden_before[tokens]
        units = before.shape[-1]
        da = da.reshape(-1, self._cell.blocks * units)
        found = da.T @ before.reshape(-1, units)
        for block, gate in self._cell.scaled_blocks.items():
            rows = slice(block * units, (block + 1) * units)
            found[rows] = da[:, rows].T @ (self.gates[gate][tokens] * before).reshape(-1, units)
        return np.asarray(found)

    def jacobians(self, start: int, stop: int) -> Array:
        """∂s_t/∂s_{t−1} (n, B, S, S), by the cell's closed form where it has one."""
        found = [self._jacobians(*some) for some in between(self._stretches, start, stop)]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _jacobians(self, start: int, stop: int, weights: Weights) -> Array:
        memory = self._between(start, stop)
        if self._cell.jacobian is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                return self._cell.jacobian(weights.w_hh.numpy(), memory)
        parts = (memory.hidden_before, memory.cell_before) if self._cell.has_cell_state else (memory.hidden_before,)
        before = tuple(torch.from_numpy(part) for part in parts)
        return step_jacobians(self._cell, weights, self._x[start:stop], before)

    def _between(self, start: int, stop: int) -> Memory:
        """What the pass left behind of some tokens."""
        some, kept = slice(start, stop), self._memory
        return Memory(
            kept.hidden[some],
            kept.hidden_before[some],
            kept.cell[some],
            kept.cell_before[some],
            {name: gate[some] for name, gate in kept.gates.items()},
            kept.recurrent_parts[some],
        )

    def _adjoint(self, direct: Array) -> Adjoint:
        assert self._cell.adjoint is not None  # noqa: S101  # as in __init__
        # An exploding gradient may leave float32: then it is inf, which the window shows as such.
        with np.errstate(over="ignore", invalid="ignore"):
            return self._cell.adjoint(direct, self._w_hh, self._between(0, len(direct)))


class TextbookPass:
    """The cell's formula, unrolled token by token on an autograd graph, with or without a touch from outside."""

    def __init__(self, cell: Cell, stretches: list[Stretch], x: Tensor, initial: State, touch: Touch = NOTHING) -> None:
        self._cell = cell
        self._touch = touch
        self._stretches = [some.on_a_graph() for some in stretches]
        self._x = x.detach().requires_grad_()
        self._initial = tuple(part.detach() for part in initial)
        self._computed: list[State] = []  # what the cell gave
        self._states: list[State] = []  # what was handed on
        self._gates: list[dict[str, Tensor]] = []
        state: State = self._initial
        with torch.enable_grad():
            weights = (some.weights for some in self._stretches for _ in range(some.start, some.stop))
            for token, (x_t, given) in enumerate(zip(self._x, weights, strict=True)):
                computed, gates = touch.step(cell, token, (x_t, state, given))
                state = touch.handed_on(token, computed)
                self._computed.append(computed)
                self._states.append(state)
                self._gates.append(gates)
        self.hidden = torch.stack([state[0].detach() for state in self._states])  # (T, B, H)
        self.gates = {gate.name: _stacked([step[gate.name] for step in self._gates]) for gate in cell.gates}
        self.cell_state = _stacked([state[1] for state in self._states]) if cell.has_cell_state else None
        # A cell that is nothing but its formula may use its weights in ways that the two parts cannot say.
        before = torch.cat([initial[0].detach()[None], self.hidden[:-1]])
        self.parts: tuple[Array, Array] | None = None
        if cell.recall:
            self.parts = _parts(cell, stretches, x, before, self.gates)

    def backward(self, direct: Array) -> Gradients:
        """Run backward through time from the direct gradients ``direct`` (T, R, H), or of the first tokens alone."""
        if direct.shape[1] == self._x.shape[1]:
            return self._backward(direct)  # a loss for each sequence: the graph keeps them apart
        rows = [self._backward(direct[:, row : row + 1]) for row in range(direct.shape[1])]
        return Gradients(
            np.concatenate([row.hidden for row in rows], axis=1),
            np.concatenate([row.cell for row in rows], axis=1) if self._cell.has_cell_state else None,
            {gate.name: np.concatenate([row.gates[gate.name] for row in rows], axis=1) for gate in self._cell.gates},
            np.concatenate([row.inputs for row in rows], axis=1),
        )

    def recurrent_gradients(self, direct: Array) -> list[Array]:
        """dL/dW_hh (G·H, H) by autograd."""
        wanted = [some.weights.w_hh for some in self._stretches]
        return [gradient.numpy() for gradient in self._vector_jacobian(wanted, torch.from_numpy(direct))]

    def jacobians(self, start: int, stop: int) -> Array:
        """∂s_t/∂s_{t−1} (n, B, S, S) by autograd."""
        states = [self._initial, *self._states][start:stop]
        before = tuple(torch.stack([part.detach() for part in parts]) for parts in zip(*states, strict=True))
        found = [
            step_jacobians(
                self._cell,
                weights,
                self._x[here:there].detach(),
                tuple(part[here - start :][: there - here] for part in before),
            )
            for here, there, weights in between(self._stretches, start, stop)
        ]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _backward(self, direct: Array) -> Gradients:
        """Gradients of one loss for each sequence; ``direct`` (T, B, H), or of the first tokens alone."""
        tokens = len(direct)
        names = [gate.name for gate in self._cell.gates]
        series = {"hidden": [state[0] for state in self._states[:tokens]]}
        series |= {name: [step[name] for step in self._gates[:tokens]] for name in names}
        if self._cell.has_cell_state:
            series |= {"computed cell": [state[1] for state in self._computed[:tokens]]}
        if self._cell.has_cell_state and self._touch.zeroed is not None:
            series |= {"cell handed on": [state[1] for state in self._states[:tokens]]}
        wanted = [tensor for tensors in series.values() for tensor in tensors]
        found = self._vector_jacobian([*wanted, self._x], torch.from_numpy(direct.copy()))
        gradients = {name: _stacked(found[k * tokens : (k + 1) * tokens]) for k, name in enumerate(series)}
        return Gradients(
            gradients["hidden"],
            self._cell_gradient(gradients) if self._cell.has_cell_state else None,
            {gate.name: self._before_activation(gate, gradients[gate.name]) for gate in self._cell.gates},
            found[-1].numpy()[:tokens],
        )

    def _cell_gradient(self, gradients: dict[str, Array]) -> Array:
        """dL/dc of what is handed on. Where nothing is zeroed, that is what the cell computed and h_t shows it too."""
        if self._touch.zeroed is None:
            return gradients["computed cell"]
        zeroed = self._touch.zeroed.numpy()[: len(gradients["hidden"]), None]
        return np.where(zeroed, gradients["cell handed on"], gradients["computed cell"])

    def _before_activation(self, gate: Gate, gradient: Array) -> Array:
        """From dL/d(gate) to dL/d(pre-activation), both (T, B, H): 0 where the gate is clamped."""
        with np.errstate(over="ignore", invalid="ignore"):
            passed = gradient * _slope(self.gates[gate.name][: len(gradient)], gate.activation)
        clamped = self._touch.held.get(gate.name)
        if clamped is None:
            return passed
        return np.where(clamped.places.numpy()[: len(gradient), None], passed.dtype.type(0), passed)

    def _vector_jacobian(self, wanted: list[Tensor], direct: Tensor) -> list[Tensor]:
        hidden = [state[0] for state in self._states[: len(direct)]]
        found = torch.autograd.grad(
            hidden, wanted, list(direct), retain_graph=True, allow_unused=True, materialize_grads=True
        )
        return list(found)


def _parts(
    cell: Cell, stretches: list[Stretch], x: Tensor, before: Tensor, gates: dict[str, Array] | None = None
) -> tuple[Array, Array]:
    found = [
        _parts_of(cell, some.weights, x[some.tokens], before[some.tokens], _some_of(gates, some.tokens))
        for some in stretches
    ]
    if len(found) == 1:
        return found[0]
    inputs, recurrent = zip(*found, strict=True)
    return np.concatenate(inputs), np.concatenate(recurrent)


def _some_of(gates: dict[str, Array] | None, tokens: slice) -> dict[str, Array] | None:
    return None if gates is None else {name: gate[tokens] for name, gate in gates.items()}


def _parts_of(
    cell: Cell, weights: Weights, x: Tensor, before: Tensor, gates: dict[str, Array] | None
) -> tuple[Array, Array]:
    """W_ih x_t + b_ih and W_hh h_{t-1} + b_hh, (T, B, G, H) each; the second with r ⊙ h_{t-1} in scaled blocks.

    The gates r are ``gates``, or what the two parts make of them.
    """
    blocks = (*x.shape[:2], cell.blocks, before.shape[-1])
    inputs = _affine(x, weights.w_ih, weights.b_ih).reshape(blocks)
    recurrent = _affine(before, weights.w_hh, weights.b_hh).reshape(blocks)
    for block, name in cell.scaled_blocks.items():
        place = cell.gate_block(name)
        scale = sigmoid((inputs + recurrent)[:, :, place]) if gates is None else gates[name]
        weight, bias = weights.w_hh.chunk(cell.blocks)[block], weights.b_hh.chunk(cell.blocks)[block]
        recurrent[:, :, block] = _affine(torch.from_numpy(scale) * before, weight, bias)
    return inputs, recurrent


def _affine(x: Tensor, weight: Tensor, bias: Tensor) -> Array:
    return np.asarray(torch.nn.functional.linear(x, weight, bias).numpy())


def _stacked(tensors: list[Tensor]) -> Array:
    return np.asarray(torch.stack([tensor.detach() for tensor in tensors]).numpy())


def _slope(value: Array, activation: str) -> Array:
    return np.asarray(1 - value**2 if activation == "tanh" else value * (1 - value))
