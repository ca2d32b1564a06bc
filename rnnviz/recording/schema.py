"""The file of a recording: one SQLite database in WAL mode. No pickle: numbers, JSON and raw arrays.

about     facts as JSON by key, see `about.py`
updates   a row for each update that is kept; a number that was not measured is NULL
traces    the updates of which a sequence was recorded, and the size of its arrays
arrays    of those: little-endian bytes, C order, with numpy's name of the type and the shape as JSON
"""

from pathlib import Path

from rnnviz.domain.records import UpdateRecord

APPLICATION_ID = 0x524E4E56  # “RNNV”, at byte 68 of the file
VERSION = 1
MAGIC = b"SQLite format 3\0"
SUFFIX = ".rnnviz"

NUMBERS = (
    "loss",
    "accuracy",
    "grad_norm",
    "grad_norm_clipped",
    "clip_coefficient",
    "clip_cosine",
    "share_clipped",
    "threshold",
    "rate",
    "update_ratio",
    "validation_loss",
    "validation_accuracy",
    "seconds",
)
ROWS = ("grad_norms", "grad_norms_clipped", "update_ratios")  # one float64 for each parameter; empty: not measured
COLUMNS = ("update", *NUMBERS, "clipped", "clip", *ROWS)

TABLES = f"""
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE updates (
    "update" INTEGER PRIMARY KEY, {", ".join(f"{name} REAL" for name in NUMBERS)},
    clipped INTEGER, clip TEXT, {", ".join(f"{name} BLOB" for name in ROWS)}
);
CREATE TABLE traces ("update" INTEGER PRIMARY KEY, size INTEGER NOT NULL, reading TEXT);
CREATE TABLE arrays (
    id INTEGER PRIMARY KEY, "update" INTEGER NOT NULL, part INTEGER NOT NULL, name TEXT NOT NULL,
    dtype TEXT NOT NULL, shape TEXT NOT NULL, data BLOB NOT NULL
);
CREATE INDEX arrays_of ON arrays ("update");
"""
TABLE_NAMES = frozenset({"about", "updates", "traces", "arrays"})

quoted = ", ".join(f'"{name}"' for name in COLUMNS)
INSERT_UPDATE = f"INSERT OR REPLACE INTO updates ({quoted}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608  # names from above
SELECT_UPDATES = f'SELECT {quoted} FROM updates WHERE "update" > ? ORDER BY "update" LIMIT ?'  # noqa: S608  # likewise


def is_recording(path: Path) -> bool:
    """Whether the first bytes of ``path`` are those of a recording; False where it cannot be read."""
    try:
        if not path.is_file():  # opening a pipe could block for ever
            return False
        with path.open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return head.startswith(MAGIC) and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def row_size(record: UpdateRecord) -> int:
    """About how many bytes the row of ``record`` takes."""
    return 140 + 8 * sum(len(getattr(record, name)) for name in ROWS)
