"""The displayed sequence, traced through a network with its read-out, as it is or with interventions."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.domain.intervention import ChangeInput, ChangeToken, Intervention
from rnnviz.domain.trace import Reading, Trace
from rnnviz.networks import Network
from rnnviz.tracing.interventions import Given, intervene, refuse_outside
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.study import Subject
from rnnviz.tracing.trace import trace_given, zero_states
from rnnviz.training.data import Data
from rnnviz.training.scoring import token_losses

LABELS_IN_A_SENTENCE = 12


@dataclass(frozen=True)
class Shown:
    """One sequence and the network that reads it."""

    network: Network
    stack: list[list[Layer]]
    data: Data
    inputs: Tensor  # (T,) indices
    targets: Tensor  # (T,)
    carried: list[State] | None = None  # what it begins with, (1, H) each; None: zeros

    def trace_as_it_is(self) -> Trace:
        """States, gates, gradients, losses and the reading."""
        initial = self._initial()
        return self._trace(self.inputs, Given(self._embedded(self.inputs), initial, [None] * len(initial)))

    def trace(self, interventions: tuple[Intervention, ...]) -> Trace:
        """The same with ``interventions``; what it would be without them is its ``untouched``.

        Raises ValueError for what does not fit, and for ChangeInput: what is read here are labels.
        """
        inputs = self._swapped(interventions)
        initial = self._initial()
        inside = tuple(entry for entry in interventions if not isinstance(entry, ChangeToken))
        given = intervene(self.stack, self._embedded(inputs), initial, inside)
        untouched = self._trace(self.inputs, given.left_alone(self._embedded(self.inputs), initial))
        return replace(self._trace(inputs, given), untouched=untouched)

    def subject(self, update: int | None) -> Subject:
        """What studies look at; they copy the weights."""

        def loss(top: Tensor) -> Tensor:
            return token_losses(self.network.readout(top), self.targets)

        return Subject(self.stack, self._embedded(self.inputs), loss, self._initial(), local=True, update=update)

    def _initial(self) -> list[State]:
        return zero_states(self.stack, 1) if self.carried is None else self.carried

    def _trace(self, inputs: Tensor, given: Given) -> Trace:
        logits: list[Tensor] = []

        def loss(top: Tensor) -> Tensor:
            logits.append(self.network.readout(top))
            return token_losses(logits[-1], self.targets)

        found = trace_given(self.stack, given, loss, local=True)
        return replace(found, reading=self._reading(inputs, logits[-1]), carried=self.carried is not None)

    def _reading(self, inputs: Tensor, logits: Tensor) -> Reading:
        words = self.data.in_words(inputs, self.targets)
        return Reading(*words, self.data.labels, logits.detach().softmax(-1).numpy())

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

    def _index(self, label: str) -> int:
        vocabulary = self.data.vocabulary
        if label in vocabulary:
            return vocabulary.index(label)
        some = ", ".join(repr(entry) for entry in vocabulary[:LABELS_IN_A_SENTENCE])
        more = "" if len(vocabulary) <= LABELS_IN_A_SENTENCE else ", …"
        raise ValueError(
            f"ChangeToken: label is {label!r}, expected one of the vocabulary's {len(vocabulary)}: {some}{more}"
        )
