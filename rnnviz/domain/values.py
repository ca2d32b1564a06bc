"""What a sequence is made of: symbols of an alphabet, or rows of numbers."""

from dataclasses import dataclass

TOLERANCE = 0.1


@dataclass(frozen=True)
class Symbols:
    """Each token is one of ``labels``, kept as its index: int64 (B, T)."""

    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        """V, how many labels there are."""
        return len(self.labels)


@dataclass(frozen=True)
class Numbers:
    """Each token is a number for every one of ``names``: float32 (B, T, D)."""

    names: tuple[str, ...]
    tolerance: float = TOLERANCE  # a prediction that is no farther off counts as right
    frame: tuple[int, int] | None = None  # rows and columns, where the numbers are the pixels of a picture

    def __post_init__(self) -> None:
        if self.frame is not None and self.frame[0] * self.frame[1] != self.size:
            raise ValueError(f"frame is {self.frame}, expected rows × columns to be {self.size}, one for each number")

    @property
    def size(self) -> int:
        """D, how many numbers a token has."""
        return len(self.names)


Values = Symbols | Numbers
