"""What is true of a whole run, known when it starts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RunFacts:
    """A run before its first update."""

    task_note: str  # what was read and held out, in a sentence
    vocabulary: tuple[str, ...]
    parameters: int  # how many numbers are learned
    chance_loss: float  # ln of the number of labels: nats of a uniform guess
    labels: tuple[str, ...] = ()  # what can be predicted: the vocabulary, or what the task says
