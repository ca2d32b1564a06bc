"""A trained network made to go on by itself behind the displayed sequence."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.horizons import last_value, seasonal_growth
from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.domain.continuation import Forecast, GoingOn, OwnSequence, Sampled
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.networks import Network
from rnnviz.tasks.task import Task, asked, mute
from rnnviz.tracing.continuation import SLICE, Beginning, Reader, Rule, Series, as_states, forecasting, sampling
from rnnviz.tracing.study import Study
from rnnviz.training.shown import Shown

WRITTEN = 160  # labels
PER_SLICE = 1_000_000  # weights times tokens


class Speaker(NamedTuple):
    """What goes on by itself, and from where."""

    shown: Shown
    network: Network
    task: Task

    @property
    def mute(self) -> str:
        """Why this network cannot go on by itself; empty where it can."""
        return mute_network(self.task, bidirectional=any(len(depth) > 1 for depth in self.shown.stack))


def sampling_study(speaker: Speaker, how: GoingOn, update: int | None = None) -> Study[Sampled] | None:
    """Labels behind the displayed prefix up to ``how.after``; None where the network cannot go on."""
    kind = speaker.shown.data.predicts
    if not isinstance(kind, Symbols) or speaker.mute:
        return None
    begin = _beginning(speaker, speaker.shown.inputs[: how.after + 1])
    return Study(sampling(begin, kind.labels, WRITTEN, how, update))


def forecast_study(speaker: Speaker, how: GoingOn, update: int | None = None) -> Study[Forecast] | None:
    """Numbers behind the displayed token ``how.after``; None where the network cannot go on."""
    kind = speaker.shown.data.predicts
    if not isinstance(kind, Numbers) or speaker.mute:
        return None
    begin = _beginning(speaker, speaker.shown.inputs)
    return Study(forecasting(begin, _series(speaker, kind.names), how, update))


def _beginning(speaker: Speaker, inputs: Tensor) -> Beginning:
    """Copies of everything, since the training goes on; slices of some milliseconds."""
    weights = sum(parameter.numel() for parameter in speaker.network.parameters())
    rows = max(min(SLICE, PER_SLICE // weights), 1)
    return Beginning(reader_of(speaker.network), inputs.clone(), _states(speaker.shown), rows)


def mute_network(task: Task, *, bidirectional: bool) -> str:
    """Why such a network cannot go on by itself for ``task``; empty where it can."""
    reason = mute(task)
    if reason or not bidirectional:
        return reason
    return "it also reads from the last token to the first, and what it would write last is not there yet"


@torch.no_grad()
def reader_of(network: Network) -> Reader:
    """A copy of ``network`` that stays as it is."""
    own = copy.deepcopy(network).requires_grad_(False)

    def read(inputs: Tensor, states: Sequence[State] | None) -> tuple[Tensor, Sequence[State]]:
        with torch.no_grad():
            found = own(inputs, states)
        return found.logits, found.last

    return read


def own_tensors(own: OwnSequence, vocabulary: tuple[str, ...]) -> tuple[Tensor, Tensor, list[State] | None]:
    """Inputs (T,), targets (T,) and states of ``own``. Raises ValueError for labels that the network does not know."""
    unknown = [label for label in own.labels if label not in vocabulary]
    if unknown:
        raise ValueError(f"the sequence has the label {unknown[0]!r}, which the network cannot read")
    places = {label: place for place, label in enumerate(vocabulary)}
    codes = np.array([places[label] for label in own.labels], dtype=np.int64)
    return torch.from_numpy(codes[:-1].copy()), torch.from_numpy(codes[1:].copy()), as_states(own.initial)


def _series(speaker: Speaker, names: tuple[str, ...]) -> Series:
    read, targets = speaker.shown.inputs.numpy(), speaker.shown.targets.numpy()
    came = np.where(np.isnan(targets[-1:]), read[-1:], targets[-1:])
    counts = np.concatenate([[False], asked(targets)])
    return Series(np.concatenate([read, came]), counts, _rules(speaker.task), names)


def _rules(task: Task) -> dict[str, Rule]:
    """What the forecast is compared with."""
    season: int | None = getattr(task, "season", None)
    rules: dict[str, Rule] = {"stays as it is": last_value}
    if season is not None:

        def grows(x: Array, origin: int, ahead: int) -> Array:
            return seasonal_growth(x, origin, ahead, season)

        rules[f"grows as {season} before"] = grows
    return rules


def _states(shown: Shown) -> list[State] | None:
    return None if shown.carried is None else [tuple(part.clone() for part in state) for state in shown.carried]
