"""What a lesson is: runs that show something when they are seen side by side."""

from dataclasses import dataclass

from rnnviz.config import RunConfig
from rnnviz.domain.views import Side


@dataclass(frozen=True)
class Lesson:
    """An entry of the catalogue. The runs differ in what the lesson is about and in nothing else."""

    name: str
    title: str
    about: str  # two or three sentences: what is run, what to look for
    configs: tuple[RunConfig, ...]
    updates: int  # after so many it has been seen; 0: it is about the weights as they begin
    side: Side = "learning"  # from which it is looked at
