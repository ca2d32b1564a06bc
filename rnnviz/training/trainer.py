"""A trainer: what learns, and all that can be seen of it. No threads, no Qt: what the window runs, a script can run."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from rnnviz.cells.cell import State
from rnnviz.config.run_config import RunConfig
from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.continuation import Forecast, GoingOn, OwnSequence, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.run import RunFacts
from rnnviz.domain.trace import SelfCheck, Trace
from rnnviz.domain.values import Symbols
from rnnviz.domain.vectors import Vectors
from rnnviz.networks import Network
from rnnviz.tasks.task import Task
from rnnviz.tracing.study import Study, Subject
from rnnviz.training.anatomy import take_apart
from rnnviz.training.checking import check
from rnnviz.training.diverged import DivergedError
from rnnviz.training.embedding import as_it_is, no_embedding
from rnnviz.training.learner import Learner, check_fork
from rnnviz.training.shown import Shown
from rnnviz.training.speaker import Speaker, forecast_study, mute_network, own_tensors, sampling_study

__all__ = ["DivergedError", "Trainer"]


class Trainer(Learner):
    """Trains the network that ``config`` describes. The same configuration gives the same numbers, bit for bit.

    What learns is `Learner`; this is what can be seen of it.
    """

    def __init__(self, config: RunConfig, *, task: Task | None = None, vectors: Vectors | None = None) -> None:
        super().__init__(config, task=task, vectors=vectors)
        self._likeness: tuple[Network, Tensor] | None = None  # what portraits are of, and the row of its weights
        self._own: OwnSequence | None = None  # what is displayed in place of the task's sequence

    @property
    def facts(self) -> RunFacts:
        """What is known before the first update."""
        note, vectors = self._data.task.note, self._vectors
        return RunFacts(
            task_note=note if vectors is None else f"{note} {vectors.note}",
            reads=self._data.reads,
            predicts=self._data.predicts,
            parameters=sum(self._row.sizes),
            frozen=sum(part.numel() for part in self.network.parameters() if not part.requires_grad),
            missing=() if vectors is None else vectors.missing,
            chance=self._data.chance,
            best=self._data.best,
            mute=mute_network(self._data.task, bidirectional=self.config.bidirectional),
            notation=getattr(self._data.task, "notation", ""),
            others=self._data.others,
        )

    def fork(self, **changes: Any) -> "Trainer":
        """Return an independent twin at this very point that differs in ``changes`` from its next update on.

        Beside what `set` changes: ``optimizer``, whose memory begins empty, and ``forget_bias``, by whose difference
        the forget gates' biases are shifted as they are by now; its trace then shows the weights that come of that.
        Raises ValueError for anything else.
        """
        config = self.config.changed(**changes)
        check_fork(changes, "a fork")
        twin = Trainer(self.config, task=self._data.task, vectors=self._vectors)
        twin.restore(self.snapshot())
        twin.display(self._own)
        twin._become(config)
        return twin

    def trace(self, interventions: Sequence[Intervention] = ()) -> Trace:
        """Trace the displayed sequence with the weights from before the newest update.

        After an update with ``shown="batch"`` it is the first sequence of that update's batch. ``interventions`` change
        something inside the pass (`ClampGate`, `ZeroUnit`, `ChangeToken`, `SetInitial`); nothing of it is learned.
        Raises ValueError for one that does not fit the present network or sequence.
        """
        shown, given = self._shown(), tuple(interventions)
        found = shown.trace(given) if given else shown.trace_as_it_is()
        update = self._shown_update
        untouched = None if found.untouched is None else replace(found.untouched, update=update, check=self._check)
        return replace(found, update=update, check=self._check, untouched=untouched)

    def portrait(self) -> Callable[[], Trace]:
        """Take down what `trace` would show, and return what makes it, on any thread while the training goes on.

        The next portrait may only be taken when that is done: the copy of the weights is the same.
        """
        if self._likeness is None:
            network = self._build().requires_grad_(False)
            self._likeness = network, self._row.give_to(network)
        network, row = self._likeness
        row.copy_(self._row.weights.detach() if self._last is None else self._row.before)
        shown, update, checked = self._shown(network), self._shown_update, self._check
        return lambda: replace(shown.trace_as_it_is(), update=update, check=checked)

    def sampling(self, how: GoingOn) -> Study[Sampled] | None:
        """Let the network go on by itself behind a token of the displayed sequence, label by label.

        None where ``facts.mute`` says why it cannot, or where it predicts numbers.
        """
        return sampling_study(self._speaker, how, self._shown_update)

    def forecast(self, how: GoingOn) -> Study[Forecast] | None:
        """The same with numbers, some steps ahead; None where it cannot, or predicts labels."""
        return forecast_study(self._speaker, how, self._shown_update)

    @property
    def _speaker(self) -> Speaker:
        return Speaker(self._shown(), self._shown_network, self._data.task)

    def display(self, own: OwnSequence | None) -> None:
        """Trace this sequence from now on, or again the task's own. Raises ValueError for labels that it cannot read.

        Its losses are of its own labels.
        """
        if own is not None:
            reason = mute_network(self._data.task, bidirectional=False)
            if reason:
                raise ValueError(f"another sequence cannot be shown: {reason}")
            own_tensors(own, self._labels)
        self._own = own

    @property
    def own(self) -> OwnSequence | None:
        """What is displayed in place of the task's own sequence."""
        return self._own

    def subject(self) -> Subject:
        """What `trace` traces, for studies of the same sequence with the same weights."""
        return self._shown().subject(self._shown_update)

    @property
    def _shown_update(self) -> int | None:
        """The update of which a trace is; None where it shows weights that no update is known of."""
        return None if self._last is None else self._last.update

    @property
    def _shown_network(self) -> Network:
        return self.network if self._last is None else self._before

    def _shown(self, likeness: Network | None = None) -> Shown:
        """What is traced, read by the network that is shown, or by a likeness of it."""
        network = self._shown_network if likeness is None else likeness
        if self._own is not None:
            inputs, targets, initial = own_tensors(self._own, self._labels)
            return Shown.of(network, self._data, inputs, targets, carried=initial, written=self._own.written)
        inputs, targets = self._displayed()
        carried, padding = self._displayed_initial(), self._data.padding(targets)
        return Shown.of(network, self._data, inputs, targets, carried=carried, padding=padding)

    @property
    def _labels(self) -> tuple[str, ...]:
        """What can be read; nothing where numbers are."""
        return self._data.reads.labels if isinstance(self._data.reads, Symbols) else ()

    def self_check(self) -> SelfCheck | None:
        """Rebuild the weight gradient of the newest update from states and gates.

        None before the first update, and for a cell without a recursion of its own: autograd would be compared with
        itself.
        """
        last = self._last
        if last is None or not self._before.cell.has_recursion:
            return None
        self._check = check(last, self._before, self._row)
        return self._check

    def anatomy(self) -> UpdateAnatomy | None:
        """Take the newest update apart; None before the first, and when its weights of before are gone."""
        if self._last is None:
            return None
        return take_apart(self._last, self._row, self.network.cell, self._share_clipped)

    def embedding_map(self) -> EmbeddingMap:
        """What the embedding of the traced network is, with its own copy of the vectors; its places are not found yet.

        Without tokens where numbers are read or tokens as they are.
        """
        weight = getattr(self._shown_network.embedding, "weight", None)
        if weight is None:
            return no_embedding(self._data.reads)
        return as_it_is(weight, self._data, self._vectors, self.config, self._shown_update)

    def _displayed(self) -> tuple[Tensor, Tensor]:
        if self.config.shown == "batch" and self._last is not None:
            return self._data.first_sequence(self._last.inputs, self._last.targets)
        return self._data.displayed()

    def _displayed_initial(self) -> list[State] | None:
        """What was carried into the displayed sequence; None for zeros."""
        initial = None if self._last is None else self._last.read.initial
        if self.config.shown != "batch" or initial is None:
            return None
        return [tuple(part[:1] for part in state) for state in initial]
