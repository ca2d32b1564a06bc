"""What the worker tells the window, besides records and traces."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rnnviz.config import RunConfig
from rnnviz.domain.checkpoint import CheckpointFacts
from rnnviz.domain.chronicle import Chronicle
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.post_mortem import PostMortem
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import RunFacts
from rnnviz.domain.trace import Trace
from rnnviz.exchange.view_state import ViewState


@dataclass(frozen=True)
class LaneFacts:
    """A companion: another network that is trained in lockstep with the run, on the same batches."""

    label: str  # what tells it from the run: “clip off”, “GRU”
    config: RunConfig
    parameters: int
    since: int = 0  # update of the run after which it began to be trained


@dataclass(frozen=True)
class Started:
    """A run is there to be trained. ``run`` tells runs apart; one that was gone back to keeps its number."""

    run: int
    config: RunConfig
    facts: RunFacts
    train: bool = False  # it was begun in order to be trained at once
    companions: tuple[LaneFacts, ...] = ()
    branch_of: int | None = None  # the run whose past it shares, up to ``newest``
    newest: UpdateRecord | None = None  # of the update that it stands at


@dataclass(frozen=True)
class Opened:
    """The run that has just started is from a file: what the window had seen of it, and how it looked at it."""

    path: Path
    chronicles: tuple[Chronicle, ...]  # of the run, then of its companions
    view: ViewState
    remark: str = ""  # what the user should know of it


@dataclass(frozen=True)
class Written:
    """A file that was ordered is there."""

    path: Path
    what: str  # "session", "autosave", "program"


@dataclass(frozen=True)
class CompanionsChanged:
    """These companions are trained with the run from now on."""

    companions: tuple[LaneFacts, ...]


@dataclass(frozen=True)
class CompanionRecord:
    """What an update of companion ``place`` was."""

    place: int
    record: UpdateRecord


@dataclass(frozen=True)
class Reach:
    """How far back the last token's loss reached when it was last measured, for the run (lane 0) or a companion."""

    lane: int
    tokens: int | None  # at 1 % of the gradient's peak; None where it is not finite or the last token has no loss
    of: int


@dataclass(frozen=True)
class Intervened:
    """From now on this is changed inside every displayed pass."""

    interventions: tuple[Intervention, ...]


@dataclass(frozen=True)
class Showing:
    """Whose traces come from now on: lane 0 is the run, and the update of its past, or None for live."""

    lane: int
    update: int | None
    record: UpdateRecord | None = field(default=None, compare=False)  # of the newest update of what is shown


@dataclass(frozen=True)
class Inspected:
    """What was found in a file of weights."""

    found: CheckpointFacts


@dataclass(frozen=True)
class Recorded:
    """How the recording stands that is shown: what and how, in words."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Past:
    """The gradients of an earlier update, for the map of the whole run."""

    trace: Trace


@dataclass(frozen=True)
class Changed:
    """Settings of the running network were changed."""

    config: RunConfig


@dataclass(frozen=True)
class Failed:
    """Something did not work. The sentence is for the user, the details are for a report of the fault."""

    kind: Literal[
        "refused", "companion", "diverged", "crashed", "ended", "lost"
    ]  # the first two: the run goes on; others pause; lost: the worker is gone, and every run with it
    sentence: str
    details: str = ""
    post_mortem: PostMortem | None = None
