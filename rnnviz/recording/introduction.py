"""How a recording introduces itself to a window that was made for runs."""

import math
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rnnviz.cells import CELLS
from rnnviz.config.run_config import FIRST_RUN, RunConfig
from rnnviz.domain.run import Line, RunFacts
from rnnviz.domain.values import Numbers
from rnnviz.recording.about import Facts, Standing

SILENT_S = 10.0  # without a sign of life
RUN_FACTS = TypeAdapter(RunFacts)


def config_of(facts: Facts) -> RunConfig:
    """The settings that it was trained with; of somebody's own loop the first run's, with its cell and no clipping."""
    if facts.config is not None:
        try:
            return RunConfig.model_validate(facts.config)
        except ValidationError:  # of another version: pictures need no settings
            pass
    cells = [part.cell for part in facts.parts if part.cell in CELLS]
    return FIRST_RUN.changed(clip="off", **({"cell": cells[-1]} if cells else {}))


def facts_of(facts: Facts) -> RunFacts:
    """What is known of the run."""
    found = None
    if facts.run is not None:
        try:
            found = RUN_FACTS.validate_python(facts.run)
        except ValidationError:  # likewise
            found = None
    if found is None:
        nothing = Numbers(())
        found = RunFacts(facts.model, nothing, nothing, facts.parameters, Line("", math.nan), own_unit="")
    return replace(found, recording=True)


def run_as_json(facts: RunFacts) -> dict[str, object]:
    """`RunFacts` for `Facts.run`."""
    found: dict[str, object] = RUN_FACTS.dump_python(facts, mode="json")
    return found


def rows_of(path: Path, facts: Facts, standing: Standing, newest: int, traces: int) -> tuple[tuple[str, str], ...]:
    """What it is and how it stands, as rows of two columns."""
    begun = datetime.fromtimestamp(facts.started, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    parts = [
        (f"layer group {place}" if len(facts.parts) > 1 else "recurrent", part.in_words)
        for place, part in enumerate(facts.parts, 1)
    ]
    rows = [
        ("file", path.name),
        ("state", state_in_words(standing)),
        ("model", f"{facts.model}, {facts.parameters:,} parameters"),
        *(parts[:12] or [("recurrent", "none was found")]),
        *(("left out", sentence) for sentence in facts.left_out[:5]),
        ("updates", f"{newest:,}"),
        ("traces", f"{traces:,}"),
        ("missing", standing.in_words),
        ("begun", begun),
        ("by", f"rnnviz {facts.rnnviz}, torch {facts.torch}"),
        ("note", standing.remark),
    ]
    return tuple((name, value) for name, value in rows if value)


def state_in_words(standing: Standing) -> str:
    """“ended”, “being written”, or for how long nothing has come."""
    if standing.ended:
        return "ended"
    silent = time.time() - standing.seen
    if silent < SILENT_S:
        return "being written"
    return f"not ended; no sign of life for {_ago(silent)}"


def _ago(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
