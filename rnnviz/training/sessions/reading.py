"""From a session file to a run. Whatever is wrong with it is a BadFileError, and nothing else has happened then."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from rnnviz.config.run_config import RunConfig, sentences
from rnnviz.domain.arrays import Array
from rnnviz.domain.chronicle import COLUMNS, VALIDATION, Chronicle, Ledger
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.intervention import Intervention
from rnnviz.exchange.messages import Opened
from rnnviz.exchange.view_state import ViewState
from rnnviz.files.archive import Archive, read_archive
from rnnviz.files.errors import BadFileError
from rnnviz.training.run import Companion, Run
from rnnviz.training.sessions.fitting import fitted, fitted_own
from rnnviz.training.sessions.models import LanePart, SessionPart, SnapshotPart, ViewPart, intervention_of
from rnnviz.training.sessions.source import BLOB, fingerprint, found_again, trace_digest
from rnnviz.training.sessions.tree import put_together
from rnnviz.training.snapshot import Snapshot
from rnnviz.training.trainer import Trainer


class OpenedSession(NamedTuple):
    """A run as it was saved, what was changed inside the pass, and what the window is told."""

    run: Run
    interventions: tuple[Intervention, ...]
    news: Opened


def open_session(path: Path, number: int) -> OpenedSession:
    """Read ``path`` as the run ``number``. Raises BadFileError, a ValueError that names what is wrong."""
    archive = read_archive(path)
    try:
        part = SessionPart.model_validate(put_together(archive.document, archive.arrays))
        return _built(path, number, part, archive)
    except BadFileError:
        raise
    except ValidationError as error:
        raise BadFileError(path, f"not a session of this rnnviz: {sentences(error).splitlines()[0]}") from error
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, RuntimeError) as error:
        raise BadFileError(path, f"damaged ({error}), expected a whole session") from error


def describe_session(path: Path) -> dict[str, Any]:
    """What is in ``path``, for people and programs. Raises BadFileError as `open_session` does."""
    run = open_session(path, 1).run
    record = run.trainer.record
    return {
        "task": run.trainer.config.task,
        "cell": run.trainer.config.cell,
        "parameters": run.trainer.facts.parameters,
        "newest update": run.trainer.newest,
        "newest loss": None if record is None else record.loss,
        "kept updates": len(run.ring.updates),
        "companions": [companion.label for companion in run.companions],
        "settings": run.trainer.config.model_dump(mode="json"),
        "bytes": path.stat().st_size,
    }


def _built(path: Path, number: int, part: SessionPart, archive: Archive) -> OpenedSession:
    file = found_again(path, part.data, archive.blobs.get(BLOB))
    first = part.lanes[0]
    trainer = _trainer(first.present, file)
    _refuse_other_data(path, part, trainer)
    _display(first, trainer)
    run = Run(number, trainer, changes=[(update, dict(changes)) for update, changes in part.changes])
    run.began = _with_file(part.began, file)
    run.ledger = Ledger(_chronicle(first))
    for other in part.lanes[1:]:
        companion = Companion(_trainer(other.present, file), other.label, frozenset(other.own), other.since)
        _display(other, companion.trainer)
        companion.stopped, companion.ledger = other.stopped, Ledger(_chronicle(other))
        run.companions.append(companion)
    for snapshot in part.ring:
        run.ring.add(_snapshot(snapshot, trainer, file))
    _show(run, part)
    interventions = tuple(intervention_of(name, fields) for name, fields in part.interventions)
    same = trace_digest(run.shown.trace(interventions)) == part.trace  # what cannot be shown is refused here
    remark = "" if same else f"Here the numbers differ in their last digits: it was saved with {_made(part)}."
    chronicles = tuple(_chronicle(lane) for lane in part.lanes)
    return OpenedSession(run, interventions, Opened(path, chronicles, _view(part.view), remark))


def _display(part: LanePart, trainer: Trainer) -> None:
    if part.displayed is not None:
        trainer.display(fitted_own(part.displayed.sequence(), trainer))


def _trainer(part: SnapshotPart, file: Path | None) -> Trainer:
    trainer = Trainer(_with_file(part.config, file))
    trainer.restore(_snapshot(part, trainer, file))
    return trainer


def _snapshot(part: SnapshotPart, trainer: Trainer, file: Path | None) -> Snapshot:
    """As ``trainer`` can take it: every array has the size that its network and its data ask for."""
    found = part.model_copy(update={"config": _with_file(part.config, file)})
    if found.newest is not None:
        newest = found.newest.model_copy(update={"config": _with_file(found.newest.config, file)})
        found = found.model_copy(update={"newest": newest})
    return fitted(found.snapshot(), trainer)


def _with_file(config: RunConfig, file: Path | None) -> RunConfig:
    return config if config.file == file else config.changed(file=file)


def _refuse_other_data(path: Path, part: SessionPart, trainer: Trainer) -> None:
    if fingerprint(trainer.config, trainer.task) != part.data.fingerprint:
        raise BadFileError(
            path,
            f"the data of the task {trainer.config.task!r} are others here than where it was saved ({_made(part)}), "
            "expected the same",
        )


def _made(part: SessionPart) -> str:
    return ", ".join(f"{name} {version}" for name, version in part.versions.items())


def _show(run: Run, part: SessionPart) -> None:
    if part.lane > len(run.companions):
        raise ValueError(f"lane is {part.lane}, expected 0 to {len(run.companions)}")
    run.lane = part.lane
    if part.past is not None and run.ring.get(part.past) is not None:
        run.show_past(part.past)


def _chronicle(lane: LanePart) -> Chronicle:
    return Chronicle(
        _columns("table", lane.table, len(COLUMNS)), _columns("validation", lane.validation, len(VALIDATION)), lane.last
    )


def _columns(name: str, array: Array, columns: int) -> Array:
    if array.ndim != 2 or array.shape[1] != columns or array.dtype != np.float64:
        raise ValueError(f"{name} is {array.shape} of {array.dtype}, expected (N, {columns}) of float64")
    return array


def _view(part: ViewPart) -> ViewState:
    updates, norms = part.flow_updates, part.flow_norms
    if updates.ndim != 1 or norms.ndim != 2 or len(norms) != len(updates) or not np.isfinite(updates).all():
        raise ValueError(f"the map of gradients is {norms.shape} at {updates.shape} updates, expected a row for each")
    return ViewState(Cursor(*part.cursor), part.layout, updates, norms, part.flow_apart)
