"""A range of decades that follows the data without trembling."""

import numpy as np

from rnnviz.domain.arrays import Array

PATIENCE = 45  # looks for which a much smaller range must have been enough before it is taken


class Decades:
    """Whole powers of ten, low … high. Widens at once, narrows late."""

    def __init__(self, low: int = -4, high: int = 1) -> None:
        self.low, self.high = low, high
        self._spare = 0

    def follow(self, log10_values: Array) -> bool:
        """Make room for the finite ones of ``log10_values``; say whether the range changed."""
        finite = log10_values[np.isfinite(log10_values)]
        if not finite.size:
            return False
        low, high = int(np.floor(finite.min())), int(np.ceil(finite.max()))
        low = min(low, high - 3)
        if low < self.low or high > self.high:
            wanted = min(low, self.low), max(high, self.high)
        elif low - self.low + self.high - high >= 3:
            self._spare += 1
            if self._spare < PATIENCE:
                return False
            wanted = low, high
        else:
            self._spare = 0
            return False
        self._spare = 0
        self.low, self.high = wanted
        return True

    def share(self, log10_values: Array) -> Array:
        """0 at low … 1 at high, clamped; NaN stays NaN."""
        return np.asarray(np.clip((log10_values - self.low) / (self.high - self.low), 0, 1))

    def ticks(self, most: int = 6) -> list[int]:
        """At most ``most`` whole decades, evenly spaced."""
        span = self.high - self.low
        every = next(step for step in (1, 2, 5, 10, 20, 50, 100) if span // step + 1 <= most)
        first = -(-self.low // every) * every
        return list(range(first, self.high + 1, every))


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """“10⁻³”."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)
