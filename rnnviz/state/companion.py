"""A network that is trained beside the run, as the window knows it."""

from dataclasses import dataclass, field

from rnnviz.exchange.messages import LaneFacts
from rnnviz.state.history import History


@dataclass(frozen=True)
class Companion:
    """Its history begins where it began to be trained beside the run."""

    facts: LaneFacts
    history: History = field(default_factory=History)
