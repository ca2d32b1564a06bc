"""Dates and reversed digits: written after reading, right by the calendar and by Python's own reversal."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks import TASKS
from rnnviz.tasks.dates import FIRST, FORMS, LAST, MONTHS, WEEKDAYS, written
from rnnviz.tasks.task import NO_TARGET, chance


def parsed(text):
    """The day that ``text`` names, whatever the form: found by its parts."""
    (year,) = re.findall(r"\b\d{4}\b", text)
    (day,) = re.findall(r"\b(\d{1,2})(?!\d)", text)
    found = [number for number, name in enumerate(MONTHS, 1) if re.search(rf"\b({name}|{name[:3]})\b", text)]
    assert len(found) == 1
    return date(int(year), found[0], int(day))


@given(st.dates(FIRST, LAST), st.sampled_from(FORMS))
def test_every_form_names_its_day(day, form):
    text = written(day, form)
    assert parsed(text) == day
    for name in WEEKDAYS:
        assert name not in text or day.strftime("%w") == str((WEEKDAYS.index(name) + 1) % 7)


@pytest.mark.parametrize(("day", "ending"), [(1, "st"), (2, "nd"), (3, "rd"), (4, "th"), (11, "th"), (12, "th")])
def test_days_are_counted_as_in_english(day, ending):
    assert written(date(2009, 6, day), FORMS[2]) == f"{day}{ending} of June, 2009"
    assert written(date(2009, 6, 23), FORMS[2]) == "23rd of June, 2009"


def test_the_iso_date_is_asked_for_while_go_symbols_are_read():
    task = TASKS["dates"].open(None, 1)
    for row, wanted in zip(*task.batch(np.random.default_rng(0), 300, 1), strict=True):
        asked = np.flatnonzero(wanted != NO_TARGET)
        assert (np.diff(asked) == 1).all()
        assert len(asked) == 10
        read = "".join(task.reads.labels[code] for code in row[: asked[0]])
        assert parsed(read).isoformat() == "".join(task.predicts.labels[code] for code in wanted[asked])
        assert {task.reads.labels[code] for code in row[asked[0] :]} == {"▸"}


def test_who_has_not_read_the_date_has_the_entropy_of_its_places():
    days = [FIRST + timedelta(days=k) for k in range((LAST - FIRST).days + 1)]
    total = 0.0
    for place in range(10):
        seen = [day.isoformat()[place] for day in days]
        shares = np.array([seen.count(symbol) / len(days) for symbol in sorted(set(seen))])
        total -= float((shares * np.log(shares)).sum())
    task = TASKS["dates"].open(None, 1)
    assert task.best.loss == pytest.approx(total / 10, rel=1e-12)
    assert chance(task, 1).loss == pytest.approx(np.log(11))


@given(length=st.integers(2, 40), seed=st.integers(0, 2**32))
def test_digits_come_back_from_the_last_to_the_first(length, seed):
    task = TASKS["reversal"].open(None, length)
    for row, wanted in zip(*task.batch(np.random.default_rng(seed), 3, length), strict=True):
        half = length // 2
        read = "".join(task.reads.labels[code] for code in row)
        assert read[half:] == "▸" * (length - half)
        asked = [task.predicts.labels[code] for code in wanted if code != NO_TARGET]
        assert "".join(asked) == read[:half][::-1]
        assert (wanted[: length - half] == NO_TARGET).all()
    assert chance(task, length).loss == pytest.approx(np.log(10))
