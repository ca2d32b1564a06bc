"""A network that goes on by itself: it reads what it has just predicted, token after token."""

from collections.abc import Mapping
from dataclasses import dataclass

from rnnviz.domain.arrays import Array, check_shape, readonly

FARTHEST = 24  # steps ahead

States = tuple[tuple[Array, ...], ...]  # for every layer (h,), or (h, c): (H,) each


@dataclass(frozen=True)
class GoingOn:
    """How to go on behind a token of the displayed sequence. Raises ValueError for what makes no sense."""

    after: int = 0  # the last token that is read as it is displayed; of a shorter sequence the last one
    temperature: float = 1.0  # logits are divided by it; 0: always the most probable
    seed: int = 0  # the same one draws the same, as far as the probabilities are the same
    ahead: int = 12  # steps of a forecast

    def __post_init__(self) -> None:
        if self.after < 0:
            raise ValueError(f"after is {self.after}, expected a token, 0 or more")
        if not 0 <= self.temperature < float("inf"):
            raise ValueError(f"temperature is {self.temperature}, expected a number, 0 or more")
        if not 1 <= self.ahead <= FARTHEST:
            raise ValueError(f"ahead is {self.ahead}, expected 1 to {FARTHEST} steps")


@dataclass(frozen=True, eq=False)
class Sampled:
    """Labels that a network wrote behind a prefix. P were read as they are, S were drawn, A alternatives are kept.

    Probabilities are the softmax of the read-out, at temperature 1, unless ``drawn_at`` or ``entropy`` say otherwise.
    """

    prefix: tuple[str, ...]  # P
    drawn: tuple[str, ...]  # S
    chances: Array  # (S,) probability of the label that was drawn
    drawn_at: Array  # (S,) the same at the temperature: that with which it was drawn
    entropy: Array  # (S,) nats, of the probabilities at the temperature
    others: tuple[tuple[str, ...], ...]  # S times the A most probable labels, the first of them first
    other_chances: Array  # (S, A) their probabilities
    how: GoingOn
    initial: States | None = None  # what the prefix began with; None: zeros
    update: int | None = None  # as in Trace
    broken: bool = False  # it ended because the read-out was not finite

    def __post_init__(self) -> None:
        count = len(self.drawn)
        if len(self.others) != count:
            raise ValueError(f"others are of {len(self.others)} tokens, expected {count}, one for each that was drawn")
        for name in ("chances", "drawn_at", "entropy"):
            check_shape(name, getattr(self, name), (count,))
        check_shape("other_chances", self.other_chances, (count, self.other_chances.shape[1]))
        for name in ("chances", "drawn_at", "entropy", "other_chances"):
            object.__setattr__(self, name, readonly(getattr(self, name)))

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything in reading order."""
        return (*self.prefix, *self.drawn)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Numbers that a network predicts K steps ahead by reading its own predictions. T known ones, D in a token.

    Errors are root mean squares over the origins: tokens of the displayed sequence behind each of which it was made.
    """

    known: Array  # (T, D) what was read, and what came after the last token
    origin: int  # the last known number that the drawn forecast has read
    given: Array  # (K, D) what it said of the numbers origin + 1, …, origin + K
    rules: Mapping[str, Array]  # name → (K, D) what a simple rule says of the same
    errors: Array  # (K,) of the network at each horizon, NaN where no origin has one
    rule_errors: Mapping[str, Array]  # name → (K,)
    origins: Array  # (K,) over how many origins the errors of each horizon are taken
    how: GoingOn
    names: tuple[str, ...] = ()  # D, of what is predicted
    update: int | None = None

    def __post_init__(self) -> None:
        steps, width = self.given.shape
        check_shape("known", self.known, (len(self.known), width))
        for name, array in self.rules.items():
            check_shape(f"rules[{name!r}]", array, (steps, width))
        for name, array in (("errors", self.errors), ("origins", self.origins), *self.rule_errors.items()):
            check_shape(name, array, (steps,))
        for name in ("known", "given", "errors", "origins"):
            object.__setattr__(self, name, readonly(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class OwnSequence:
    """Labels to be displayed in place of the task's own sequence: each is asked for at the token before it."""

    labels: tuple[str, ...]
    written: int  # from this token on the network wrote them
    initial: States | None = None  # what it begins with; None: zeros

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise ValueError(f"labels are {self.labels}, expected at least two: one to read and one to ask for")
        if not 0 <= self.written <= len(self.labels):
            raise ValueError(f"written is {self.written}, expected 0 to {len(self.labels)}")
