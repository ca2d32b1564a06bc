"""What is kept of the newest update: enough to show it, to check it and to take it apart."""

from typing import NamedTuple

from torch import Tensor

from rnnviz.config.run_config import RunConfig


class Newest(NamedTuple):
    """The newest update. None of its tensors is written to again."""

    update: int
    config: RunConfig  # the settings that it was made with
    inputs: Tensor  # (B, T)
    targets: Tensor  # (B, T)
    gradient: Tensor  # of all parameters in a row, before clipping
