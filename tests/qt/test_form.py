"""The settings: what may change does so at once, the rest waits for one click and can be undone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QToolTip

from rnnviz.app.choice_box import ChoiceBox
from rnnviz.app.editors import ChoiceEditor, FileEditor, IntegerEditor, NumberEditor, OptionalNumberEditor, SwitchEditor
from rnnviz.app.run_form import IN_THE_TOOLBAR, RunForm
from rnnviz.config import RunConfig
from rnnviz.config.run_config import LIVE_FIELDS
from tests.builders import config


@pytest.fixture
def form(qtbot):
    form = RunForm()
    qtbot.addWidget(form)
    form.resize(260, 700)
    form.show()
    form.show_config(config())
    return form


@pytest.fixture
def wishes(form):
    wishes = []
    form.begin_wished.connect(lambda wanted: wishes.append(("begin", wanted)))
    form.change_wished.connect(lambda name, value: wishes.append((name, value)))
    return wishes


def test_there_is_an_editor_for_every_setting_that_is_not_in_the_tool_bar(form):
    assert set(form._editors) == set(RunConfig.model_fields) - IN_THE_TOOLBAR
    assert all(editor.toolTip() and editor.accessibleName() for editor in form._editors.values())


def test_at_first_nothing_is_pending(form):
    assert form.pending == {}
    assert not form._notice.isVisible()


@pytest.mark.parametrize("name", sorted(set(LIVE_FIELDS) - IN_THE_TOOLBAR))
def test_a_live_setting_is_passed_on_at_once(form, wishes, name):
    value = {"rate": 0.25, "shown": "batch", "dropout": 0.5}[name]
    form._editors[name].edited.emit(value)
    assert wishes == [(name, value)]
    assert form.pending == {}


def test_other_settings_wait_and_say_that_they_need_a_new_network(form, wishes):
    form._editors["hidden"]._slider.setValue(9)
    form._editors["cell"].edited.emit("gru")
    assert wishes == []
    assert form.pending == {"hidden": 9, "cell": "gru"}
    assert form._notice.isVisible()
    assert form._notice_text.text().startswith("Needs a new network: hidden units, cell. The present run goes on until")


def test_a_length_that_the_task_cannot_have_is_told_and_cannot_be_started(form, wishes):
    form.edit("task", "airline")
    form.edit("length", 120)
    assert form._notice_text.text() == "length is 120, expected at most 119 for the task 'airline'"
    assert not form._start.isEnabled()
    form.start()
    assert wishes == []
    form.edit("length", 119)
    assert form._start.isEnabled()


def test_start_asks_for_the_new_network(form, wishes):
    form.edit("hidden", 9)
    form._start.click()
    assert wishes == [("begin", config(hidden=9))]


def test_what_is_pending_stays_until_the_run_has_begun(form):
    form.edit("hidden", 9)
    form.start()
    assert form.pending == {"hidden": 9}
    form.show_config(config(hidden=9))
    assert form.pending == {}
    assert not form._notice.isVisible()


def test_undo_restores_what_is_in_force(form, wishes):
    form.edit("hidden", 9)
    form.edit("cell", "gru")
    form.undo()
    assert form.pending == {}
    assert not form._notice.isVisible()
    assert form._editors["hidden"]._slider.value() == 6
    assert form._editors["cell"]._box.currentData() == "lstm"
    form.start()
    assert wishes == []


def test_putting_the_old_value_back_is_an_undo(form):
    form.edit("hidden", 9)
    form.edit("hidden", 6)
    assert form.pending == {}
    assert not form._notice.isVisible()


def test_a_combination_that_is_not_possible_is_refused_beside_it_until_it_is_mended(form, wishes, tmp_path):
    form.edit("task", "text")
    assert form._notice_text.text() == "file is not set, expected the path of a UTF-8 text for the task 'text'"
    assert not form._start.isEnabled()
    form.start()
    assert wishes == []
    form.edit("file", tmp_path / "story.txt")
    assert form._start.isEnabled()
    assert form._notice_text.text().startswith("Needs a new network: ")


def test_choosing_a_file_chooses_the_task_that_reads_it(form, tmp_path):
    form.edit("file", tmp_path / "story.txt")
    assert form.pending == {"task": "text", "file": tmp_path / "story.txt"}
    assert form._editors["task"]._box.currentData() == "text"
    assert form._editors["file"]._button.text() == "story.txt"


def test_a_column_is_named_or_left_empty_and_forgotten_with_its_file(form, tmp_path):
    form.show_config(config(task="series_csv", file=tmp_path / "a.csv", column="sold"))
    box = form._editors["column"]._box
    assert (box.text(), box.placeholderText()) == ("sold", "the usual")
    box.setText("price")
    box.editingFinished.emit()
    assert form.pending == {"column": "price"}
    box.setText("")
    box.editingFinished.emit()
    box.editingFinished.emit()
    assert form.pending == {"column": None}
    form.undo()
    assert (form.pending, box.text()) == ({}, "sold")
    form.edit("file", tmp_path / "b.csv")
    assert form.pending == {"file": tmp_path / "b.csv", "column": None}
    assert box.text() == ""


def test_enter_ends_a_name_and_starts_no_run(driven, tmp_path):
    form = driven.window.form
    form.edit("task", "series_csv")
    form.edit("file", tmp_path / "a.csv")
    box = form._editors["column"]._box
    box.setFocus()
    driven.qtbot.keyClicks(box, "sold")
    driven.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.pending["column"] == "sold"
    driven.settle()
    assert driven.session.config.task == "hello"
    assert not driven.window.notice.isVisible()


def test_a_column_is_greyed_out_where_there_is_none(form):
    assert "no columns of a file" in form._editors["column"].toolTip()
    assert not form._editors["column"].isEnabled()
    form.edit("task", "series_csv")
    assert form._editors["column"].isEnabled()


def test_a_setting_that_changes_elsewhere_leaves_what_is_pending(form):
    form.edit("hidden", 9)
    form.show_config(config(rate=0.5))
    assert form.pending == {"hidden": 9}
    assert form._editors["hidden"]._slider.value() == 9
    assert form._editors["rate"]._box.value() == pytest.approx(0.5)


@pytest.mark.parametrize(("cell", "enabled"), [("lstm", True), ("gru", False), ("rnn_tanh", False)])
def test_what_has_no_effect_is_greyed_out(form, cell, enabled):
    form.edit("cell", cell)
    assert form._editors["forget_bias"].isEnabled() == enabled
    assert not form._editors["gain"].isEnabled()
    form.edit("init", "orthogonal")
    assert form._editors["gain"].isEnabled()


def test_a_network_that_takes_long_is_warned_of_and_not_forbidden(form):
    form.edit("hidden", 1024)
    form.edit("length", 2000)
    form.edit("batch", 1024)
    assert "Each update may take about" in form._notice_text.text()
    assert form._start.isEnabled()


@pytest.fixture
def edited(qtbot):
    """An editor that is shown, and the values that the user put into it."""

    def made(editor):
        qtbot.addWidget(editor)
        editor.show()
        values = []
        editor.edited.connect(values.append)
        return editor, values

    return made


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda: ChoiceEditor({"a": "A", "b": "B"}), "b"),
        (lambda: IntegerEditor((1, 9), (1, 1000)), 5),
        (lambda: IntegerEditor((1, 9), (1, 1000)), 200),
        (lambda: NumberEditor(0, 10), 2.5),
        (lambda: OptionalNumberEditor(-5, 5), 1.5),
        (lambda: OptionalNumberEditor(-5, 5), None),
        (SwitchEditor, True),
        (lambda: FileEditor("A file", "Text (*.txt)"), None),
    ],
)
def test_what_the_program_shows_is_not_an_edit(edited, make, value):
    editor, values = edited(make())
    editor.set_value(value)
    assert values == []


def test_a_number_may_go_beyond_what_the_slider_shows(edited, qtbot):
    editor, values = edited(IntegerEditor((1, 9), (1, 1000)))
    editor.set_value(200)
    assert (editor._box.value(), editor._slider.value()) == (200, 9)
    editor._box.selectAll()
    qtbot.keyClicks(editor._box, "300")
    qtbot.keyClick(editor._box, Qt.Key.Key_Return)
    assert values == [300]


def test_the_slider_moves_the_number(edited):
    editor, values = edited(IntegerEditor((1, 9), (1, 1000)))
    editor._slider.setValue(5)
    assert (editor._box.value(), values) == (5, [5])


def test_a_choice_is_an_edit(edited, qtbot):
    editor, values = edited(ChoiceEditor({"a": "A", "b": "B"}))
    qtbot.keyClick(editor.findChild(QComboBox), Qt.Key.Key_Down)
    assert values == ["b"]


def test_a_number_counts_when_it_is_finished_and_not_digit_by_digit(edited, qtbot):
    editor, values = edited(NumberEditor(1e-6, 1000))
    editor._box.selectAll()
    qtbot.keyClicks(editor._box, "12.5")
    assert values == []
    qtbot.keyClick(editor._box, Qt.Key.Key_Return)
    assert values == [12.5]


@pytest.mark.parametrize("value", [1e-06, 5e-05, 0.0003, 0.1234, 1.0, 123.4, 12340.0, 1e5, 1e6])
def test_a_number_of_any_size_survives_being_shown_and_entered(edited, qtbot, value):
    editor, _ = edited(NumberEditor(1e-6, 1e6))
    editor.set_value(value)
    editor._box.selectAll()
    text = editor._box.text()
    editor._box.lineEdit().setText(text)
    qtbot.keyClick(editor._box, Qt.Key.Key_Return)
    assert editor._box.value() == pytest.approx(value)


def test_letters_are_not_taken_for_a_number(edited, qtbot):
    editor, values = edited(NumberEditor(1e-6, 1000))
    editor.set_value(0.5)
    editor._box.selectAll()
    qtbot.keyClicks(editor._box, "fast")
    qtbot.keyClick(editor._box, Qt.Key.Key_Return)
    assert (editor._box.value(), values) == (0.5, [])


def test_an_optional_number_can_be_switched_off_and_on(edited):
    editor, values = edited(OptionalNumberEditor(-5, 5))
    editor.set_value(1.5)
    switch = editor.findChild(QCheckBox)
    switch.click()
    switch.click()
    assert values == [None, 1.5]
    assert editor._box.isEnabled()


@pytest.mark.parametrize(("answer", "values"), [("/texts/a.txt", ["/texts/a.txt"]), ("", [])])
def test_a_file_is_asked_for_and_a_cancelled_dialog_changes_nothing(edited, monkeypatch, answer, values):
    editor, chosen = edited(FileEditor("A file", "Text (*.txt)"))
    monkeypatch.setattr("rnnviz.app.editors.QFileDialog.getOpenFileName", lambda *_: (answer, ""))
    editor._button.click()
    assert [str(path) for path in chosen] == values


def test_a_number_is_put_in_with_enter_and_starts_nothing(driven):
    box = driven.window.form._editors["hidden"]._box
    box.setFocus()
    box.selectAll()
    driven.qtbot.keyClicks(box, "9")
    driven.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert driven.window.form.pending == {"hidden": 9}
    driven.settle()
    assert driven.session.config.hidden != 9


@pytest.mark.parametrize(("typed", "rate"), [("0.02", 0.02), ("0,03", 0.03), ("2e-3", 0.002)])
def test_a_rate_is_read_as_it_is_written(driven, typed, rate):
    box = driven.window.form._editors["rate"]._box
    box.setFocus()
    box.selectAll()
    driven.qtbot.keyClicks(box, typed)
    driven.qtbot.keyClick(box, Qt.Key.Key_Return)
    driven.until(lambda: driven.session.config.rate == rate)


@pytest.mark.parametrize(("name", "value", "named"), [("length", 9, "length T"), ("others", "zero", "W_ih, biases")])
def test_symbols_keep_their_letters_in_what_is_pending(form, name, value, named):
    form._editors[name].edited.emit(value)
    assert f"Needs a new network: {named}. " in form._notice_text.text()


@pytest.mark.parametrize("typed", ["5000", "-7", "1e", ""])
def test_a_rate_that_is_not_allowed_leaves_the_one_before_and_says_so(form, qtbot, typed):
    told = []
    form.change_wished.connect(lambda *change: told.append(change))
    form.show()
    box = form._editors["rate"]._box
    before = box.value()
    box.selectAll()
    qtbot.keyClick(box, Qt.Key.Key_Delete)
    qtbot.keyClicks(box, typed)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert (box.value(), told) == (before, [])
    assert box.text() == f"{before:.4g}"
    assert QToolTip.text() == f"{typed or 'Nothing'} is not a number from 1e-12 to 1000: {before:.4g} stays."


def test_a_name_without_room_is_shortened_rather_than_cut_through(qtbot):
    box = ChoiceBox()
    qtbot.addWidget(box)
    box.addItem("Temporal order")
    whole = box.fontMetrics().horizontalAdvance(box.currentText())
    assert box.shown_name(whole) == "Temporal order"
    assert box.shown_name(whole - 10).endswith("…")
    box.setFixedSize(60, 24)
    cut = QComboBox()
    qtbot.addWidget(cut)
    cut.addItem("Temporal order")
    cut.setFixedSize(60, 24)
    assert box.grab().toImage() != cut.grab().toImage()
