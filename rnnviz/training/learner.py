"""Learning, one update at a time: batch, forward, loss, backward, clip, step. Takes itself down and goes back."""

import itertools
import time
from collections import deque
from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

import torch

from rnnviz.cells.cell import State
from rnnviz.config.run_config import FORK_FIELDS, LIVE_FIELDS, RunConfig
from rnnviz.domain.post_mortem import INFINITE, PostMortem
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import SelfCheck
from rnnviz.domain.values import Numbers
from rnnviz.domain.vectors import Vectors
from rnnviz.networks import Network, build_network, shift_forget_bias
from rnnviz.tasks.task import Task
from rnnviz.training.batch_read import BatchRead, writes_at
from rnnviz.training.clipping import Clipping, clip_gradients
from rnnviz.training.data import Data
from rnnviz.training.diverged import DivergedError, nonfinite, poisonous
from rnnviz.training.dropout import Dropout, masks_from
from rnnviz.training.newest import Newest
from rnnviz.training.optimizers import OPTIMIZERS
from rnnviz.training.parameter_row import ParameterRow, Step, measured_step
from rnnviz.training.post_mortem import examine
from rnnviz.training.scoring import accuracy, mean_loss
from rnnviz.training.snapshot import (
    Snapshot,
    copied,
    kept,
    kept_states,
    revived,
    revived_states,
)
from rnnviz.training.vectors import starting_vectors

SHARE_WINDOW = 100  # updates over which the share of clipped ones is taken
VALIDATE_EVERY = 50  # updates


