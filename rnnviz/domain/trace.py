"""Everything that happened while a network read one sequence, token by token."""

import copyreg
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from rnnviz.domain.arrays import Array, check_shape, log10_norms, readonly
from rnnviz.domain.values import TOLERANCE

Direction = Literal["forward", "backward"]


def _frozen(entries: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(entries)


copyreg.pickle(MappingProxyType, lambda mapping: (_frozen, (dict(mapping),)))  # traces travel between processes


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer in one direction. T tokens, H units, G gate blocks (torch's row order).

    Every array is indexed by the token in reading order, for the backward direction too.
    L is the sum of the losses of all tokens of this sequence.
    """

    cell: str
    layer: int
    direction: Direction
    hidden: Array  # (T, H) h_t
    cell_state: Array | None  # (T, H) c_t
    gates: Mapping[str, Array]  # (T, H) each, after the activation function
    initial_hidden: Array  # (H,) h before the first token that is read
    initial_cell: Array | None  # (H,)
    input_parts: Array | None = None  # (T, G, H) W_ih x_t + b_ih
    recurrent_parts: Array | None = None  # (T, G, H) W_hh h_{t-1} + b_hh
    hidden_grads: Array | None = None  # (T, H) total dL/dh_t, h_t being what is handed on
    hidden_grads_direct: Array | None = None  # (T, H) the part that does not pass through h_{t+1}
    hidden_grads_last: Array | None = None  # (T, H) d(loss of the last token)/dh_t
    hidden_grads_first: Array | None = None  # (T, H) d(loss of token 0)/dh_t, for the backward direction alone
    cell_grads: Array | None = None  # (T, H) total dL/dc_t
    gate_grads: Mapping[str, Array] = field(default_factory=dict)  # (T, H) each, dL/d(pre-activation)

    def __post_init__(self) -> None:
        tokens, units = self.hidden.shape
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, Mapping):
                frozen = {name: self._checked(f"{entry.name}[{name!r}]", array) for name, array in value.items()}
                object.__setattr__(self, entry.name, MappingProxyType(frozen))
            elif entry.name in {"initial_hidden", "initial_cell"} and value is not None:
                check_shape(entry.name, value, (units,))
                object.__setattr__(self, entry.name, readonly(value))
            elif entry.name in {"input_parts", "recurrent_parts"} and value is not None:
                check_shape(entry.name, value, (tokens, value.shape[1], units))
                object.__setattr__(self, entry.name, readonly(value))
            elif hasattr(value, "shape"):
                object.__setattr__(self, entry.name, self._checked(entry.name, value))

    def _checked(self, name: str, array: Array) -> Array:
        check_shape(name, array, self.hidden.shape)
        return readonly(array)

    @cached_property
    def log10_hidden_grads(self) -> Array:
        """log10 ‖dL/dh_t‖ (T,), −inf where it is exactly 0; empty without a loss."""
        return _log10_norms(self.hidden_grads)

    @cached_property
    def log10_hidden_grads_direct(self) -> Array:
        """The same of the direct part."""
        return _log10_norms(self.hidden_grads_direct)

    @cached_property
    def log10_hidden_grads_last(self) -> Array:
        """The same of the last token's loss alone."""
        return _log10_norms(self.hidden_grads_last)

    @cached_property
    def log10_hidden_grads_end(self) -> Array:
        """The same of the loss of the token that is read last: the last one, or token 0 for the backward direction."""
        if self.direction == "backward" and self.hidden_grads_first is not None:
            return _log10_norms(self.hidden_grads_first)
        return self.log10_hidden_grads_last

    @property
    def name(self) -> str:
        """“layer 1”, “layer 1 ←” for the backward direction."""
        return layer_name(self.layer, self.direction)

    def __repr__(self) -> str:
        """“LayerTrace(layer 1, lstm, 50 tokens × 32 units, …)”."""
        from rnnviz.domain.notebook import layer_in_words  # noqa: PLC0415  # it knows this module

        return layer_in_words(self)

    def _repr_html_(self) -> str:
        """The line and a picture, for notebooks."""
        from rnnviz.domain.notebook import layer_html  # noqa: PLC0415  # likewise

        return layer_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything by name: arrays, words, and a dictionary of them for every mapping; None is left out."""
        from rnnviz.domain.notebook import layer_dict  # noqa: PLC0415  # likewise

        return layer_dict(self)

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over token and unit. Raises ImportError that says what to install."""
        from rnnviz.domain.to_xarray import layer_dataset  # noqa: PLC0415  # likewise

        return layer_dataset(self)

    def before(self, token: int) -> tuple[Array, Array | None]:
        """State (h, c) that the cell read at ``token``: (H,) each, c is None for cells without one."""
        previous = token - 1 if self.direction == "forward" else token + 1
        if not 0 <= previous < len(self.hidden):
            return self.initial_hidden, self.initial_cell
        return self.hidden[previous], None if self.cell_state is None else self.cell_state[previous]


def layer_name(layer: int, direction: str) -> str:
    """“layer 1”, “layer 1 ←” for the backward direction; ``layer`` counts from 0."""
    return f"layer {layer + 1}" + (" ←" if direction == "backward" else "")


def _log10_norms(gradients: Array | None) -> Array:
    return np.empty(0) if gradients is None else log10_norms(gradients)


@dataclass(frozen=True, eq=False)
class Reading:
    """What the tokens of a traced sequence are and what the network said of them.

    Numbers stand in ``tokens`` and ``targets`` too, in words; there are no probabilities of them.
    """

    tokens: tuple[str, ...]  # T labels that were read
    targets: tuple[str | None, ...]  # T labels that should have been predicted, None where nothing should
    vocabulary: tuple[str, ...] = ()  # V labels that can be predicted; what is read may be other ones
    probabilities: Array | None = None  # (T, V) softmax of the read-out; None where numbers are predicted
    values: Array | None = None  # (T, D) numbers that were read; None where labels are read
    wanted: Array | None = None  # (T, O) numbers that should have been predicted, NaN where none should
    given: Array | None = None  # (T, O) numbers that were predicted
    channels: tuple[str, ...] = ()  # names of the D numbers
    outputs: tuple[str, ...] = ()  # names of the O numbers
    frame: tuple[int, int] | None = None  # rows and columns of the picture that the D numbers are
    outputs_frame: tuple[int, int] | None = None  # likewise of the O numbers
    tolerance: float = TOLERANCE  # the largest error of a number that counts as right

    def __post_init__(self) -> None:
        tokens = len(self.tokens)
        shapes = {
            "probabilities": (tokens, len(self.vocabulary)),
            "values": (tokens, len(self.channels)),
            "wanted": (tokens, len(self.outputs)),
            "given": (tokens, len(self.outputs)),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array is not None:
                check_shape(name, array, shape)
                object.__setattr__(self, name, readonly(array))
        if (self.probabilities is None) == (self.given is None) or (self.given is None) != (self.wanted is None):
            raise ValueError("a reading has probabilities, or numbers wanted and given, expected one of the two")

    @property
    def predictions(self) -> tuple[str | None, ...]:
        """The most probable label at every token, or the numbers; None where these are not numbers."""
        if self.given is not None:
            return tuple(numbers_in_words(row) if np.isfinite(row).all() else None for row in self.given)
        probabilities = np.empty((0, 1)) if self.probabilities is None else self.probabilities
        best = probabilities.argmax(axis=1).tolist()
        known = np.isfinite(probabilities.sum(axis=1)).tolist()
        return tuple(self.vocabulary[index] if finite else None for index, finite in zip(best, known, strict=True))


NUMBERS_IN_WORDS = 3


def numbers_in_words(row: Array) -> str:
    """“0.53, 1”, or “40 numbers” for a row (D,) that is too long to be read."""
    if len(row) > NUMBERS_IN_WORDS:
        return f"{len(row)} numbers"
    return ", ".join(f"{value:.3g}".replace("-", "−") for value in row.tolist())


@dataclass(frozen=True)
class SelfCheck:
    """How well the rebuilt weight gradients agree with the ones training used."""

    update: int
    error: float  # max |rebuilt − used| / max |used| over the recurrent weights, worst layer

    TOLERANCE = 1e-5

    @property
    def passed(self) -> bool:
        """Whether the error is within what float32 rounding explains."""
        return self.error <= self.TOLERANCE


@dataclass(frozen=True, eq=False)
class Trace:
    """One sequence through the whole network, forward and backward through time."""

    layers: tuple[LayerTrace, ...]  # layer 0 forward, layer 0 backward, layer 1 forward, …
    losses: Array | None = None  # (T,) per token, nats or squared error, 0 where there is no target
    reading: Reading | None = None
    update: int | None = None  # the update whose weights-before produced this
    check: SelfCheck | None = None
    attention: Array | None = None  # (T, T) α: how much token t looks at token j; rows of 0 where it does not look
    decoded_from: int | None = None  # the first token that is read by a decoder with weights of its own
    carried: bool = False  # whether it begins with the state in which another sequence ended
    written: int | None = None  # from this token on the network wrote the sequence itself; None: the task's own
    untouched: "Trace | None" = None  # with interventions: the same pass without them
    padding: int = 0  # tokens at the end that only fill up the sequence

    def __post_init__(self) -> None:
        if self.untouched is not None:
            check_shape("untouched.layers[0].hidden", self.untouched.layers[0].hidden, self.layers[0].hidden.shape)
        if self.attention is not None:
            check_shape("attention", self.attention, (self.tokens, self.tokens))
            object.__setattr__(self, "attention", readonly(self.attention))
        if self.losses is not None:
            check_shape("losses", self.losses, (self.tokens,))
            object.__setattr__(self, "losses", readonly(self.losses))

    def __repr__(self) -> str:
        """“Trace(50 tokens through 2 layers of lstm with 32 units, …)”."""
        from rnnviz.domain.notebook import trace_in_words  # noqa: PLC0415  # it knows this module

        return trace_in_words(self)

    def _repr_html_(self) -> str:
        """A table of the layers and the gradient that reaches each token, for notebooks."""
        from rnnviz.domain.notebook import trace_html  # noqa: PLC0415  # likewise

        return trace_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything by name, nested: ``layers`` is a list, ``reading`` and ``untouched`` dictionaries."""
        from rnnviz.domain.notebook import trace_dict  # noqa: PLC0415  # likewise

        return trace_dict(self)

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over layer, token and unit. Raises ImportError that says what to install."""
        from rnnviz.domain.to_xarray import trace_dataset  # noqa: PLC0415  # likewise

        return trace_dataset(self)

    @property
    def tokens(self) -> int:
        """T, the length of the sequence."""
        return len(self.layers[0].hidden)

    @property
    def top(self) -> LayerTrace:
        """The top layer's forward direction."""
        return [layer for layer in self.layers if layer.direction == "forward"][-1]
