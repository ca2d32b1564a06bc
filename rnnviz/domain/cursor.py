"""Where the user points."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cursor:
    """One token of the sequence, one entry of ``Trace.layers`` and one unit of it, all from 0."""

    token: int = 0
    layer: int = 0
    unit: int = 0

    def within(self, tokens: int, layers: int, units: int) -> "Cursor":
        """The nearest cursor that exists in a trace of this size."""
        return Cursor(
            token=min(max(self.token, 0), tokens - 1),
            layer=min(max(self.layer, 0), layers - 1),
            unit=min(max(self.unit, 0), units - 1),
        )
