"""Data of the user's own are shown before they are used."""

import threading

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog

from rnnviz.app import open_data
from rnnviz.app.data_dialog import DataDialog
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program
from rnnviz.app.opening import open_file
from rnnviz.files.preview import preview
from tests.builders import arrays_file, config, csv_file, recordings_folder, table_file, wav_file
from tests.qt.driving import InThread, threads


def shown(qtbot, path, length):
    found = preview(path)
    dialog = DataDialog(found, open_data.choices_of(path, found.tasks, length, found.columns))
    qtbot.addWidget(dialog)
    return dialog


def asked(driven):
    (dialog,) = driven.window.findChildren(DataDialog)
    return dialog


def test_the_preview_shows_rows_and_what_a_task_makes_of_them(application, qtbot, tmp_path):
    dialog = shown(qtbot, table_file(tmp_path), 8)
    assert dialog.table.item(1, 0).text() == "number 1 was good"
    assert dialog.table.horizontalHeaderItem(1).text() == "label"
    assert dialog.choice.name == "sentiment_csv"
    assert "36 texts with one of 2 labels" in dialog.said.text()
    assert dialog.use_button.isEnabled()


def test_a_task_that_cannot_read_the_file_says_why(application, qtbot, tmp_path):
    dialog = shown(qtbot, csv_file(tmp_path, "1\n2\n3\n"), 50)
    assert "3 numbers, of which 2 are to train on, expected more than 50" in dialog.said.text()
    assert not dialog.use_button.isEnabled()


def test_a_file_is_looked_at_and_learned_from(driven, tmp_path):
    path = arrays_file(tmp_path)
    open_data.open_path(driven.window, path)
    (dialog,) = driven.window.findChildren(QDialog)
    dialog.use_button.click()
    driven.until(lambda: driven.session.config.task == "own_arrays" and driven.session.trace is not None)
    assert driven.session.config.file == path
    driven.until(lambda: driven.session.trace.padding == 3)


def test_a_bad_file_is_told_in_the_window(driven, tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(b"x")
    open_data.open_path(driven.window, path)
    assert "a.npz: cannot be opened" in driven.window.notice.text
    assert not driven.window.findChildren(QDialog)


def test_the_window_does_not_wait_for_a_long_file(application, qtbot, tmp_path):
    path = csv_file(tmp_path, "a,b\n" + "1.5,2\n" * 200_000)
    dialog = shown(qtbot, path, 50)
    assert dialog.said.text().startswith("The file is long")
    assert dialog.use_button.isEnabled()


@pytest.fixture
def long_arrays(tmp_path, monkeypatch):
    """A file that counts as a long one, of which looking into takes until it is let go."""
    go_on = threading.Event()

    def slow(path):
        assert go_on.wait(10)
        return preview(path)

    monkeypatch.setattr("rnnviz.files.preview.LONG_ARRAYS", 10)
    monkeypatch.setattr(open_data, "preview", slow)
    yield arrays_file(tmp_path), go_on
    go_on.set()


def test_the_window_goes_on_while_a_large_file_is_looked_into(driven, long_arrays):
    path, go_on = long_arrays
    open_file(driven.window, path)
    assert driven.window.notice.text == f"Looking into {path.name} …"
    assert not driven.window.findChildren(DataDialog)
    driven.session.run()
    driven.until(lambda: driven.session.history.last is not None)
    go_on.set()
    driven.until(lambda: bool(driven.window.findChildren(DataDialog)))
    assert not driven.window.notice.isVisible()
    assert asked(driven).choice.name == "own_arrays"


def test_of_two_large_files_the_newer_is_shown(driven, long_arrays):
    path, go_on = long_arrays
    for _ in range(2):
        open_file(driven.window, path)
    go_on.set()
    driven.until(lambda: bool(driven.window.findChildren(DataDialog)))
    driven.settle()
    asked(driven)


def test_what_is_wrong_with_a_large_file_is_said_in_the_window(driven, tmp_path, monkeypatch):
    monkeypatch.setattr("rnnviz.files.preview.LONG_ARRAYS", 10)
    np.save(tmp_path / "a.npy", np.zeros((1, 2, 3, 4)))
    open_file(driven.window, tmp_path / "a.npy")
    driven.until(lambda: "the sequences are (1, 2, 3, 4), expected" in driven.window.notice.text)
    assert not driven.window.findChildren(DataDialog)


def test_a_window_can_be_closed_while_a_large_file_is_looked_into(programs, long_arrays):
    path, go_on = long_arrays
    with Program(WindowLayout(), None, InThread()) as program:
        program.window.show()
        open_file(program.window, path)
    (looking,) = (thread for thread in threads() if thread.name.startswith("rnnviz-looking"))
    go_on.set()
    looking.join(10)


def test_recordings_are_shown_before_they_are_learned_from_with_those_beside_them(driven, tmp_path):
    folder = recordings_folder(tmp_path)
    before = driven.session.config
    open_file(driven.window, folder / "low_0.wav")
    dialog = asked(driven)
    assert dialog.table.item(0, 0).text() == "high_0.wav"
    assert dialog.said.text().startswith("All headers are as expected.")
    assert driven.session.config == before
    dialog.use_button.click()
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)
    assert driven.session.config.file == folder / "low_0.wav"


