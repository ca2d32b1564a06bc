"""The writing side of the database. Used by one thread at a time; every call but `commit` is part of a transaction."""

import json
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rnnviz.analysis.thinning import least_missed
from rnnviz.domain.records import UpdateRecord
from rnnviz.recording import schema
from rnnviz.recording.about import Facts, Standing
from rnnviz.recording.capture import TYPES, Capture
from rnnviz.recording.limits import Limits

HEADROOM = 1.25  # of the limit: where the database itself refuses to grow


def free_path(path: Path) -> Path:
    """Create ``path``, or where something is there “name-2.rnnviz” and so on. Raises OSError."""
    for number in range(1, 10_000):
        candidate = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            candidate.open("xb").close()
        except FileExistsError:
            continue
        return candidate
    raise FileExistsError(f"{path} and 9,999 names after it are taken")


class Store:
    """A new recording. Raises OSError or sqlite3.Error where it cannot be written."""

    def __init__(self, path: Path, facts: Facts, limits: Limits) -> None:
        self.path, self._facts, self._limits = free_path(path), facts, limits
        self.standing = Standing(seen=time.time())
        self._sizes: dict[int, int] = {}  # of the traces, by update
        self._row_bytes = 0
        self._rows = 0
        self._connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        try:
            self._create()
        except sqlite3.Error:
            self._connection.close()
            raise

    def _create(self) -> None:
        run = self._connection.execute
        run("PRAGMA page_size = 8192")
        run(f"PRAGMA max_page_count = {int(self._limits.disk * HEADROOM) // 8192 + 64}")
        run("BEGIN")
        run(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        run(f"PRAGMA user_version = {schema.VERSION}")
        for statement in schema.TABLES.split(";"):
            run(statement)
        self._put("facts", self._facts.model_dump_json())
        self.commit()
        # Not before: what tells a recording from other files must be in the file itself and not in the log beside it.
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("PRAGMA journal_size_limit = 16000000")

    def begin(self) -> None:
        """Begin a transaction."""
        self._connection.execute("BEGIN")

    def commit(self) -> None:
        """Make what was added readable for others, and safe from a kill."""
        self.standing = self.standing.model_copy(update={"seen": time.time()})
        self._put("standing", self.standing.model_dump_json())
        self._connection.execute("COMMIT")

    def add_updates(self, records: Iterable[UpdateRecord]) -> None:
        """Add rows; the older half is thinned out when there are too many."""
        rows = [self._row(record) for record in records]
        self._connection.executemany(schema.INSERT_UPDATE, rows)
        self._rows += len(rows)
        if self._row_bytes > self._limits.of_updates:
            self._thin_updates()

    def add_trace(self, capture: Capture) -> None:
        """Add a trace; others go where there are too many. One that is no sequence leaves a remark."""
        try:
            arrays = capture.arrays()
        except ValueError as error:
            self.count(dropped_traces=1)
            self.remark(str(error))
            return
        self._make_room(capture.size)
        reading = None if capture.reading is None else json.dumps(capture.reading)
        self._connection.execute(
            "INSERT OR REPLACE INTO traces VALUES (?, ?, ?)", (capture.update, capture.size, reading)
        )
        self._connection.executemany(
            'INSERT INTO arrays ("update", part, name, dtype, shape, data) VALUES (?, ?, ?, ?, ?, ?)',
            [(capture.update, part, name, *_packed(array)) for (part, name), array in arrays.items()],
        )
        self._sizes[capture.update] = capture.size

    def count(self, **more: int) -> None:
        """Add to counters of `Standing`."""
        changed = {name: getattr(self.standing, name) + number for name, number in more.items()}
        self.standing = self.standing.model_copy(update=changed)

    def remark(self, sentence: str) -> None:
        """Say why something is missing."""
        self.standing = self.standing.model_copy(update={"remark": sentence[:2000]})

    def close(self) -> None:
        """Mark the end; leave a single file if nobody else has it open."""
        self.standing = self.standing.model_copy(update={"ended": True})
        self.begin()
        self.commit()
        try:
            self._connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:  # somebody reads it: the log stays beside it, and is just as good
            pass
        finally:
            self._connection.close()

    def _put(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    def _row(self, record: UpdateRecord) -> tuple[object, ...]:
        self._row_bytes += schema.row_size(record)
        rows = [np.array([*getattr(record, name).values()], "<f8").tobytes() for name in schema.ROWS]
        numbers = [getattr(record, name) for name in schema.NUMBERS]
        return (record.update, *numbers, int(record.clipped), record.clip, *rows)

    def _thin_updates(self) -> None:
        """Every second of the older half goes; the first stays."""
        (middle,) = self._connection.execute(
            'SELECT "update" FROM updates ORDER BY "update" LIMIT 1 OFFSET ?', (self._rows // 2,)
        ).fetchone()
        gone = self._connection.execute(
            'DELETE FROM updates WHERE "update" IN (SELECT "update" FROM (SELECT "update", '
            'row_number() OVER (ORDER BY "update") AS place FROM updates WHERE "update" < ?) WHERE place % 2 = 0)',
            (middle,),
        ).rowcount
        self._row_bytes -= self._row_bytes * gone // self._rows
        self._rows -= gone
        self.count(thinned_updates=gone)

    def _make_room(self, size: int) -> None:
        while self._sizes and sum(self._sizes.values()) + size > self._limits.of_traces:
            updates = sorted(self._sizes)
            gone = updates[least_missed(updates)]
            del self._sizes[gone]
            for table in ("traces", "arrays"):
                self._connection.execute(f'DELETE FROM {table} WHERE "update" = ?', (gone,))  # noqa: S608  # two names
            self.count(thinned_traces=1)


def _packed(array: np.ndarray) -> tuple[str, str, bytes]:
    """Type, shape and bytes; everything that is not a whole number is kept as float32 or float64."""
    wanted = next((name for name, kind in TYPES.items() if kind == array.dtype.newbyteorder("<")), "<f4")
    return wanted, json.dumps(list(array.shape)), np.ascontiguousarray(array, TYPES[wanted]).tobytes()
