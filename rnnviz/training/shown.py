"""The displayed sequence, traced through a network with its read-out, as it is or with interventions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, Self

import torch
from torch import Tensor, nn

from rnnviz.cells.cell import State
from rnnviz.domain.intervention import ChangeInput, ChangeToken, Intervention
from rnnviz.domain.trace import Trace
from rnnviz.domain.values import Symbols, Values
from rnnviz.networks import Network, ReadOut
from rnnviz.tracing.interventions import Given, intervene, refuse_outside, with_input
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.study import Subject
from rnnviz.tracing.trace import trace_given, zero_states
from rnnviz.training.batch_read import stack_of, writes_at
from rnnviz.training.reading import reading_of
from rnnviz.training.scoring import token_losses

LABELS_IN_A_SENTENCE = 12


class Said(NamedTuple):
    """What losses can be of."""

    top: Tensor  # (T, H·directions), the output of the last recurrent layer
    outputs: Tensor  # (T, V) or (T, O), what the read-out makes of it
    targets: Tensor  # (T,) or (T, O)


Score = Callable[[Said], Tensor]  # losses (T,)


class Ends(Protocol):
    """What stands before and behind the recurrent layers: a network, or what stands for one."""

    @property
    def embedding(self) -> nn.Module:
        """Inputs → what the first layer reads."""

    @property
    def attention(self) -> nn.Module | None:
        """What stands between the last layer and the read-out, if anything does."""

    def read_out(self, top: Tensor, writes_at: Tensor | None) -> ReadOut:
        """Of the output (B, T, H·directions) of the last layer; ``writes_at`` as for `Network`."""


class Kinds(Protocol):
    """What is read and predicted."""

    @property
    def reads(self) -> Values:
        """Labels or numbers."""

    @property
    def predicts(self) -> Values:
        """Likewise."""


def score_of_targets(said: Said) -> Tensor:
    """The loss of every token that has a target."""
    return token_losses(said.outputs, said.targets)


@dataclass(frozen=True)
class Shown:
    """One sequence and the network that reads it."""

    network: Ends
    stack: list[list[Layer]]
    data: Kinds
    inputs: Tensor  # (T,) indices or (T, D) numbers
    targets: Tensor  # (T,) or (T, O)
    carried: list[State] | None = None  # what it begins with, (1, H) each; None: zeros
    written: int | None = None  # from this token on the network wrote it; None: the task's own sequence
    padding: int = 0  # tokens at the end that only fill it up
    score: Score = score_of_targets  # of a token it depends on what is said there alone
    writes: Tensor | None = None  # (1, T) bool, for a network that `writes`

    @classmethod
    def of(cls, network: Network, data: Kinds, inputs: Tensor, targets: Tensor, **others: Any) -> Self:
        """What ``network`` reads and writes. ``others``: ``carried``, ``written`` and ``padding``."""
        writes = writes_at(network, targets[None])
        return cls(network, stack_of(network, writes), data, inputs, targets, writes=writes, **others)

    def trace_as_it_is(self) -> Trace:
        """States, gates, gradients, losses and the reading."""
        initial = self._initial()
        return self._trace(self.inputs, Given(self._embedded(self.inputs), initial, [None] * len(initial)))

    def trace(self, interventions: tuple[Intervention, ...]) -> Trace:
        """The same with ``interventions``; what it would be without them is its ``untouched``.

        Raises ValueError for what does not fit: labels are changed by ChangeToken, numbers by ChangeInput.
        """
        labels = isinstance(self.data.reads, Symbols)
        inputs = self._swapped(interventions) if labels else self._overwritten(interventions)
        initial = self._initial()
        inside = tuple(entry for entry in interventions if not isinstance(entry, ChangeToken | ChangeInput))
        given = intervene(self.stack, self._embedded(inputs), initial, inside)
        untouched = self._trace(self.inputs, given.left_alone(self._embedded(self.inputs), initial))
        return replace(self._trace(inputs, given), untouched=untouched)

    def subject(self, update: int | None) -> Subject:
        """What studies look at; they copy the weights."""

        def loss(top: Tensor) -> Tensor:
            return self.score(Said(top, self._read_out(top).outputs[0], self.targets))

        x, local = self._embedded(self.inputs), self._local
        return Subject(self.stack, x, loss, self._initial(), local=local, update=update, padding=self.padding)

    def _read_out(self, top: Tensor) -> ReadOut:
        """Of the top output (T, H·directions), as a batch of one."""
        return self.network.read_out(top[None], self.writes)

    @property
    def _local(self) -> bool:
        """Whether the loss of a token depends on the top output at that token alone."""
        return self.network.attention is None

    def _initial(self) -> list[State]:
        return zero_states(self.stack, 1) if self.carried is None else self.carried

    def _trace(self, inputs: Tensor, given: Given) -> Trace:
        said: list[ReadOut] = []

        def loss(top: Tensor) -> Tensor:
            said.append(self._read_out(top))
            return self.score(Said(top, said[-1].outputs[0], self.targets))

        found = trace_given(self.stack, given, loss, local=self._local, padding=self.padding)
        outputs, attention = said[-1]
        return replace(
            found,
            reading=reading_of(self.data.reads, self.data.predicts, inputs, self.targets, outputs[0]),
            carried=self.carried is not None,
            attention=None if attention is None else attention[0].detach().numpy(),
            decoded_from=self.stack[0][0].written_from or None,
            written=self.written,
        )

    @torch.no_grad()
    def _embedded(self, inputs: Tensor) -> Tensor:
        x: Tensor = self.network.embedding(inputs)
        return x

    def _swapped(self, interventions: tuple[Intervention, ...]) -> Tensor:
        inputs = self.inputs.clone()
        for entry in interventions:
            if isinstance(entry, ChangeInput):
                raise ValueError(  # noqa: TRY004  # it is an intervention, but not one for this network
                    f"ChangeInput: token {entry.token} is a label here, expected ChangeToken(token, label)"
                )
            if isinstance(entry, ChangeToken):
                refuse_outside(entry, "token", entry.token, len(inputs))
                inputs[entry.token] = self._index(entry.label)
        return inputs

    def _overwritten(self, interventions: tuple[Intervention, ...]) -> Tensor:
        inputs = self.inputs.clone()
        for entry in interventions:
            if isinstance(entry, ChangeToken):
                raise ValueError(  # noqa: TRY004  # it is an intervention, but not one for this network
                    f"ChangeToken: token {entry.token} is {inputs.shape[1]} numbers here, "
                    "expected ChangeInput(token, values)"
                )
            if isinstance(entry, ChangeInput):
                inputs = with_input(inputs, entry)
        return inputs

    def _index(self, label: str) -> int:
        vocabulary = self.data.reads.labels if isinstance(self.data.reads, Symbols) else ()
        if label in vocabulary:
            return vocabulary.index(label)
        some = ", ".join(repr(entry) for entry in vocabulary[:LABELS_IN_A_SENTENCE])
        more = "" if len(vocabulary) <= LABELS_IN_A_SENTENCE else ", …"
        raise ValueError(
            f"ChangeToken: label is {label!r}, expected one of the vocabulary's {len(vocabulary)}: {some}{more}"
        )
