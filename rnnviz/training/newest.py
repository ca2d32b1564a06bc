"""What is kept of the newest update: enough to show it, to check it and to take it apart."""

from typing import NamedTuple

from torch import Tensor

from rnnviz.config.run_config import RunConfig
from rnnviz.training.batch_read import BatchRead


class Newest(NamedTuple):
    """The newest update. None of its tensors is written to again."""

    update: int
    config: RunConfig  # the settings that it was made with
    read: BatchRead
    gradient: Tensor  # of all parameters in a row, before clipping

    @property
    def inputs(self) -> Tensor:
        """(B, T), or (B, T, D) of numbers."""
        return self.read.inputs

    @property
    def targets(self) -> Tensor:
        """(B, T), or (B, T, O) of numbers."""
        return self.read.targets
