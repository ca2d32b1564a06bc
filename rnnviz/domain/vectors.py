"""Vectors that tokens begin with, where that is not left to chance."""

from dataclasses import dataclass

from rnnviz.domain.arrays import Array


@dataclass(frozen=True, eq=False)
class Vectors:
    """A vector for each of V labels, or for some of them; the others begin as torch begins."""

    rows: Array  # (V, D) float32; zeros where none is known
    known: Array  # (V,) bool
    note: str  # where they come from and how many are missing, in a sentence
    missing: tuple[str, ...] = ()  # the labels that are not known

    @property
    def dimension(self) -> int:
        """D, how many numbers stand for a token."""
        return int(self.rows.shape[1])