class Learner:
    """The network that ``config`` describes, and all that its next update depends on."""

    def __init__(self, config: RunConfig, *, task: Task | None = None, vectors: Vectors | None = None) -> None:
        """``task``, ``vectors``: those of ``config``, where they are open already.

        Vectors from a file decide how many numbers stand for a token: ``config.embedding`` follows them.
        """
        self._data = Data(config, task)
        self._vectors = vectors or starting_vectors(config, self._data.task)
        if self._vectors is not None and self._vectors.dimension != config.embedding:
            config = config.changed(embedding=self._vectors.dimension)
        self.config = config
        self.network = self._build(self._vectors)
        # Holds the weights of before the newest update: traces read them while the live ones have moved on.
        self._before = self._build().requires_grad_(False)
        self._row = ParameterRow(self.network, self._before)
        self._optimizer = OPTIMIZERS[config.optimizer](self._row.weights, config.rate)
        self._dropout = Dropout(config.seed)
        self._carried: tuple[State, ...] | None = None  # what the next batch begins with; None: zeros
        self._update = 0
        self._recently_clipped: deque[bool] = deque(maxlen=SHARE_WINDOW)
        self._last: Newest | None = None
        self._check: SelfCheck | None = None
        self.record: UpdateRecord | None = None  # of the newest update

    @property
    def task(self) -> Task:
        """What is learned, opened."""
        return self._data.task

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Of all that is learned, in the order of every record."""
        return tuple(self._row.names)

    def set(self, **changes: Any) -> None:
        """Change ``rate``, ``clip``, ``threshold``, ``dropout`` or ``shown`` from the next update on.

        Raises ValueError for what needs a new network, and for values that RunConfig refuses.
        """
        for name in changes:
            if name not in LIVE_FIELDS:
                raise ValueError(f"{name} cannot change while running, expected one of {', '.join(LIVE_FIELDS)}")
        self.config = self.config.changed(**changes)
        self._optimizer.rate = self.config.rate

    def updates(self, n: int | None = None) -> Iterator[UpdateRecord]:
        """Run ``n`` updates, or endlessly, and yield the record of each.

        Raises DivergedError, with the weights untouched, when the loss or a gradient is not finite.
        """
        for _ in itertools.count() if n is None else range(n):
            yield self.update()

    def update(self) -> UpdateRecord:
        """One optimiser step: forward, loss, backward, clip, step. One that diverged is tried again with its batch."""
        generators = self._data.random.bit_generator, self._dropout.random.bit_generator
        states, number = [generator.state for generator in generators], self._data.number  # copies, numpy makes them
        started = time.perf_counter()
        try:
            return self._update_with(self._next_batch(), started)
        except DivergedError:
            for generator, state in zip(generators, states, strict=True):
                generator.state = state
            self._data.number = number
            raise

    def _update_with(self, read: BatchRead, started: float) -> UpdateRecord:
        loss, share_right, last = self._backward(read)
        raw = self._row.gradient.clone()
        clipping = clip_gradients(self._row.gradient, self._row.starts, self.config.clip, self.config.threshold)
        self._refuse_what_diverged(loss, clipping, read)
        step = self._step()
        self._last = Newest(self._update + 1, self.config, read, raw)
        self._carried = last if self.config.carry else None
        self._update += 1
        self._recently_clipped.append(clipping.clipped)
        seconds = time.perf_counter() - started
        validation_loss, validation_accuracy = self._validate()
        self.record = UpdateRecord(
            update=self._update,
            loss=loss,
            accuracy=share_right,
            grad_norm=clipping.norm,
            grad_norm_clipped=clipping.norm_clipped,
            clip_coefficient=clipping.coefficient,
            clip_cosine=clipping.cosine,
            clipped=clipping.clipped,
            share_clipped=self._share_clipped,
            clip=self.config.clip,
            threshold=self.config.threshold,
            rate=self.config.rate,
            update_ratio=step.ratio,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            seconds=seconds,
            grad_norms=dict(zip(self._row.names, clipping.norms.tolist(), strict=True)),
            grad_norms_clipped=dict(zip(self._row.names, clipping.norms_clipped.tolist(), strict=True)),
            update_ratios=dict(zip(self._row.names, step.ratios, strict=True)),
        )
        return self.record

    @property
    def newest(self) -> int:
        """Number of the update that `trace` shows; 0 before the first."""
        return self._update

    def snapshot(self) -> Snapshot:
        """Keep everything: the weights, those of before, the optimiser's memory, random state, the newest update."""
        return Snapshot(
            update=self._update,
            config=self.config,
            weights=copied(self._row.weights),
            before=copied(self._row.before),
            optimizer=MappingProxyType({name: copied(part) for name, part in self._optimizer.memory.items()}),
            random=MappingProxyType(self._data.random.bit_generator.state),  # a copy, numpy makes it
            dropout_random=MappingProxyType(self._dropout.random.bit_generator.state),
            batch_number=self._data.number,
            carried=kept_states(self._carried),
            recently_clipped=tuple(self._recently_clipped),
            newest=kept(self._last),
            check=self._check,
            record=self.record,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go to where ``snapshot`` was made; what follows is what followed then, bit for bit.

        Raises ValueError when it was made with settings that a fork cannot change.
        """
        check_fork(self.config.difference(snapshot.config), "a snapshot to restore")
        if snapshot.config.optimizer != self.config.optimizer:
            self._optimizer = OPTIMIZERS[snapshot.config.optimizer](self._row.weights, snapshot.config.rate)
        self._row.fill(snapshot.weights, snapshot.before)
        self._optimizer.remind(snapshot.optimizer)
        self._data.random.bit_generator.state = dict(snapshot.random)
        self._dropout.random.bit_generator.state = dict(snapshot.dropout_random)
        self._data.number, self._carried = snapshot.batch_number, revived_states(snapshot.carried)
        self._recently_clipped = deque(snapshot.recently_clipped, maxlen=SHARE_WINDOW)
        self._last, self._check, self._update = revived(snapshot.newest), snapshot.check, snapshot.update
        self.config, self.record = snapshot.config, snapshot.record
        self._optimizer.rate = self.config.rate

    def _become(self, config: RunConfig) -> None:
        """Have the settings of a fork from the next update on."""
        old, self.config = self.config, config
        if config.optimizer != old.optimizer:
            self._optimizer = OPTIMIZERS[config.optimizer](self._row.weights, config.rate)
        if config.forget_bias != old.forget_bias:
            shift_forget_bias(self.network.recurrent, self.network.cell, old.forget_bias, config.forget_bias)
            self._last = None  # these weights are not what it led to
        self._optimizer.rate = self.config.rate

    def _build(self, vectors: Vectors | None = None) -> Network:
        reads, predicts = self._data.reads, self._data.predicts
        return build_network(
            self.config, reads.size, predicts.size, numbers=isinstance(reads, Numbers), vectors=vectors
        )

    @property
    def _share_clipped(self) -> float:
        return sum(self._recently_clipped) / len(self._recently_clipped)

    def _next_batch(self) -> BatchRead:
        inputs, targets = self._data.draw()
        dropout = self._dropout.draw(self.config, (inputs.shape[0], inputs.shape[1]))
        return BatchRead(inputs, targets, self._carried, dropout, self._data.ends(targets))

    def _backward(self, read: BatchRead) -> tuple[float, float, tuple[State, ...]]:
        """Loss per token, share of right predictions, the last states; leaves the gradients at the parameters."""
        self._row.gradient.zero_()
        masks = masks_from(read.dropout, self.config, (read.inputs.shape[0], read.inputs.shape[1]))
        writes = writes_at(self.network, read.targets)
        logits, _, last = self.network(read.inputs, read.initial, masks, writes, read.ends)
        right = accuracy(logits, read.targets, self._data.tolerance)  # while they are in the processor's cache
        loss = mean_loss(logits, read.targets)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        return float(loss.detach()), right, last

    def _refuse_what_diverged(self, loss: float, clipping: Clipping, read: BatchRead) -> None:
        update, names = self._update + 1, self._row.names
        problem = nonfinite(update, loss, clipping, names)
        if problem is not None:
            raise DivergedError(examine(problem, self.network, self.config, read))
        if self.config.optimizer != "sgd" and (poison := poisonous(update, clipping, names)) is not None:
            raise DivergedError(poison)

    def _step(self) -> Step:
        self._row.remember()
        self._optimizer.step()
        step = measured_step(self._row)
        if step.overflowed is not None:
            self._row.restore()
            self._last = None  # the weights that it used are gone
            raise DivergedError(PostMortem(self._update + 1, f"the step of {step.overflowed}", INFINITE))
        return step

    def _validate(self) -> tuple[float | None, float | None]:
        """Loss and accuracy on what is held out, every so often."""
        if self._data.held_out is None or self._update % VALIDATE_EVERY:
            return None, None
        inputs, targets = self._data.held_out
        with torch.no_grad():
            writes = writes_at(self.network, targets)
            logits = self.network(inputs, writes_at=writes, ends=self._data.held_out_ends).logits
            return float(mean_loss(logits, targets)), accuracy(logits, targets, self._data.tolerance)


def check_fork(changed: Iterable[str], what: str) -> None:
    """Raise ValueError unless a twin may differ in all that is ``changed``; ``what`` is asked for."""
    for name in changed:
        if name not in FORK_FIELDS:
            raise ValueError(f"{name} cannot differ in {what}, expected one of {', '.join(FORK_FIELDS)}")
