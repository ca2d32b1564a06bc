"""Training, one update at a time. No threads, no Qt: what the window runs, a script can run."""

import itertools
import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.config.run_config import FORK_FIELDS, LIVE_FIELDS, RunConfig
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import RunFacts
from rnnviz.domain.trace import SelfCheck, Trace
from rnnviz.networks import build_network, shift_forget_bias
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import Batch, Task
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.losses import Loss
from rnnviz.tracing.self_check import rebuilt_error
from rnnviz.training.clipping import Clipping, clip_gradients
from rnnviz.training.diverged import DivergedError
from rnnviz.training.newest import Newest
from rnnviz.training.optimizers import OPTIMIZERS
from rnnviz.training.parameter_row import ParameterRow
from rnnviz.training.shown import Shown
from rnnviz.training.snapshot import Snapshot, copied, kept, optimizer_memory, remind, revived

__all__ = ["DivergedError", "Trainer"]

SHARE_WINDOW = 100  # updates over which the share of clipped ones is taken
VALIDATE_EVERY = 50  # updates
SQUARE_FITS = 1e19  # below this an entry's square is within float32


class Material(NamedTuple):
    """One sequence and the network that reads it, for `InfluenceStudy` and `SpectrumStudy`."""

    stack: list[list[Layer]]
    x: Tensor  # (T, D)
    loss: Loss  # local: each depends on the output at its own token alone
    update: int


