"""What stands between the tokens and the first recurrent layer."""

import torch
from torch import Tensor, nn

from rnnviz.config import RunConfig
from rnnviz.domain.arrays import check_shape
from rnnviz.domain.vectors import Vectors


class OneHot(nn.Module):
    """Reads tokens as they are: (…) → (…, V) with a 1 at the token's index. Has no parameters."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def forward(self, tokens: Tensor) -> Tensor:
        """Indices → rows of zeros and a one."""
        return nn.functional.one_hot(tokens, self.vocabulary).to(torch.get_default_dtype())


def read_in(config: RunConfig, size: int, *, numbers: bool, vectors: Vectors | None = None) -> tuple[nn.Module, int]:
    """A module for ``size`` labels, or ``size`` numbers a token, and how many numbers a token it gives.

    Numbers go into the first layer as they are; labels as ``embedding`` numbers, or one-hot if that is 0. ``vectors``:
    what labels begin with; those that are not known there, and all if it is left out, begin as torch begins.
    Raises ValueError for vectors that do not fit.
    """
    if numbers:
        return nn.Identity(), size
    if not config.embedding:
        return OneHot(size), size
    module = nn.Embedding(size, config.embedding)
    if vectors is not None:
        _begin_with(module, vectors)
    module.requires_grad_(not config.frozen)
    return module, config.embedding


@torch.no_grad()
def _begin_with(module: nn.Embedding, vectors: Vectors) -> None:
    check_shape("vectors", vectors.rows, tuple(module.weight.shape))
    known = torch.from_numpy(vectors.known)
    module.weight[known] = torch.from_numpy(vectors.rows)[known]
