"""What a trainer reads: batches to learn from, sequences held out, one to show. As tensors (B, T)."""

from typing import cast

import numpy as np
import torch
from torch import Tensor

from rnnviz.config.run_config import RunConfig
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import NO_TARGET, Batch, Consecutive, Task, labels_of

Tensors = tuple[Tensor, Tensor]  # inputs, targets


class Data:
    """The task of a configuration, opened, with the generator that draws its batches."""

    def __init__(self, config: RunConfig, task: Task | None) -> None:
        self.task = task or TASKS[config.task].open(config.file, config.length)
        self.vocabulary, self.labels = self.task.vocabulary, labels_of(self.task)
        self.random = np.random.default_rng(config.seed)
        held_out = self.task.held_out(config.length)
        self.held_out = None if held_out is None else _tensors(held_out)
        self._batch, self._length = config.batch, config.length
        self._consecutive = config.carry
        self.number = 0  # of the next batch, where they follow each other

    def draw(self) -> Tensors:
        """Draw the next batch; where states are carried, the one that follows."""
        if self._consecutive:
            self.number += 1
            task = cast("Consecutive", self.task)
            return _tensors(task.following(self.number - 1, self._batch, self._length))
        return _tensors(self.task.batch(self.random, self._batch, self._length))

    def displayed(self) -> Tensors:
        """Return the sequence that is always the same, (T,) each."""
        inputs, targets = _tensors(self.task.displayed(self._length))
        return inputs[0], targets[0]

    def in_words(self, inputs: Tensor, targets: Tensor) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
        """Return the labels of a sequence (T,); None where there is no target."""
        read = tuple(self.vocabulary[index] for index in inputs.tolist())
        return read, tuple(None if index == NO_TARGET else self.labels[index] for index in targets.tolist())


def _tensors(batch: Batch) -> Tensors:
    return torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
