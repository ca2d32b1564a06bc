"""What is true of a whole run, known when it starts."""

from dataclasses import dataclass
from typing import NamedTuple

from rnnviz.domain.values import Symbols, Values


class Line(NamedTuple):
    """A loss to compare with, and what reaches it."""

    name: str
    loss: float


@dataclass(frozen=True)
class RunFacts:
    """A run before its first update."""

    task_note: str  # what was read and held out, in a sentence
    reads: Values
    predicts: Values
    parameters: int  # how many numbers are learned
    chance: Line  # a blind guess: of labels ln of their number or by frequency, of numbers their variance, or a rule
    frozen: int = 0  # how many more are not: those of an embedding that stays as it began
    missing: tuple[str, ...] = ()  # labels that are read and that the pre-trained vectors have no vector for
    best: Line | None = None  # the best simple rule, or the optimum, where the task knows one
    mute: str = ""  # why the network cannot go on by itself, reading what it predicts; empty where it can
    notation: str = ""  # "abc" where the labels are notes in that notation
    others: tuple[Line, ...] = ()  # what else there is to compare with
    fixed: str = ""  # why it cannot be trained, in a sentence; empty where it can
    recording: bool = False  # it is read from a file: nothing of it can be changed or trained
    own_unit: str | None = None  # what losses are counted in, where that does not follow from what is predicted

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The labels that can be read; empty where numbers are read."""
        return self.reads.labels if isinstance(self.reads, Symbols) else ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that can be predicted; empty where numbers are predicted."""
        return self.predicts.labels if isinstance(self.predicts, Symbols) else ()

    @property
    def unit(self) -> str:
        """What losses are counted in."""
        if self.own_unit is not None:
            return self.own_unit
        return "nats" if isinstance(self.predicts, Symbols) else "MSE"

    @property
    def without_updates(self) -> str:
        """What is said in place of numbers over training while there are none, in three words."""
        return "not trained here" if self.fixed and not self.recording else "no update yet"

    @property
    def right(self) -> str:
        """What counts as a right prediction, in two words."""
        return "right" if isinstance(self.predicts, Symbols) else f"within ±{self.predicts.tolerance:g}"
