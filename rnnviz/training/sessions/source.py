"""The data of a session: a file of the user's that travels with it, or what the task has by itself."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.notebook import arrays_of
from rnnviz.domain.trace import Trace
from rnnviz.files.errors import BadFileError
from rnnviz.files.whole import write_whole
from rnnviz.tasks.task import Task, predicts, reads
from rnnviz.training.sessions.models import DataPart

LARGEST_EMBEDDED = 50_000_000  # bytes; of larger files the path and the checksum are kept
BLOB = "data"  # name of the entry in the archive
LOOKED_AT = 4  # sequences drawn for the fingerprint


@dataclass(frozen=True)
class Source:
    """Where the data are from, and the file's bytes where they travel with the session."""

    part: DataPart
    content: bytes | None


def source_of(config: RunConfig, task: Task, *, embed: bool) -> Source:
    """Of a run. A file that is not there any more is named without a checksum."""
    content = _content(config.file)
    kept = content if embed and content is not None and len(content) <= LARGEST_EMBEDDED else None
    checksum = None if content is None else hashlib.sha256(content).hexdigest()
    path = None if config.file is None else str(config.file.absolute())
    part = DataPart(file=path, sha256=checksum, embedded=kept is not None, fingerprint=fingerprint(config, task))
    return Source(part, kept)


def fingerprint(config: RunConfig, task: Task) -> str:
    """SHA-256 of what is read and predicted, shown, held out and, from a fixed seed, drawn."""
    made = hashlib.sha256(repr((reads(task), predicts(task))).encode())
    held_out = task.held_out(config.length)
    drawn = task.batch(np.random.default_rng(0), LOOKED_AT, config.length)
    for batch in (task.displayed(config.length), drawn, *([] if held_out is None else [held_out])):
        for array in batch:
            made.update(np.ascontiguousarray(array).tobytes())
    return made.hexdigest()


def trace_digest(trace: Trace) -> str:
    """SHA-256 of all arrays of a trace and their names: equal for traces that are equal bit for bit."""
    made = hashlib.sha256()
    for name, array in arrays_of(trace).items():
        made.update(name.encode())
        made.update(np.ascontiguousarray(array).tobytes())
    return made.hexdigest()


def found_again(session: Path, data: DataPart, content: bytes | None, cache: Path | None = None) -> Path | None:
    """The file to read: where it was if it is still the same, else a copy of the one that travelled.

    Raises BadFileError when neither can be had.
    """
    if data.file is None:
        return None
    path = Path(data.file)
    there = _content(path)
    if there is not None and hashlib.sha256(there).hexdigest() == data.sha256:
        return path
    if content is None:
        found = "has changed" if there is not None else "is not there"
        raise BadFileError(session, f"its data {path} {found}, expected it as it was (SHA-256 {data.sha256})")
    if hashlib.sha256(content).hexdigest() != data.sha256:
        raise BadFileError(session, "the data in it do not have their checksum, expected them undamaged")
    folder = (cache or user_cache_path("rnnviz", appauthor=False)) / "data" / str(data.sha256)
    name = path.name if "\\" not in path.name else path.name.rpartition("\\")[2]
    copy = folder / (name or "data")
    if _content(copy) != content:
        write_whole(copy, lambda file: file.write(content))
    return copy


def _content(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path is not None and path.is_file() else None
    except OSError:
        return None