def test_nothing_is_learned_from_recordings_when_the_preview_is_cancelled(driven, tmp_path):
    before = driven.session.config
    open_file(driven.window, recordings_folder(tmp_path))
    asked(driven).reject()
    driven.settle()
    assert set(before.difference(driven.session.config)) == {"rate"}  # by which `settle` waits


def test_no_sample_is_read_for_the_preview(driven, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("samples were read")

    monkeypatch.setattr("wave.Wave_read.readframes", refuse)
    open_file(driven.window, recordings_folder(tmp_path))
    assert asked(driven).use_button.isEnabled()


def test_a_folder_of_recordings_can_be_opened_from_a_run_with_attention(driven, tmp_path):
    driven.session.begin(config(task="reversal", length=10, attention="dot", decoder=True))
    driven.until(lambda: driven.session.config.task == "reversal" and driven.session.trace is not None)
    open_file(driven.window, recordings_folder(tmp_path))
    asked(driven).use_button.click()
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)


def test_a_folder_of_recordings_can_be_opened_from_a_run_with_a_lag(driven, tmp_path):
    driven.session.begin(config(task="look_ahead", length=10, lag=2))
    driven.until(lambda: driven.session.config.task == "look_ahead" and driven.session.trace is not None)
    open_file(driven.window, recordings_folder(tmp_path))
    asked(driven).use_button.click()
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)
    assert driven.session.config.lag is None


def test_a_table_of_recordings_is_shown_as_one(driven, tmp_path):
    recordings_folder(tmp_path)
    table = tmp_path / "labels.csv"
    rows = [f"sounds/{name}_{k}.wav,{name} voice\n" for name in ("low", "high") for k in range(6)]
    table.write_text("file,label\n" + "".join(rows))
    open_file(driven.window, table)
    assert asked(driven).table.item(0, 1).text() == "high voice"
    asked(driven).use_button.click()
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)
    assert driven.session.config.file == table


def test_a_sound_that_cannot_be_read_is_told_and_cannot_be_learned_from(driven, tmp_path):
    path = recordings_folder(tmp_path) / "low_broken.wav"
    path.write_bytes(b"RIFF no sound")
    open_file(driven.window, path)
    assert "low_broken.wav: " in asked(driven).said.text()
    assert not asked(driven).use_button.isEnabled()


def test_recordings_of_one_label_are_refused_in_the_preview(driven, tmp_path):
    for k in range(3):
        wav_file(tmp_path / "sounds" / "low" / f"{k}.wav")
    open_file(driven.window, tmp_path / "sounds")
    assert "every label is 'low', expected at least two different ones" in asked(driven).said.text()
    assert not asked(driven).use_button.isEnabled()


