"""The columns that every track shares."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TokenAxis:
    """Columns of equal width: token t of ``tokens`` covers left + t·step … left + (t+1)·step, in pixels."""

    left: float
    width: float
    tokens: int

    @property
    def step(self) -> float:
        """Width of one column."""
        return self.width / self.tokens

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return self.left + self.width

    def middle(self, token: Any) -> Any:
        """Middle of a column; an array of tokens gives an array."""
        return self.left + (token + 0.5) * self.step

    def token_at(self, x: float) -> int | None:
        """The token whose column holds ``x``, or None beside the columns."""
        token = int((x - self.left) // self.step)
        return token if 0 <= token < self.tokens else None
