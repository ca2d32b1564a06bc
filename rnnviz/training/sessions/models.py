"""What stands in a session file, checked entry by entry when it is read."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, InstanceOf, TypeAdapter

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.continuation import OwnSequence
from rnnviz.domain.intervention import ChangeInput, ChangeToken, ClampGate, Intervention, SetInitial, ZeroUnit
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import SelfCheck
from rnnviz.training.snapshot import KeptUpdate, Snapshot, States

FORMAT = "rnnviz-session"
VERSION = 1
KINDS: dict[str, Any] = {kind.__name__: kind for kind in (ChangeInput, ChangeToken, ClampGate, SetInitial, ZeroUnit)}
RECORD: TypeAdapter[UpdateRecord] = TypeAdapter(UpdateRecord)

AnyArray = InstanceOf[np.ndarray]


def _row(array: Array) -> Array:
    if array.ndim != 1 or array.dtype != np.float32:
        raise ValueError(f"is {array.shape} of {array.dtype}, expected a row of float32")
    return array


Row = Annotated[AnyArray, AfterValidator(_row)]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Numbers(_Part):
    state: int = Field(ge=0, lt=2**128)
    inc: int = Field(ge=0, lt=2**128)


class RandomState(_Part):
    """Of numpy's PCG64."""

    bit_generator: Literal["PCG64"]
    state: _Numbers
    has_uint32: int = Field(ge=0, le=1)
    uinteger: int = Field(ge=0, lt=2**32)


class CheckPart(_Part):
    """A self-check."""

    update: Count
    error: float


class NewestPart(_Part):
    """The newest update of a snapshot."""

    update: Count
    config: RunConfig
    inputs: AnyArray
    targets: AnyArray
    gradient: Row
    initial: list[list[AnyArray]] | None
    dropout: RandomState | None
    ends: AnyArray | None = None


class SnapshotPart(_Part):
    """A trainer at one point; see `Snapshot`."""

    update: Count
    config: RunConfig
    weights: Row
    before: Row
    optimizer: dict[Literal["exp_avg", "exp_avg_sq", "square_avg", "step"], AnyArray]
    random: RandomState
    dropout_random: RandomState
    batch_number: Count
    carried: list[list[AnyArray]] | None
    recently_clipped: list[bool] = Field(max_length=100)
    newest: NewestPart | None
    check: CheckPart | None
    record: UpdateRecord | None

    def snapshot(self) -> Snapshot:
        """As the trainer takes it."""
        newest, check = self.newest, self.check
        return Snapshot(
            update=self.update,
            config=self.config,
            weights=self.weights,
            before=self.before,
            optimizer={str(name): array for name, array in self.optimizer.items()},
            random=self.random.model_dump(),
            dropout_random=self.dropout_random.model_dump(),
            batch_number=self.batch_number,
            carried=_states(self.carried),
            recently_clipped=tuple(self.recently_clipped),
            newest=None if newest is None else _kept(newest),
            check=None if check is None else SelfCheck(check.update, check.error),
            record=self.record,
        )


class OwnPart(_Part):
    """What is displayed in place of the task's sequence."""

    labels: list[str]
    written: Count
    initial: list[list[Row]] | None

    def sequence(self) -> OwnSequence:
        """The same for a trainer. Raises ValueError."""
        return OwnSequence(tuple(self.labels), self.written, _states(self.initial))


class LanePart(_Part):
    """The run or a companion. ``table`` and ``validation``: see `Chronicle`."""

    label: str = Field(max_length=2000)
    own: list[str]
    since: Count
    stopped: bool
    present: SnapshotPart
    table: AnyArray
    validation: AnyArray
    last: UpdateRecord | None
    displayed: OwnPart | None = None


class ViewPart(_Part):
    """How the window looked at it; see `ViewState`."""

    cursor: tuple[Count, Count, Count]
    layout: dict[str, Any]
    flow_updates: AnyArray
    flow_norms: AnyArray
    flow_apart: int = Field(ge=1)


class DataPart(_Part):
    """Where the data are from. ``fingerprint`` is of what the task shows and draws, not of the file."""

    file: str | None
    sha256: str | None
    embedded: bool
    fingerprint: str


class SessionPart(_Part):
    """All of it."""

    format: Literal["rnnviz-session"]
    version: Literal[1]
    saved: str
    versions: dict[str, str]
    seed: int
    trace: str  # SHA-256 of the arrays of what was shown
    began: RunConfig
    data: DataPart
    lanes: list[LanePart] = Field(min_length=1, max_length=20)
    ring: list[SnapshotPart]
    changes: list[tuple[Count, dict[str, Any]]]
    lane: Count
    past: Count | None
    interventions: list[tuple[str, dict[str, Any]]]
    view: ViewPart


def snapshot_tree(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as a tree of plain values and arrays."""
    newest = snapshot.newest
    plain = {name: getattr(snapshot, name) for name in SnapshotPart.model_fields}
    plain |= {"config": snapshot.config.model_dump(mode="json"), "record": record_tree(snapshot.record)}
    plain["check"] = None if snapshot.check is None else asdict(snapshot.check)
    if newest is not None:
        inner = {name: getattr(newest, name) for name in NewestPart.model_fields}
        plain["newest"] = inner | {"config": newest.config.model_dump(mode="json")}
    return plain


def record_tree(record: UpdateRecord | None) -> Any:
    """A record as plain values."""
    return None if record is None else RECORD.dump_python(record)


def intervention_tree(intervention: Intervention) -> tuple[str, dict[str, Any]]:
    """An intervention by the name of its kind."""
    return type(intervention).__name__, asdict(intervention)


def intervention_of(name: str, fields: dict[str, Any]) -> Intervention:
    """The reverse. Raises ValueError for a kind that does not exist."""
    if name not in KINDS:
        raise ValueError(f"{name!r} is no intervention, expected one of {', '.join(KINDS)}")
    found: Intervention = TypeAdapter(KINDS[name]).validate_python(fields)
    return found


def _states(states: list[list[Array]] | None) -> States | None:
    return None if states is None else tuple(tuple(parts) for parts in states)


def _kept(part: NewestPart) -> KeptUpdate:
    dropout = None if part.dropout is None else part.dropout.model_dump()
    initial = _states(part.initial)
    return KeptUpdate(part.update, part.config, part.inputs, part.targets, part.gradient, initial, dropout, part.ends)
