"""Which outputs of the layers are dropped in an update: masks that can be drawn again from what is kept of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.config.run_config import RunConfig

GENERATOR = 0xD207  # beside the seed: no run's batches are drawn from the same numbers


class Dropout:
    """Draws the masks of a run from a generator of its own, so that its batches do not depend on them."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng((seed, GENERATOR))

    def draw(self, config: RunConfig, shape: tuple[int, int]) -> Mapping[str, Any] | None:
        """Move on to the next masks, of ``shape`` (B, T); return what draws them, None where nothing is dropped."""
        if not config.dropout:
            return None
        kept = self.random.bit_generator.state
        _masks(self.random, config, shape)
        return MappingProxyType(kept)


def masks_from(kept: Mapping[str, Any] | None, config: RunConfig, shape: tuple[int, int]) -> list[Tensor] | None:
    """What each layer's output is multiplied with, (B, T, H·directions): 0, or 1 / (1 − p); None: nothing dropped."""
    if kept is None:
        return None
    random = np.random.default_rng()
    random.bit_generator.state = dict(kept)
    return _masks(random, config, shape)


def _masks(random: np.random.Generator, config: RunConfig, shape: tuple[int, int]) -> list[Tensor]:
    share = np.float32(config.dropout)
    size = (*shape, config.hidden * (1 + config.bidirectional))
    kept = (random.random(size, np.float32) >= share for _ in range(config.layers))
    return [torch.from_numpy(some.astype(np.float32) / (1 - share)) for some in kept]
