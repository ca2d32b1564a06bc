"""A model that was trained elsewhere, shown as it is: traced and studied like a trainer's network, never updated."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.checkpoints import inspect, open_checkpoint
from rnnviz.checkpoints.layers import build_layers, precision
from rnnviz.config import RunConfig
from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.checkpoint import SCALARS, FoundStack, ModelChoice
from rnnviz.domain.continuation import Forecast, GoingOn, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import Line, RunFacts
from rnnviz.domain.trace import SelfCheck, Trace
from rnnviz.domain.values import Symbols
from rnnviz.files.sequence import Sequence as Read
from rnnviz.files.sequence import Source, read_sequence
from rnnviz.networks import ReadOut
from rnnviz.tasks.task import NO_TARGET
from rnnviz.tracing.study import Study, Subject
from rnnviz.training.embedding import no_embedding
from rnnviz.training.fixed_ends import build_ends, predicted
from rnnviz.training.shown import Shown
from rnnviz.training.trainer import Trainer

MOST_LAYERS, MOST_UNITS = 4, 1024  # of a configuration


class FixedModel:
    """What the worker asks of a trainer, for weights that do not change. One sequence, one scalar."""

    newest = 0
    attention = None
    record: UpdateRecord | None = None

    def __init__(self, choice: ModelChoice) -> None:
        """Raises BadFileError or ValueError with a sentence for a choice that does not fit the file or the data."""
        opened = open_checkpoint(choice.path)
        found = inspect(opened)
        stack = found.stack(choice.stack)
        dtype = precision(opened, stack)
        self.stack = build_layers(opened, stack, choice.cell)
        ends = build_ends(opened, found, choice, dtype)
        self.embedding, self.readout, self._score = ends.embedding, ends.readout, ends.score
        part = choice.start, choice.length, choice.seed
        read = read_sequence(Source(choice.data, choice.vocabulary, choice.labels, ends.size, *part))
        self.reads, self.predicts = read.kind, predicted(ends, read.kind, choice)
        self._inputs = self._read(read.values[: read.tokens], dtype)
        self._targets = self._asked(read, dtype, asked=choice.scalar == "next")
        self.config = nearest(self.stack[0][0].cell.name, stack)
        modules = [*(layer.module for depth in self.stack for layer in depth), self.embedding, self.readout]
        count = sum(tensor.numel() for module in modules for tensor in module.state_dict().values())
        self.facts = self._facts(choice, f"{stack.title} ({stack.made_of})", read.note, count)

    def trace(self, interventions: Sequence[Intervention] = ()) -> Trace:
        """Trace the sequence; ``interventions`` as in `Trainer.trace`."""
        shown, given = self._shown(), tuple(interventions)
        return shown.trace(given) if given else shown.trace_as_it_is()

    def portrait(self) -> Callable[[], Trace]:
        """What makes the trace; nothing changes in the meantime."""
        return self.trace

    def subject(self) -> Subject:
        """What `trace` traces, for studies."""
        return self._shown().subject(None)

    def self_check(self) -> SelfCheck | None:
        """Nothing was trained here, so there is no gradient to compare with; ``rnnviz verify`` compares with torch."""
        return None

    def anatomy(self) -> UpdateAnatomy | None:
        """There is no update to take apart."""
        return None

    def embedding_map(self) -> EmbeddingMap:
        """The vectors of what is read, if it has any."""
        if not isinstance(self.embedding, nn.Embedding) or not isinstance(self.reads, Symbols):
            return no_embedding(self.reads)
        vectors = self.embedding.weight.numpy().copy()
        counts = np.bincount(self._inputs.numpy(), minlength=len(vectors))
        places = np.zeros((len(vectors), 2))
        note = "The vectors of the file."
        counted = "the sequence that is shown"
        return EmbeddingMap(
            self.reads.labels, vectors, places, (0.0, 0.0), counts, frozen=True, note=note, counted=counted
        )

    def sampling(self, how: GoingOn) -> Study[Sampled] | None:
        """It does not go on by itself."""
        return None

    def forecast(self, how: GoingOn) -> Study[Forecast] | None:
        """It does not go on by itself."""
        return None

    def refuse(self, *_: Any, **changes: Any) -> NoReturn:
        """Say that this is not trained. Raises ValueError."""
        raise ValueError(self.facts.fixed)

    update = set = fork = snapshot = restore = display = refuse

    def read_out(self, top: Tensor, writes_at: Tensor | None) -> ReadOut:
        """Outputs (1, T, ·) of the one sequence; nothing is written by it."""
        return ReadOut(self.readout(top[0])[None])

    def _shown(self) -> Shown:
        return Shown(self, self.stack, self, self._inputs, self._targets, score=self._score)

    def _facts(self, choice: ModelChoice, what: str, note: str, parameters: int) -> RunFacts:
        chance = math.log(self.predicts.size) if isinstance(self.predicts, Symbols) else math.nan
        return RunFacts(
            task_note=f"{choice.path.name}: {what}. {note} L is the {SCALARS[choice.scalar]}.",
            reads=self.reads,
            predicts=self.predicts,
            parameters=parameters,
            chance=Line("chance", chance),
            mute="a model from a file is shown as it is",
            fixed=f"{choice.path.name} is shown as it is and is not trained. To train, change the settings and start a "
            "new run, or go back (Ctrl+Z).",
        )

    def _read(self, values: Any, dtype: torch.dtype) -> Tensor:
        made = torch.from_numpy(values.copy())
        return made if isinstance(self.reads, Symbols) else made.to(dtype)

    def _asked(self, read: Read, dtype: torch.dtype, *, asked: bool) -> Tensor:
        """What should come next, (T,) or (T, O); nothing where that is not known, or not asked."""
        if isinstance(self.predicts, Symbols):
            targets = torch.full((read.tokens,), NO_TARGET)
        else:
            targets = torch.full((read.tokens, self.predicts.size), torch.nan, dtype=dtype)
        if asked:
            known = self._read(read.values[1 : read.tokens + 1], dtype)
            targets[: len(known)] = known
        return targets


Model = Trainer | FixedModel


def nearest(cell: str, stack: FoundStack) -> RunConfig:
    """A configuration with layers like these: what the settings propose for a new run."""
    hidden = min(max(layer.hidden for layer in stack.layers), MOST_UNITS)
    layers = min(stack.depth, MOST_LAYERS)
    return RunConfig(cell=cell, hidden=hidden, layers=layers, bidirectional=stack.directions == 2)
