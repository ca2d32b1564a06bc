"""What the worker tells the window, besides records and traces."""

from dataclasses import dataclass
from typing import Literal

from rnnviz.config import RunConfig
from rnnviz.domain.run import RunFacts


@dataclass(frozen=True)
class Started:
    """A run is there to be trained. ``run`` tells runs apart; one that was gone back to keeps its number."""

    run: int
    config: RunConfig
    facts: RunFacts
    train: bool = False  # it was begun in order to be trained at once


@dataclass(frozen=True)
class Changed:
    """Settings of the running network were changed."""

    config: RunConfig


@dataclass(frozen=True)
class Failed:
    """Something did not work. The sentence is for the user, the details are for a report of the fault."""

    kind: Literal["refused", "diverged", "crashed"]  # refused: the old run goes on; the others pause
    sentence: str
    details: str = ""
