"""Attention: while it writes, a network looks back at all that it has read.

With the state h_t as query and the states e_j of the tokens that were read as keys and values, as Luong, Pham and
Manning (2015) have it: α_t = softmax_j score(h_t, e_j), context c_t = Σ_j α_tj e_j, and what is read out is
tanh(W [c_t, h_t] + b). The scores are theirs, “dot” hᵀe and “general” hᵀW e, or “additive”, vᵀ tanh(W h + U e) of
Bahdanau, Cho and Bengio (2015). Nothing of it goes back into the recurrent layers.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

ATTENTION_SCORES = ("dot", "general", "additive")


class Attended(NamedTuple):
    """What comes of looking back."""

    output: Tensor  # (B, T, H') what is read out; the states themselves where nothing is written
    weights: Tensor  # (B, T, T) α: how much token t looks at token j; rows of 0 where nothing is written


class Attention(nn.Module):
    """``width`` H': numbers in a state of the top layer, both directions together."""

    def __init__(self, score: str, width: int) -> None:
        super().__init__()
        self.score = SCORES[score](width)
        self.combine = nn.Linear(2 * width, width)

    def forward(self, top: Tensor, writes_at: Tensor) -> Attended:
        """States (B, T, H') of a top layer; ``writes_at`` (B, T): tokens that look back, at all before the first."""
        read = writes_at.cumsum(1) == 0
        scores = self.score(top).masked_fill(~read[:, None, :], -torch.inf)
        writes = writes_at[..., None]
        weights = torch.where(writes, scores.softmax(-1), 0.0)  # 0 also where a state is not finite
        combined = torch.cat([weights @ top, top], -1)
        return Attended(torch.where(writes, self.combine(combined).tanh(), top), weights)


class Dot(nn.Module):
    """hᵀ e."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, top: Tensor) -> Tensor:
        """(B, T, H') → the score of every token t for every token j, (B, T, T)."""
        return top @ top.mT


class General(nn.Module):
    """hᵀ W e."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.between = nn.Linear(width, width, bias=False)

    def forward(self, top: Tensor) -> Tensor:
        """(B, T, H') → (B, T, T)."""
        scores: Tensor = top @ self.between(top).mT
        return scores


class Additive(nn.Module):
    """vᵀ tanh(W h + U e + b)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.of_query = nn.Linear(width, width)
        self.of_key = nn.Linear(width, width, bias=False)
        self.of_both = nn.Linear(width, 1, bias=False)

    def forward(self, top: Tensor) -> Tensor:
        """(B, T, H') → (B, T, T)."""
        both = self.of_query(top)[:, :, None] + self.of_key(top)[:, None]
        scores: Tensor = self.of_both(both.tanh())[..., 0]
        return scores


SCORES: dict[str, Callable[[int], nn.Module]] = dict(zip(ATTENTION_SCORES, (Dot, General, Additive), strict=True))
