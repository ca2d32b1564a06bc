"""What a trainer reads: batches to learn from, sequences held out, one to show. As tensors."""

from functools import cached_property
from typing import cast

import numpy as np
import torch
from torch import Tensor

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import TOLERANCE, Numbers
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import (
    Batch,
    Consecutive,
    Task,
    asked,
    best,
    chance,
    is_whole,
    others,
    predicts,
    reads,
    refuse_misfit,
    shows_padding,
    texts,
)

Tensors = tuple[Tensor, Tensor]  # inputs (B, T) or (B, T, D), targets (B, T) or (B, T, O)


class Data:
    """The task of a configuration, opened, with the generator that draws its batches.

    Raises ValueError for a task that shows anything but what it says it reads and predicts.
    """

    def __init__(self, config: RunConfig, task: Task | None) -> None:
        self.task = task or TASKS[config.task].open(config.file, config.length, config.lag, config.column)
        self.reads, self.predicts = reads(self.task), predicts(self.task)
        self.random = np.random.default_rng(config.seed)
        displayed = self.task.displayed(config.length)  # may take as long as many updates: once is enough
        refuse_misfit(self.task, displayed)
        held_out = self.task.held_out(config.length)
        self.held_out = None if held_out is None else _tensors(held_out)
        self._displayed = _tensors(displayed)
        self._batch, self._length = config.batch, config.length
        self._consecutive, self._whole = config.carry, is_whole(self.task)
        self._reads_backward = config.bidirectional
        self.held_out_ends = None if self.held_out is None else self.ends(self.held_out[1])
        self.number = 0  # of the next batch, where they follow each other

    @property
    def tolerance(self) -> float:
        """The largest error of a number that counts as right."""
        return self.predicts.tolerance if isinstance(self.predicts, Numbers) else TOLERANCE

    @property
    def chance(self) -> Line:
        """The loss of a blind guess."""
        return chance(self.task, self._length)

    @property
    def best(self) -> Line | None:
        """The best simple rule or the optimum."""
        return best(self.task)

    @cached_property
    def counts(self) -> Array:
        """How often each label that is read comes in what is trained on (V,)."""
        found = texts(self.task, self._length)
        return np.bincount(np.concatenate(found), minlength=self.reads.size)

    @property
    def others(self) -> tuple[Line, ...]:
        """Further rules to compare with."""
        return others(self.task)

    def draw(self) -> Tensors:
        """Draw the next batch; where states are carried, the one that follows."""
        if self._consecutive:
            self.number += 1
            task = cast("Consecutive", self.task)
            return _tensors(task.following(self.number - 1, self._batch, self._length))
        return _tensors(self.task.batch(self.random, self._batch, self._length))

    def ends(self, targets: Tensor) -> Tensor | None:
        """How many tokens of each sequence come up to its last target, (B,): there what reads backward begins.

        None where nothing reads backward or nothing is filled up. ``targets`` (B, T), or (B, T, O) of numbers.
        """
        if self._whole or not self._reads_backward:
            return None
        wanted = asked(targets.numpy())
        return None if wanted[:, -1].all() else torch.from_numpy(_ends(wanted))

    def displayed(self) -> Tensors:
        """Return the sequence that is always the same, without what fills it up."""
        return self.first_sequence(*self._displayed)

    def first_sequence(self, inputs: Tensor, targets: Tensor) -> Tensors:
        """The first sequence of a batch, (T,) or (T, D) each, up to its last target unless all is shown.

        What reads backward begins at that target: there nothing is to be seen of what fills the sequence up.
        """
        every = self._whole or (shows_padding(self.task) and not self._reads_backward)
        end = len(inputs[0]) if every else int(_ends(asked(targets[:1].numpy()))[0])
        return inputs[0, :end], targets[0, :end]

    def padding(self, targets: Tensor) -> int:
        """How many tokens at the end of a displayed sequence only fill it up, by its targets (T,) or (T, O)."""
        return 0 if self._whole else len(targets) - int(_ends(asked(targets[None].numpy()))[0])


def _ends(wanted: Array) -> Array:
    """How many tokens there are up to the last wanted one, (B,); ``wanted`` (B, T) bool."""
    return np.asarray(wanted.shape[1] - wanted[:, ::-1].argmax(axis=1))


def _tensors(batch: Batch) -> Tensors:
    return torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
