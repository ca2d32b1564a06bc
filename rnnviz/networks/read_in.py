"""What stands between the tokens and the first recurrent layer."""

import torch
from torch import Tensor, nn


class OneHot(nn.Module):
    """Reads tokens as they are: (…) → (…, V) with a 1 at the token's index. Has no parameters."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def forward(self, tokens: Tensor) -> Tensor:
        """Indices → rows of zeros and a one."""
        return nn.functional.one_hot(tokens, self.vocabulary).to(torch.get_default_dtype())


def read_in(embedding: int, size: int, *, numbers: bool) -> tuple[nn.Module, int]:
    """A module for ``size`` labels, or ``size`` numbers a token, and how many numbers a token it gives.

    Numbers go into the first layer as they are; labels as ``embedding`` numbers, or one-hot if that is 0.
    """
    if numbers:
        return nn.Identity(), size
    if embedding:
        return nn.Embedding(size, embedding), embedding
    return OneHot(size), size
