"""From a run to its session file, in slices."""

import platform
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rnnviz import __version__
from rnnviz.domain.chronicle import Ledger
from rnnviz.domain.continuation import OwnSequence
from rnnviz.domain.intervention import Intervention
from rnnviz.exchange.orders import SaveSession
from rnnviz.exchange.view_state import ViewState
from rnnviz.files.archive import Archive, archive_in_slices
from rnnviz.training.run import Run
from rnnviz.training.sessions.models import FORMAT, VERSION, intervention_tree, record_tree, snapshot_tree
from rnnviz.training.sessions.source import BLOB, source_of, trace_digest
from rnnviz.training.sessions.tree import taken_apart
from rnnviz.training.snapshot import Snapshot
from rnnviz.training.trainer import Trainer

QUIET_BYTES = 16_000_000  # of the past that is written every minute; all of it when the user saves


def session_in_slices(run: Run, interventions: tuple[Intervention, ...], order: SaveSession) -> Generator[None]:
    """Write the run as it is now to ``order.path``; what it does between two slices does not matter any more.

    Raises OSError.
    """
    source = source_of(run.trained.config, run.trained.task, embed=not order.quietly)
    tree: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": _versions(),
        "seed": run.trainer.config.seed,
        "trace": trace_digest(run.shown.trace(interventions)),
        "began": run.began.model_dump(mode="json"),
        "data": source.part.model_dump(),
        "lanes": list(_lanes(run)),
        "ring": [snapshot_tree(snapshot) for snapshot in _past(run, QUIET_BYTES if order.quietly else None)],
        "changes": [(update, _json(changes)) for update, changes in run.changes],
        "lane": run.lane,
        "past": None if run.past is None else run.past.newest,
        "interventions": [intervention_tree(intervention) for intervention in interventions],
        "view": _view(order.view),
    }
    document, arrays = taken_apart(tree)
    blobs = {} if source.content is None else {BLOB: source.content}
    return archive_in_slices(order.path, Archive(document, arrays, blobs))


def _lanes(run: Run) -> Iterator[dict[str, Any]]:
    yield _lane("", frozenset(), 0, run.trained, run.ledger)
    for other in run.companions:
        yield _lane(other.label, other.own, other.since, other.trainer, other.ledger) | {"stopped": other.stopped}


def _lane(label: str, own: frozenset[str], since: int, trainer: Trainer, ledger: Ledger) -> dict[str, Any]:
    seen = ledger.chronicle()
    return {
        "label": label,
        "own": sorted(own),
        "since": since,
        "stopped": False,
        "present": snapshot_tree(trainer.snapshot()),
        "table": seen.table,
        "validation": seen.validation,
        "last": record_tree(seen.last),
        "displayed": _displayed(trainer.own),
    }


def _displayed(own: OwnSequence | None) -> dict[str, Any] | None:
    if own is None:
        return None
    initial = None if own.initial is None else [list(state) for state in own.initial]
    return {"labels": list(own.labels), "written": own.written, "initial": initial}


def _past(run: Run, budget: int | None) -> list[Snapshot]:
    """What can be gone back to; within ``budget`` bytes every second, third, … and the newest."""
    kept = [found for update in run.ring.updates if (found := run.ring.get(update)) is not None]
    if budget is None or run.ring.nbytes <= budget:
        return kept
    every = -(-run.ring.nbytes // budget)
    return kept[::-1][::every][::-1]


def _view(view: ViewState) -> dict[str, Any]:
    cursor = view.cursor
    return {
        "cursor": (cursor.token, cursor.layer, cursor.unit),
        "layout": dict(view.layout),
        "flow_updates": view.flow_updates,
        "flow_norms": view.flow_norms,
        "flow_apart": view.flow_apart,
    }


def _json(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in changes.items()}


def _versions() -> dict[str, str]:
    python = ".".join(map(str, sys.version_info[:3]))
    found = {"rnnviz": __version__, "python": python, "torch": str(torch.__version__), "numpy": np.__version__}
    return found | {"machine": f"{platform.system()} {platform.machine()}"}
