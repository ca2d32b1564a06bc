"""How fast something goes, over the last second."""

import time
from collections import deque

WINDOW_S = 1.0


class Pace:
    """Counts events and forgets those of more than a second ago."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()
        self._sum = 0

    def count(self, events: int) -> None:
        """Add ``events`` that happened since the last call."""
        now = time.monotonic()
        self._counts.append((now, events))
        self._sum += events
        while now - self._counts[0][0] > WINDOW_S:
            self._sum -= self._counts.popleft()[1]

    @property
    def per_second(self) -> float:
        """Events a second; 0 before a tenth of a second has passed."""
        passed = self._counts[-1][0] - self._counts[0][0] if self._counts else 0.0
        # The first entry's events happened before the time that has passed since it.
        return (self._sum - self._counts[0][1]) / passed if passed > 0.1 else 0.0
