"""A series of the user's own: one column of a CSV file, of JSON lines or of an array."""

from pathlib import Path

from rnnviz.domain.run import Line
from rnnviz.files.columns import read_column
from rnnviz.files.errors import BadFileError
from rnnviz.files.suffixes import ARRAYS
from rnnviz.files.text import encoding_note
from rnnviz.tasks.series import SeriesTask, autoregression, naive, standardised
from rnnviz.tasks.task import Task, TaskKind

HELD_OUT_SHARE = 0.2
LARGEST_ORDER = 12  # of the linear rule
PER_WEIGHT = 4  # numbers to train on for each weight of it


def open_task(file: Path | None, length: int, column: str | None = None) -> Task:
    """Read this column of ``file``, None: the fullest; its last fifth is held out. Raises BadFileError."""
    if file is None:
        raise ValueError("file is not set, expected the path of a CSV file for the task 'series_csv'")
    name, numbers, how = read_column(file, column)
    cut = len(numbers) - max(round(len(numbers) * HELD_OUT_SHARE), 1)
    if cut < 2:
        raise BadFileError(file, f"numbers in the column: {len(numbers)}, expected 3 at least: one is held out")
    if cut <= length:
        raise BadFileError(
            file,
            f"{len(numbers)} numbers, of which {cut} are to train on, expected more than {length} of those for "
            f"a length of {length}; choose a shorter one",
        )
    try:
        series = standardised(numbers, cut)
    except ValueError as error:
        raise BadFileError(file, str(error)) from error
    order = max(min(LARGEST_ORDER, length, cut // PER_WEIGHT - 1), 1)
    note = (
        f"{file.name}: {name!r} ({how}), standardised: {cut:,} numbers to train on, the last {len(numbers) - cut:,} "
        f"held out.{'' if file.suffix.lower() in ARRAYS else encoding_note(file)}"
    )
    best = Line(f"linear rule, {order} numbers back", autoregression(series, order))
    return SeriesTask(series, name, note, Line("same as the last", naive(series)), best)


SERIES_CSV = TaskKind(
    "series_csv",
    "Own series",
    "the next number of a column of yours: of a CSV file, of JSON lines or of an array",
    open_task,
    needs_file=True,
    file_kind="a CSV file, JSON lines or an array with a column of numbers",
    reads_numbers=True,
    by_column=open_task,
)
