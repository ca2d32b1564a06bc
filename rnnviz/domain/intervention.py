"""What can be changed inside a pass to see what it would have done otherwise."""

from dataclasses import dataclass

from rnnviz.domain.trace import Direction


@dataclass(frozen=True)
class ClampGate:
    """Hold a gate at ``value`` after its activation function; None means every unit, every token."""

    gate: str
    value: float
    unit: int | None = None
    token: int | None = None
    layer: int = 0
    direction: Direction = "forward"


@dataclass(frozen=True)
class ZeroUnit:
    """Hold one unit's state (h, and c of an LSTM) at 0 after every token, or after one."""

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
class SetInitial:
    """Begin with ``value`` in one unit of the initial hidden state, or in all of them."""

    value: float
    unit: int | None = None
    layer: int = 0
    direction: Direction = "forward"


Intervention = ClampGate | ZeroUnit | ChangeInput | SetInitial