def test_a_table_whose_recordings_are_missing_says_so(driven, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("a.wav,yes\nb.wav,yes\nc.wav,no\nd.wav,no\n")
    open_file(driven.window, table)
    assert "c.wav: does not exist" in asked(driven).said.text()


def test_an_empty_table_of_recordings_is_told_in_the_window(driven, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("file,label,more\na.wav,b,c\n")
    open_file(driven.window, table)
    assert "line 1 has 3 columns, expected two columns, a file and its label" in driven.window.notice.text


def test_settings_begin_their_run_at_once(driven, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(config(task="parity", length=9, hidden=7).model_dump_json())
    open_file(driven.window, path)
    driven.until(lambda: driven.session.config == config(task="parity", length=9, hidden=7))
    driven.until(lambda: driven.updates > 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"cell": "mamba"}', "cell is 'mamba', expected one of"), ('{"task": "text"}', "file is not set, expected")],
)
def test_settings_that_are_wrong_are_told_and_the_old_run_goes_on(driven, tmp_path, text, words):
    path, before = tmp_path / "run.json", driven.session.config
    path.write_text(text)
    open_file(driven.window, path)
    assert words in driven.window.notice.text
    assert driven.session.config == before


@pytest.mark.parametrize("text", ['{"name": "Anna", "cell": 3, "says": "hello"}', "[1, 2, 3]", '{"cell": ', "[" * 9000])
def test_json_that_is_no_settings_is_looked_at_as_data(driven, tmp_path, text):
    path = tmp_path / "data.json"
    path.write_text(text)
    open_file(driven.window, path)
    assert asked(driven).choice.name in {"text", "series_csv"}


SALES = "month,sold,price\n" + "".join(f"m{k},{k % 7},{k % 5 * 2.5}\n" for k in range(60))


def test_the_column_of_a_series_is_chosen_in_the_preview(driven, tmp_path):
    path = csv_file(tmp_path, SALES)
    open_file(driven.window, path)
    dialog = asked(driven)
    assert [dialog.column.itemText(place) for place in range(dialog.column.count())] == ["sold", "price"]
    assert (dialog.column.currentText(), dialog.column.isVisible()) == ("price", True)
    assert "numbers.csv: 'price' (column 3 of 3" in dialog.said.text()
    dialog.column.setCurrentText("sold")
    dialog.column.activated.emit(0)
    assert "numbers.csv: 'sold' (column 2 of 3" in dialog.said.text()
    dialog.use_button.click()
    driven.until(lambda: driven.session.config.task == "series_csv" and driven.session.trace is not None)
    assert (driven.session.config.file, driven.session.config.column) == (path, "sold")
    assert driven.session.facts.reads.names == ("sold",)
    assert driven.window.form._editors["column"]._box.text() == "sold"


def test_the_usual_column_needs_no_setting(driven, tmp_path):
    open_file(driven.window, csv_file(tmp_path, SALES))
    asked(driven).use_button.click()
    driven.until(lambda: driven.session.config.task == "series_csv" and driven.session.trace is not None)
    assert (driven.session.config.column, driven.session.facts.reads.names) == (None, ("price",))


def test_columns_are_offered_only_where_there_are_several_and_one_of_them_is_learned(application, qtbot, tmp_path):
    dialog = shown(qtbot, csv_file(tmp_path, SALES), 8)
    dialog.task.setCurrentIndex(1)
    assert (dialog.choice.name, dialog.column.isVisibleTo(dialog)) == ("text", False)
    dialog.task.setCurrentIndex(0)
    assert dialog.column.isVisibleTo(dialog)
    assert not shown(qtbot, csv_file(tmp_path, "1\n2\n3\n"), 2).column.isVisibleTo(dialog)


def test_numbers_in_json_lines_are_a_series(driven, tmp_path):
    path = tmp_path / "sales.jsonl"
    path.write_text("".join(f'{{"day": "d{k}", "sold": {k % 7}, "price": {k % 5}}}\n' for k in range(60)))
    open_file(driven.window, path)
    dialog = asked(driven)
    assert (dialog.choice.name, dialog.column.count(), dialog.table.item(1, 0).text()) == ("series_csv", 2, "d1")
    dialog.use_button.click()
    driven.until(lambda: driven.session.config.task == "series_csv" and driven.session.trace is not None)


def test_a_column_of_a_long_file_is_chosen_without_reading_it_all(application, qtbot, tmp_path):
    dialog = shown(qtbot, csv_file(tmp_path, "a,b\n" + "1.5,2\n" * 200_000), 50)
    dialog.column.setCurrentText("a")
    assert dialog.chosen_column == "a"


def test_a_column_that_is_not_there_is_told_and_the_old_run_goes_on(driven, tmp_path):
    form, path = driven.window.form, csv_file(tmp_path, SALES)
    for name, value in (("task", "series_csv"), ("file", path), ("column", "sales")):
        form.edit(name, value)
    form.start()
    driven.until(driven.window.notice.isVisible)
    assert "no column is called 'sales', expected one of 'sold', 'price'" in driven.window.notice.text
    assert driven.session.config.task == "hello"


def test_the_window_does_not_wait_for_a_long_array(application, qtbot, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(1_100_000))
    dialog = shown(qtbot, tmp_path / "a.npy", 50)
    assert dialog.said.text().startswith("The file is long")
    np.save(tmp_path / "b.npy", np.zeros(900))
    assert "all are 0, expected different ones" in shown(qtbot, tmp_path / "b.npy", 50).said.text()
