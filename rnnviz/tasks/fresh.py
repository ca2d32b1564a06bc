"""What tasks have in common that draw fresh sequences for ever."""

from abc import ABC, abstractmethod

import numpy as np

from rnnviz.tasks.task import Batch

HELD_OUT_SEQUENCES = 256


class FreshTask(ABC):
    """Every sequence is a new one; the held-out ones are drawn by a generator of their own."""

    held_out_seed: tuple[int, int]  # two numbers: no run's seed, which is one, draws the same
    held_out_sequences = HELD_OUT_SEQUENCES

    @abstractmethod
    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` sequences."""

    def held_out(self, length: int) -> Batch:
        """Draw the sequences that are always the same."""
        return self.batch(np.random.default_rng(self.held_out_seed), self.held_out_sequences, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out sequences."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])
