"""Data of the user's own are shown before they are used."""

from PySide6.QtWidgets import QDialog

from rnnviz.app import open_data
from rnnviz.app.data_dialog import DataDialog
from rnnviz.app.opening import open_file
from rnnviz.files.preview import preview
from tests.builders import arrays_file, config, csv_file, recordings_folder, table_file


def test_the_preview_shows_rows_and_what_a_task_makes_of_them(application, qtbot, tmp_path):
    dialog = DataDialog(preview(table_file(tmp_path)), 8)
    qtbot.addWidget(dialog)
    assert dialog.table.item(1, 0).text() == "number 1 was good"
    assert dialog.table.horizontalHeaderItem(1).text() == "label"
    assert dialog.task.currentData() == "sentiment_csv"
    assert "36 texts with one of 2 labels" in dialog.said.text()
    assert dialog.use_button.isEnabled()


def test_a_task_that_cannot_read_the_file_says_why(application, qtbot, tmp_path):
    dialog = DataDialog(preview(csv_file(tmp_path, "1\n2\n3\n")), 50)
    qtbot.addWidget(dialog)
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
    dialog = DataDialog(preview(path), 50)
    qtbot.addWidget(dialog)
    assert dialog.said.text().startswith("The file is long")
    assert dialog.use_button.isEnabled()


def test_a_recording_of_sound_is_learned_from_with_those_beside_it(driven, tmp_path):
    folder = recordings_folder(tmp_path)
    open_file(driven.window, folder / "low_0.wav")
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)


def test_a_folder_of_recordings_can_be_opened_from_a_run_with_attention(driven, tmp_path):
    driven.session.begin(config(task="reversal", length=10, attention="dot", decoder=True))
    driven.until(lambda: driven.session.config.task == "reversal" and driven.session.trace is not None)
    open_file(driven.window, recordings_folder(tmp_path))
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)


def test_a_folder_of_recordings_can_be_opened_from_a_run_with_a_lag(driven, tmp_path):
    driven.session.begin(config(task="look_ahead", length=10, lag=2))
    driven.until(lambda: driven.session.config.task == "look_ahead" and driven.session.trace is not None)
    open_file(driven.window, recordings_folder(tmp_path))
    driven.until(lambda: driven.session.config.task == "speech_wav" and driven.session.trace is not None)
    assert driven.session.config.lag is None


def test_a_sound_that_cannot_be_read_is_told_and_the_old_run_goes_on(driven, tmp_path):
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF no sound")
    before = driven.session.config
    open_file(driven.window, path)
    driven.until(lambda: "broken.wav" in driven.window.notice.text)
    assert driven.session.config == before
