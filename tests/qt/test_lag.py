"""The lag in the form: there where a task has one, with what it counts and what fits; a run that starts has it."""

import pytest
from PySide6.QtCore import Qt

from rnnviz.app.lag_editor import LagEditor
from rnnviz.app.run_form import RunForm
from rnnviz.tasks.look_ahead import LOOK_AHEAD
from tests.builders import config
from tests.qt.driving import a_small_run

NBSP = "\N{NO-BREAK SPACE}"


def shown(editor):
    """What a user sees of the lag: is it set, the number, what the slider runs over, the words."""
    number = editor._number
    ends = number._slider.minimum(), number._slider.maximum()
    return editor._switch.isChecked(), number.value, ends, editor.below.text().replace(NBSP, " ")


def has_room(form):
    """Whether all lines of what is said below the lag are seen, and the next field stands under them."""
    below, batch = form._editors["lag"].below, form._editors["batch"]
    whole = below.height() == below.heightForWidth(below.width()) and batch.height() >= batch.sizeHint().height()
    return whole and below.geometry().bottom() < batch.geometry().top()


@pytest.fixture
def form(qtbot):
    form = RunForm()
    qtbot.addWidget(form)
    form.resize(240, 700)
    form.show()
    form.show_config(config(task="hello"))
    return form


def test_only_a_task_with_a_lag_shows_the_field(form):
    editor = form._editors["lag"]
    parts = (editor, editor.below, *form._beside["lag"])
    assert not any(part.isVisible() for part in parts)
    form.edit("task", "look_ahead")
    assert all(part.isVisible() for part in parts)
    form.edit("task", "parity")
    assert not any(part.isVisible() for part in parts)


def test_the_field_says_what_it_counts_and_what_fits_the_length(form):
    form.edit("task", "look_ahead")
    words = "Tokens from where a bit is asked for to where it is read."
    assert shown(form._editors["lag"]) == (False, 5, (1, 7), f"{words}\nAt T = 8: 1 to 7; off: 5.")
    form.edit("length", 30)
    assert shown(form._editors["lag"]) == (False, 5, (1, 29), f"{words}\nAt T = 30: 1 to 29; off: 5.")
    form.edit("task", "delayed_bit")
    assert shown(form._editors["lag"])[:3] == (False, 29, (0, 29))
    assert shown(form._editors["lag"])[3].endswith("At T = 30: 0 to 29; off: 29.")


def test_every_word_about_the_lag_has_room(form, qtbot):
    for task in ("look_ahead", "copy", "delayed_bit", "temporal_order", "adding"):
        form.edit("length", 40)
        form.edit("task", task)
        qtbot.waitUntil(lambda: has_room(form))


def test_switching_the_lag_on_proposes_the_one_that_is_shown_and_off_takes_it_back(form):
    form.show_config(config(task="look_ahead", length=12))
    editor = form._editors["lag"]
    editor._switch.click()
    assert form.pending == {"lag": 5}
    editor._number._slider.setValue(2)
    assert form.pending == {"lag": 2}
    editor._switch.click()
    assert form.pending == {}
    assert shown(editor)[:2] == (False, 5)


def test_a_lag_that_does_not_fit_is_told_until_the_length_is_mended(form):
    form.show_config(config(task="look_ahead", length=12))
    form.edit("lag", 12)
    assert form._notice_text.text() == "lag is 12, expected 1 to 11 for 12 tokens of the task 'look_ahead'"
    assert not form._start.isEnabled()
    form.edit("length", 13)
    assert form._start.isEnabled()


def test_a_lag_does_not_go_over_to_another_task(form):
    form.show_config(config(task="look_ahead", length=30, lag=3))
    form.edit("task", "hello")
    assert form.pending == {"task": "hello", "lag": None}
    assert form._start.isEnabled()
    form.edit("task", "copy")
    assert form.pending == {"task": "copy", "lag": None}
    assert shown(form._editors["lag"])[:2] == (False, 9)
    form.edit("task", "look_ahead")
    assert form.pending == {}
    assert shown(form._editors["lag"])[:2] == (True, 3)


def test_choosing_a_file_leaves_the_lag_behind(form, tmp_path):
    form.show_config(config(task="look_ahead", length=30, lag=3))
    form.edit("file", tmp_path / "story.txt")
    assert form.pending == {"task": "text", "file": tmp_path / "story.txt", "lag": None}
    assert form._start.isEnabled()


def test_what_the_program_shows_of_a_lag_is_not_an_edit(qtbot):
    editor, values = LagEditor((0, 1999)), []
    qtbot.addWidget(editor)
    editor.edited.connect(values.append)
    for value in (None, 3, None):
        editor.set_value(value)
        editor.offer(LOOK_AHEAD.lag, 12)
        editor.offer(LOOK_AHEAD.lag, 4)
    assert values == []


def test_a_lag_beyond_what_fits_stays_as_it_was_given(qtbot):
    editor = LagEditor((0, 1999))
    qtbot.addWidget(editor)
    editor.set_value(9)
    editor.offer(LOOK_AHEAD.lag, 6)
    assert shown(editor)[:3] == (True, 9, (1, 5))


def test_a_run_that_starts_with_another_lag_asks_for_what_comes_so_many_tokens_later(start):
    driven = start(a_small_run(task="look_ahead", length=12))

    def lag_of_the_trace():
        reading = driven.session.trace.reading
        return [lag for lag in range(1, 12) if reading.targets == (*reading.tokens[lag:], *(None,) * lag)]

    driven.train(1)
    assert lag_of_the_trace() == [5]
    form = driven.window.form
    form._editors["lag"]._switch.click()
    box = form._editors["lag"]._number._box
    box.setFocus()
    box.selectAll()
    driven.qtbot.keyClicks(box, "2")
    driven.qtbot.keyClick(box, Qt.Key.Key_Return)
    form._start.click()
    driven.until(lambda: driven.session.config.lag == 2 and driven.session.trace is not None)
    driven.until(lambda: lag_of_the_trace() == [2])
    assert form.pending == {}
    assert "the bit that comes 2 tokens later" in driven.session.facts.task_note
