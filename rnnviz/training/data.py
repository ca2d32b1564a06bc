"""What a trainer reads: batches to learn from, sequences held out, one to show. As tensors."""

from typing import cast

import numpy as np
import torch
from torch import Tensor

from rnnviz.config.run_config import RunConfig
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
    predicts,
    reads,
    refuse_misfit,
    shows_padding,
)

Tensors = tuple[Tensor, Tensor]  # inputs (B, T) or (B, T, D), targets (B, T) or (B, T, O)


class Data:
    """The task of a configuration, opened, with the generator that draws its batches.

    Raises ValueError for a task that shows anything but what it says it reads and predicts.
    """

    def __init__(self, config: RunConfig, task: Task | None) -> None:
        self.task = task or TASKS[config.task].open(config.file, config.length)
        self.reads, self.predicts = reads(self.task), predicts(self.task)
        self.random = np.random.default_rng(config.seed)
        refuse_misfit(self.task, self.task.displayed(config.length))
        held_out = self.task.held_out(config.length)
        self.held_out = None if held_out is None else _tensors(held_out)
        self._batch, self._length = config.batch, config.length
        self._consecutive, self._whole = config.carry, config.bidirectional
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

    def draw(self) -> Tensors:
        """Draw the next batch; where states are carried, the one that follows."""
        if self._consecutive:
            self.number += 1
            task = cast("Consecutive", self.task)
            return _tensors(task.following(self.number - 1, self._batch, self._length))
        return _tensors(self.task.batch(self.random, self._batch, self._length))

    def displayed(self) -> Tensors:
        """Return the sequence that is always the same, without what fills it up."""
        return self.first_sequence(*_tensors(self.task.displayed(self._length)))

    def first_sequence(self, inputs: Tensor, targets: Tensor) -> Tensors:
        """The first sequence of a batch, (T,) or (T, D) each, up to its last target unless all is shown.

        All of it where layers read backward: what fills it up is the first that they read.
        """
        whole = self._whole or is_whole(self.task) or shows_padding(self.task)
        end = len(inputs[0]) if whole else _behind_the_last(targets[0])
        return inputs[0, :end], targets[0, :end]

    def padding(self, targets: Tensor) -> int:
        """How many tokens at the end of a displayed sequence only fill it up, by its targets (T,) or (T, O)."""
        return 0 if is_whole(self.task) else len(targets) - _behind_the_last(targets)


def _behind_the_last(targets: Tensor) -> int:
    """Number of tokens up to the last that has a target, in (T,) or (T, O)."""
    return int(np.flatnonzero(asked(targets.numpy()))[-1]) + 1


def _tensors(batch: Batch) -> Tensors:
    return torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
