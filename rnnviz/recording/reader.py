"""The reading side of a recording, also of one that is still being written. Trusts nothing that it reads.

A file may be truncated, damaged or made to harm: every fault ends in a BadFileError with a sentence, queries in bounded
time, and no array is larger than its shape says or than the limits allow.
"""

import json
import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

import numpy as np
from pydantic import BaseModel, ValidationError

from rnnviz.domain.arrays import Array
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace
from rnnviz.files.errors import BadFileError
from rnnviz.recording import schema
from rnnviz.recording.about import Facts, Standing
from rnnviz.recording.capture import Captured
from rnnviz.recording.unpacking import unpacked

if TYPE_CHECKING:
    from rnnviz.recording.rebuilt import Rebuilt

M = TypeVar("M", bound=BaseModel)
LONGEST = 68_000_000  # bytes of one value
MOST_ARRAYS = 20_000  # of one trace
LARGEST_TRACE = 256_000_000
MOST_TRACES = 200_000
PATIENCE_S = 10.0  # for one query
STEPS = 100_000  # of SQLite's machine between two looks at the clock


class Recording:
    """Use it in a ``with``, or close it. Raises BadFileError for a file that is no recording, or a damaged one."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._deadline = math.inf
        if not schema.is_recording(self.path):
            raise BadFileError(self.path, f"{self._what_it_is()}, expected a recording that rnnviz wrote")
        self._connection = self._connected()
        try:
            with self._guarded():
                self._refuse_another_schema()
            self.facts = self._about("facts", Facts)
        except BadFileError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @property
    def standing(self) -> Standing:
        """Whether it has ended, what is missing."""
        return self._about("standing", Standing)

    @property
    def counts(self) -> tuple[int, int]:
        """How many updates are in it, and the number of the newest; 0 where there is none."""
        with self._guarded():
            (row,) = self._connection.execute('SELECT count(*), max("update") FROM updates')
            return int(row[0]), self._whole("the newest update", row[1] or 0)

    def records(self, after: int = 0, most: int = 10_000) -> list[UpdateRecord]:
        """The next ``most`` updates after number ``after``."""
        names = self.facts.parameter_names
        with self._guarded():
            return [self._record(row, names) for row in self._connection.execute(schema.SELECT_UPDATES, (after, most))]

    def traces(self, after: int = 0) -> tuple[int, ...]:
        """The updates, after number ``after``, of which a sequence was recorded."""
        with self._guarded():
            found = self._connection.execute(
                'SELECT "update" FROM traces WHERE "update" > ? ORDER BY "update" LIMIT ?', (after, MOST_TRACES)
            )
            return tuple(self._whole("the update of a trace", row[0]) for row in found)

    def captured(self, update: int) -> Captured:
        """What was recorded of the sequence of ``update``; BadFileError where nothing was."""
        with self._guarded():
            row = self._connection.execute('SELECT reading FROM traces WHERE "update" = ?', (update,)).fetchone()
            if row is None:
                raise BadFileError(self.path, f"there is no trace of update {update}")
            return Captured(update, self._arrays(update), self._reading(update, row[0]))

    def rebuilt(self, update: int) -> "Rebuilt":
        """The same put together: what is shown of it. Imports torch."""
        from rnnviz.recording.rebuilt import rebuild  # noqa: PLC0415  # `info` must not wait for torch

        return rebuild(self.path, self.facts, self.captured(update))

    def trace(self, update: int) -> Trace:
        """The recorded sequence of ``update`` with gates, cell states and total gradients."""
        return self.rebuilt(update).trace

    def _what_it_is(self) -> str:
        if not self.path.exists():
            return "does not exist"
        return "is a folder" if self.path.is_dir() else "is not a recording"

    def _connected(self) -> sqlite3.Connection:
        """Read-only; where the folder cannot be written either, as a file that nobody writes."""
        address = f"file:{quote(str(self.path.resolve()))}?mode=ro"
        for suffix in ("", "&immutable=1"):
            try:
                connection = sqlite3.connect(address + suffix, uri=True, isolation_level=None, timeout=5.0)
            except sqlite3.Error:
                continue
            try:
                self._prepare(connection)
            except sqlite3.Error as error:
                connection.close()
                if suffix or "unable to open" not in str(error):
                    raise BadFileError(self.path, f"cannot be read as a recording: {error}") from error
                continue
            return connection
        raise BadFileError(self.path, "cannot be opened as a recording")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.text_factory = bytes
        connection.set_progress_handler(self._overdue, STEPS)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def _overdue(self) -> bool:
        return time.monotonic() > self._deadline

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Every fault of the database as a BadFileError, and no query for longer than `PATIENCE_S`."""
        self._deadline = time.monotonic() + PATIENCE_S
        try:
            yield
        except sqlite3.OperationalError as error:
            slow = "reading it takes too long" if "interrupted" in str(error) else f"cannot be read: {error}"
            raise BadFileError(self.path, slow) from error
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            raise BadFileError(self.path, f"is damaged: {error}") from error
        finally:
            self._deadline = math.inf

    def _refuse_another_schema(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version != schema.VERSION:
            raise BadFileError(
                self.path, f"its format is version {version}, expected {schema.VERSION}; use the rnnviz that wrote it"
            )
        found = self._connection.execute("SELECT type, name FROM sqlite_master LIMIT 100").fetchall()
        tables = {name.decode("utf-8", "replace") for kind, name in found if kind == b"table"}
        strange = [kind for kind, _ in found if kind not in {b"table", b"index"}]
        if tables != schema.TABLE_NAMES or strange:
            raise BadFileError(self.path, "its tables are not those of a recording")

    def _about(self, key: str, kind: type[M]) -> M:
        with self._guarded():
            row = self._connection.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise BadFileError(self.path, f"it does not say its {key}")
        try:
            return kind.model_validate_json(row[0])
        except (ValidationError, RecursionError) as error:
            where = (
                ".".join(str(part) for part in error.errors()[0]["loc"]) if isinstance(error, ValidationError) else ""
            )
            raise BadFileError(self.path, f"its {key} cannot be understood{f' ({where})' if where else ''}") from error

    def _record(self, row: tuple[Any, ...], names: tuple[str, ...]) -> UpdateRecord:
        given = dict(zip(schema.COLUMNS, row, strict=True))
        update = self._whole("an update", given["update"])
        numbers = {name: self._number(f"{name} of update {update}", given[name]) for name in schema.NUMBERS}
        for name in ("validation_loss", "validation_accuracy"):
            numbers[name] = None if given[name] is None else numbers[name]  # type: ignore[assignment]  # may be None
        rows = {name: self._row(f"{name} of update {update}", given[name], names) for name in schema.ROWS}
        clip = given["clip"].decode("utf-8", "replace")[:20] if isinstance(given["clip"], bytes) else "off"
        return UpdateRecord(update=update, clipped=bool(given["clipped"]), clip=clip, **numbers, **rows)  # type: ignore[arg-type]  # by name

    def _row(self, what: str, value: object, names: tuple[str, ...]) -> dict[str, float]:
        if value in (None, b""):
            return {}
        if not isinstance(value, bytes) or len(value) != 8 * len(names):
            raise BadFileError(self.path, f"{what} is damaged, expected {len(names)} numbers")
        return dict(zip(names, np.frombuffer(value, "<f8").tolist(), strict=True))

    def _number(self, what: str, value: object) -> float:
        if value is None:
            return math.nan
        if not isinstance(value, (int, float)):
            raise BadFileError(self.path, f"{what} is damaged, expected a number")
        return float(value)

    def _whole(self, what: str, value: object) -> int:
        if not isinstance(value, int) or not 0 <= value < 2**53:
            raise BadFileError(self.path, f"{what} is damaged, expected a whole number")
        return value

    def _reading(self, update: int, text: object) -> dict[str, Any] | None:
        if text is None:
            return None
        try:
            found = json.loads(text) if isinstance(text, bytes) else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BadFileError(self.path, f"the texts of the trace of update {update} are damaged")
        return found

    def _arrays(self, update: int) -> dict[tuple[int, str], Array]:
        found: dict[tuple[int, str], Array] = {}
        size = 0
        rows = self._connection.execute(
            'SELECT part, name, dtype, shape, data FROM arrays WHERE "update" = ? ORDER BY id LIMIT ?',
            (update, MOST_ARRAYS),
        )
        for part, name, dtype, shape, data in rows:
            if not (isinstance(part, int) and isinstance(name, bytes) and isinstance(data, bytes)):
                raise BadFileError(self.path, f"an array of the trace of update {update} is damaged")
            size += len(data)
            if size > LARGEST_TRACE:
                raise BadFileError(self.path, f"the trace of update {update} is larger than {LARGEST_TRACE:,} bytes")
            label = name.decode("utf-8", "replace")[:100]
            try:
                found[part, label] = unpacked(dtype, shape, data)
            except ValueError as error:
                raise BadFileError(self.path, f"the array {label!r} of update {update} {error}") from error
        return found
