"""What can be changed inside a pass to see what it would have done otherwise.

Units, tokens and layers are counted from 0, tokens in reading order for the backward direction too. Where two
interventions contradict each other, the later one wins.
"""

from dataclasses import dataclass

from rnnviz.domain.trace import Direction


@dataclass(frozen=True)
class ClampGate:
    """Hold a gate at ``value`` after its activation function; None means every unit, every token.

    The gradient with respect to its pre-activation is 0 there. ``value`` may be any finite number, also one that the
    activation function never gives.
    """

    gate: str
    value: float
    unit: int | None = None
    token: int | None = None
    layer: int = 0
    direction: Direction = "forward"


@dataclass(frozen=True)
class ZeroUnit:
    """Hold one unit's state (h, and c of an LSTM) at 0 after every token, or after one.

    The zeros are what is handed on, to the next token and to the layer above. No gradient passes through them to what
    the cell had computed. dL/dh and dL/dc there are those of the zeros themselves: how the loss would move if
    something else than 0 were handed on.
    """

    unit: int
    token: int | None = None
    layer: int = 0
    direction: Direction = "forward"


@dataclass(frozen=True)
class ChangeInput:
    """Let another input be read at ``token``: its values (D,), as a tuple."""

    token: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class ChangeToken:
    """Let a network with a vocabulary read ``label`` at ``token``. What is to be predicted stays the same."""

    token: int
    label: str


@dataclass(frozen=True)
class SetInitial:
    """Begin with ``value`` in one unit of the initial hidden state, or in all of them; c of an LSTM stays."""

    value: float
    unit: int | None = None
    layer: int = 0
    direction: Direction = "forward"


Intervention = ClampGate | ZeroUnit | ChangeInput | ChangeToken | SetInitial
