"""What bounds a recording."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes and counts."""

    disk: int = 512_000_000  # of the file; a fifth of it is for the numbers of updates, the rest for traces
    waiting: int = 128_000_000  # of traces on their way to the file
    waiting_updates: int = 20_000  # updates on their way to the file
    trace: int = 64_000_000  # of one trace

    @property
    def of_updates(self) -> int:
        """Bytes for rows of updates."""
        return self.disk // 5

    @property
    def of_traces(self) -> int:
        """Bytes for traces."""
        return self.disk * 7 // 10