class Trainer:
    """Trains the network that ``config`` describes. The same configuration gives the same numbers, bit for bit."""

    def __init__(self, config: RunConfig, *, task: Task | None = None) -> None:
        """``task``: the one of ``config``, where it is open already."""
        self.config = config
        self._task = task or TASKS[config.task].open(config.file, config.length)
        self.network = build_network(config, len(self._task.vocabulary))
        # Holds the weights of before the newest update: traces read them while the live ones have moved on.
        self._before = build_network(config, len(self._task.vocabulary)).requires_grad_(False)
        self._row = ParameterRow(self.network, self._before)
        self._optimizer = OPTIMIZERS[config.optimizer]([self._row.weights], config.rate)
        self._data_random = np.random.default_rng(config.seed)
        self._held_out = self._task.held_out(config.length)
        self._update = 0
        self._recently_clipped: deque[bool] = deque(maxlen=SHARE_WINDOW)
        self._last: Newest | None = None
        self._check: SelfCheck | None = None
        self.record: UpdateRecord | None = None  # of the newest update

    @property
    def facts(self) -> RunFacts:
        """What is known before the first update."""
        vocabulary = self._task.vocabulary
        return RunFacts(
            task_note=self._task.note,
            vocabulary=vocabulary,
            parameters=sum(self._row.sizes),
            chance_loss=float(np.log(len(vocabulary))),
        )

    def set(self, **changes: Any) -> None:
        """Change ``rate``, ``clip``, ``threshold`` or ``shown`` from the next update on.

        Raises ValueError for what needs a new network, and for values that RunConfig refuses.
        """
        for name in changes:
            if name not in LIVE_FIELDS:
                raise ValueError(f"{name} cannot change while running, expected one of {', '.join(LIVE_FIELDS)}")
        self.config = self.config.changed(**changes)
        self._set_rate()

    def snapshot(self) -> Snapshot:
        """Keep everything: the weights, those of before, the optimiser's memory, random state, the newest update."""
        return Snapshot(
            update=self._update,
            config=self.config,
            weights=copied(self._row.weights),
            before=copied(self._row.before),
            optimizer=optimizer_memory(self._optimizer, self._row.weights),
            random=MappingProxyType(self._data_random.bit_generator.state),  # a copy, numpy makes it
            recently_clipped=tuple(self._recently_clipped),
            newest=kept(self._last),
            check=self._check,
            record=self.record,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go to where ``snapshot`` was made; what follows is what followed then, bit for bit.

        Raises ValueError when it was made with settings that a fork cannot change.
        """
        _check_fork(self.config.difference(snapshot.config), "a snapshot to restore")
        if snapshot.config.optimizer != self.config.optimizer:
            self._optimizer = OPTIMIZERS[snapshot.config.optimizer]([self._row.weights], snapshot.config.rate)
        self._row.fill(snapshot.weights, snapshot.before)
        remind(self._optimizer, self._row.weights, snapshot.optimizer)
        self._data_random.bit_generator.state = dict(snapshot.random)
        self._recently_clipped = deque(snapshot.recently_clipped, maxlen=SHARE_WINDOW)
        self._last, self._check, self._update = revived(snapshot.newest), snapshot.check, snapshot.update
        self.config, self.record = snapshot.config, snapshot.record
        self._set_rate()

    def fork(self, **changes: Any) -> "Trainer":
        """Return an independent twin at this very point that differs in ``changes`` from its next update on.

        Beside what `set` changes: ``optimizer``, whose memory begins empty, and ``forget_bias``, by whose difference
        the forget gates' biases are shifted as they are by now. Raises ValueError for anything else.
        """
        config = self.config.changed(**changes)
        _check_fork(changes, "a fork")
        twin = Trainer(self.config, task=self._task)
        twin.restore(self.snapshot())
        twin._become(config)
        return twin

    def _become(self, config: RunConfig) -> None:
        old, self.config = self.config, config
        if config.optimizer != old.optimizer:
            self._optimizer = OPTIMIZERS[config.optimizer]([self._row.weights], config.rate)
        if config.forget_bias != old.forget_bias:
            shift_forget_bias(self.network.layers, self.network.cell, old.forget_bias, config.forget_bias)
        self._set_rate()

    def _set_rate(self) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = self.config.rate

    def updates(self, n: int | None = None) -> Iterator[UpdateRecord]:
        """Run ``n`` updates, or endlessly, and yield the record of each.

        Raises DivergedError, with the weights untouched, when the loss or a gradient is not finite.
        """
        for _ in itertools.count() if n is None else range(n):
            yield self.update()

    def update(self) -> UpdateRecord:
        """One optimiser step: forward, loss, backward, clip, step."""
        started = time.perf_counter()
        inputs, targets = self._draw()
        loss, accuracy = self._backward(inputs, targets)
        raw = self._row.gradient.clone()
        clipping = clip_gradients(self._row.gradient, self._row.starts, self.config.clip, self.config.threshold)
        self._refuse_nonfinite(loss, clipping)
        self._refuse_what_poisons_the_optimizer(clipping)
        ratios, ratio = self._step()
        self._last = Newest(self._update + 1, self.config, inputs, targets, raw)
        self._update += 1
        self._recently_clipped.append(clipping.clipped)
        self.record = UpdateRecord(
            update=self._update,
            loss=loss,
            accuracy=accuracy,
            grad_norm=clipping.norm,
            grad_norm_clipped=clipping.norm_clipped,
            clip_coefficient=clipping.coefficient,
            clip_cosine=clipping.cosine,
            clipped=clipping.clipped,
            share_clipped=sum(self._recently_clipped) / len(self._recently_clipped),
            clip=self.config.clip,
            threshold=self.config.threshold,
            rate=self.config.rate,
            update_ratio=ratio,
            validation_loss=self._validate() if self._update % VALIDATE_EVERY == 0 else None,
            seconds=time.perf_counter() - started,
            grad_norms=dict(zip(self._row.names, clipping.norms.tolist(), strict=True)),
            grad_norms_clipped=dict(zip(self._row.names, clipping.norms_clipped.tolist(), strict=True)),
            update_ratios=dict(zip(self._row.names, ratios, strict=True)),
        )
        return self.record

    def trace(self, interventions: Sequence[Intervention] = ()) -> Trace:
        """Trace the displayed sequence with the weights from before the newest update.

        After an update with ``shown="batch"`` it is the first sequence of that update's batch. ``interventions`` change
        something inside the pass (`ClampGate`, `ZeroUnit`, `ChangeToken`, `SetInitial`); nothing of it is learned.
        Raises ValueError for one that does not fit the present network or sequence.
        """
        network = self.network if self._last is None else self._before
        shown = Shown(network, _stack_of(network), self._task.vocabulary, *self._displayed())
        given = tuple(interventions)
        found = shown.trace(given) if given else shown.trace_as_it_is()
        update = None if self._last is None else self._last.update
        untouched = None if found.untouched is None else replace(found.untouched, update=update, check=self._check)
        return replace(found, update=update, check=self._check, untouched=untouched)

    @property
    def newest(self) -> int:
        """Number of the update that `trace` shows; 0 before the first."""
        return self._update

    def material(self) -> Material:
        """What `trace` traces, for studies of the same sequence with the same weights."""
        inputs, targets = self._displayed()
        network = self.network if self._last is None else self._before

        def loss(top: Tensor) -> Tensor:
            return nn.functional.cross_entropy(network.readout(top), targets, reduction="none")

        with torch.no_grad():
            x = network.embedding(inputs)
        return Material(_stack_of(network), x, loss, self._update)

    def self_check(self) -> SelfCheck | None:
        """Rebuild the weight gradient of the newest update from states and gates.

        None before the first update, and for a cell without ``adjoint``: it is traced by autograd itself, which would
        be compared with itself.
        """
        last = self._last
        if last is None or self._before.cell.adjoint is None:
            return None
        with torch.no_grad():
            x = self._before.embedding(last.inputs).transpose(0, 1).contiguous()
            logits, _ = self._before(last.inputs)
            # d(mean cross-entropy)/d(logits) = (softmax − one-hot) / (B·T)
            wrong = logits.softmax(-1) - nn.functional.one_hot(last.targets, logits.shape[-1])
            direct = (wrong / last.targets.numel()) @ self._before.readout.weight
        used = [
            self._row.part(last.gradient, f"layers.{depth}.weight_hh_l0").view_as(layer.get_parameter("weight_hh_l0"))
            for depth, layer in enumerate(self.network.layers)
        ]
        error = rebuilt_error(_stack_of(self._before), x, direct.transpose(0, 1).contiguous(), used)
        self._check = SelfCheck(last.update, error)
        return self._check

    def _draw(self) -> tuple[Tensor, Tensor]:
        return _tensors(self._task.batch(self._data_random, self.config.batch, self.config.length))

    def _backward(self, inputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Loss in nats per token and share of right predictions; leaves the gradients at the parameters."""
        self._row.gradient.zero_()
        logits = self.network(inputs).logits.flatten(0, 1)
        labels = targets.flatten()
        loss = nn.functional.cross_entropy(logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        # numpy's argmax takes a third of the time of torch's.
        right = logits.detach().numpy().argmax(1) == labels.numpy()
        return float(loss.detach()), np.count_nonzero(right) / right.size

    def _refuse_nonfinite(self, loss: float, clipping: Clipping) -> None:
        if math.isfinite(loss) and math.isfinite(clipping.norm):
            return
        named = [("the loss", loss)]
        named += [(f"the gradient of {name}", norm) for name, norm in zip(self._row.names, clipping.norms, strict=True)]
        for tensor, value in named:
            if not math.isfinite(value):
                raise DivergedError(self._update + 1, tensor, "a NaN" if np.isnan(value) else "an infinite value")

    def _refuse_what_poisons_the_optimizer(self, clipping: Clipping) -> None:
        """Adam and RMSprop square every entry; one infinite square would stop its weight for ever, silently."""
        if self.config.optimizer == "sgd" or clipping.norm_clipped < SQUARE_FITS:
            return
        name = self._row.names[int(clipping.norms_clipped.argmax())]
        raise DivergedError(self._update + 1, f"the gradient of {name}", "entries whose squares leave float32")

    def _step(self) -> tuple[list[float], float]:
        """Let the optimiser move the weights; ‖step‖ / ‖weights‖ per parameter and of all together."""
        self._row.remember()
        self._optimizer.step()
        weights, steps = self._row.squared_norms()
        if not np.isfinite(steps).all():
            self._row.restore()
            self._last = None  # the weights that it used are gone
            name = self._row.names[int(np.isfinite(steps).argmin())]
            raise DivergedError(self._update + 1, f"the step of {name}", "an infinite value")
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.nan_to_num(np.sqrt(steps / weights), nan=0.0, posinf=np.inf)
        return ratios.tolist(), float(np.sqrt(steps.sum() / weights.sum()))

    def _validate(self) -> float | None:
        if self._held_out is None:
            return None
        inputs, targets = _tensors(self._held_out)
        with torch.no_grad():
            logits = self.network(inputs).logits.flatten(0, 1)
            return float(nn.functional.cross_entropy(logits, targets.flatten()))

    def _displayed(self) -> tuple[Tensor, Tensor]:
        if self.config.shown == "batch" and self._last is not None:
            return self._last.inputs[0], self._last.targets[0]
        inputs, targets = _tensors(self._task.displayed(self.config.length))
        return inputs[0], targets[0]


def _check_fork(changed: Iterable[str], what: str) -> None:
    for name in changed:
        if name not in FORK_FIELDS:
            raise ValueError(f"{name} cannot differ in {what}, expected one of {', '.join(FORK_FIELDS)}")


def _stack_of(network: Any) -> list[list[Layer]]:
    return [[Layer(network.cell, module, depth)] for depth, module in enumerate(network.layers)]


def _tensors(batch: Batch) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
