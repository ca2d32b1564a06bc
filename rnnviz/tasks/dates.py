"""Written dates → ISO: “25th of June, 2009” is read, then 2009-06-25 is written.

Machine translation at its smallest, by one recurrent stack or by encoder and decoder: while it writes, the network
reads a go-symbol at every token, so that not even its own last digit helps; without attention, all has to be in the
state. Days are uniform over a hundred years. Who has read nothing but knows how often every digit stands at every
place has the mean entropy of the ten places.
"""

from datetime import date
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Symbols
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind

FIRST, LAST = date(1950, 1, 1), date(2049, 12, 31)
PLACES = len("2009-06-25")
DIGITS = "0123456789-"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORMS = (
    "{day} {month} {year}",
    "{month} {day}, {year}",
    "{day}{th} of {month}, {year}",
    "{day} {month:.3} {year}",
    "{weekday}, {day} {month} {year}",
    "{weekday}, the {day}{th} of {month} {year}",
)
GO = "▸"
LETTERS = tuple(sorted({*DIGITS, ",", " ", *"".join((*MONTHS, *WEEKDAYS)), *"the st nd rd of"} - {"-"}))


class DatesTask(FreshTask):
    """Sequences as long as the date is written, and ten tokens. In a batch, blanks go before the shorter ones."""

    held_out_seed = (1988, 8601)
    reads = Symbols((*LETTERS, GO))
    predicts = Symbols(tuple(DIGITS))
    note = (
        f"A day of the years {FIRST.year} to {LAST.year}, written in one of {len(FORMS)} ways, is read; while {GO} is "
        f"read, it is to be written as in 2009-06-25. Every date is drawn afresh, {HELD_OUT_SEQUENCES} are held out "
        "by being drawn apart."
    )

    def __init__(self) -> None:
        self.best = Line("without reading", entropy_of_places())

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` dates; ``length`` does not matter."""
        days = [date.fromordinal(int(day)) for day in random.integers(FIRST.toordinal(), LAST.toordinal() + 1, size)]
        forms = random.integers(0, len(FORMS), size)
        texts = [written(day, FORMS[form]) for day, form in zip(days, forms, strict=True)]
        longest = max(len(text) for text in texts)
        inputs = np.stack([_codes(text.rjust(longest) + GO * PLACES, self.reads.labels) for text in texts])
        targets = np.full_like(inputs, NO_TARGET)
        targets[:, -PLACES:] = [_codes(day.isoformat(), self.predicts.labels) for day in days]
        return Batch(inputs, targets)

    def displayed(self, length: int) -> Batch:
        """Return a date by itself: nothing is filled up."""
        return self.batch(np.random.default_rng(self.held_out_seed), 1, length)


def written(day: date, form: str) -> str:
    """Write ``day`` in a ``form`` of FORMS."""
    weekday, month = WEEKDAYS[day.weekday()], MONTHS[day.month - 1]
    return form.format(day=day.day, th=_ending(day.day), month=month, year=day.year, weekday=weekday)


def entropy_of_places() -> float:
    """Entropy of what stands at a place of an ISO date, in nats, mean over the places."""
    days = np.arange(np.datetime64(FIRST), np.datetime64(LAST) + 1)
    table = np.datetime_as_string(days).astype("U10").view("U1").reshape(-1, PLACES)
    return float(np.mean([_entropy(table[:, place]) for place in range(PLACES)]))


def _entropy(symbols: Array) -> float:
    _, counts = np.unique(symbols, return_counts=True)
    shares = counts / counts.sum()
    return -float((shares * np.log(shares)).sum())


def _ending(day: int) -> str:
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _codes(text: str, labels: tuple[str, ...]) -> Array:
    return np.array([labels.index(letter) for letter in text])


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return DatesTask()


DATES = TaskKind(
    "dates",
    "Dates → ISO",
    "a date in words, written as in 2009-06-25 after it was read",
    open_task,
    shape="many → many after reading",
    own_length=True,
)
