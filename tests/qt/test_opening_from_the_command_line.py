"""What the command line names is opened: recordings, sessions, weights; by picture and by render."""

import sqlite3

import pytest
import torch
from PySide6.QtGui import QImage

from rnnviz import cli, watch
from rnnviz.training.run import Run
from rnnviz.training.trainer import Trainer
from tests.builders import config, recordings_folder, save_session, text_file, vectors_file, wav_file


def _recording(path):
    model = torch.nn.LSTM(3, 4)
    watched = watch(model, path=path, every=0.0)
    loss = model(torch.ones(5, 1, 3))[0].sum()
    loss.backward()
    watched.update(loss)
    watched.close()


def _session(path):
    run = Run(1, Trainer(config(task="hello")))
    run.update()
    save_session(path, run)


FILES = {
    "a.rnnviz": _recording,
    "a.rnnviz-session": _session,
    "a.pt": lambda path: torch.save(torch.nn.LSTM(3, 4).state_dict(), path),
}


@pytest.mark.parametrize("name", FILES)
def test_a_picture_is_taken_of_every_kind_of_file(programs, tmp_path, name):
    FILES[name](tmp_path / name)
    assert cli.main([str(tmp_path / name), "--screenshot", str(tmp_path / "out.png")]) == 0
    assert QImage(str(tmp_path / "out.png")).width() == 1600


@pytest.mark.parametrize("name", FILES)
def test_a_window_is_opened_with_every_kind_of_file(monkeypatch, tmp_path, name):
    opened = []
    monkeypatch.setattr("rnnviz.app.main.run_window", lambda _, **more: opened.append(more["opened"]) or 0)
    FILES[name](tmp_path / name)
    assert cli.main([str(tmp_path / name)]) == 0
    assert opened == [tmp_path / name]


@pytest.fixture
def shown(monkeypatch):
    """What the window was to open, in place of opening one."""
    calls = []
    monkeypatch.setattr("rnnviz.app.main.run_window", lambda config, **more: calls.append((config, more)) or 0)
    return calls


@pytest.mark.parametrize("name", ["", "low_1.wav"])
def test_recordings_are_left_to_the_window_which_asks(shown, tmp_path, name):
    path = recordings_folder(tmp_path) / name
    assert cli.main([str(path)]) == 0
    assert shown[0][1]["opened"] == path


def test_recordings_are_learned_from_where_nobody_can_be_asked(programs, tmp_path):
    path, out = recordings_folder(tmp_path), tmp_path / "out.png"
    assert cli.main([str(path), "--screenshot", str(out), "--updates", "3"]) == 0
    (program,) = programs
    assert (program.session.config.task, program.session.config.file) == ("speech_wav", path)
    assert out.exists()


def test_a_folder_without_recordings_is_refused(shown, tmp_path, capsys):
    assert cli.main([str(tmp_path)]) == 3
    assert f"{tmp_path}: is a folder without WAV files, expected a file" in capsys.readouterr().err


def test_recordings_that_cannot_be_used_are_refused_where_nobody_can_be_asked(tmp_path, capsys):
    wav_file(tmp_path / "sounds" / "a.wav", 0.01)
    assert "expected" in _said(capsys, tmp_path / "sounds")


def _vec(folder):
    return vectors_file(folder, "the 1 0 0\nof 0 1 0\n").rename(folder / "a.vec")


@pytest.mark.parametrize("text", [False, True])
def test_word_vectors_are_asked_about_beside_a_run_of_words(shown, tmp_path, text):
    path = vectors_file(tmp_path) if text else _vec(tmp_path)
    assert cli.main([str(path), "--seed", "3"]) == 0
    ((found, more),) = shown
    assert (found.task, found.seed, found.vectors) == ("words", 3, "random")
    assert (more["opened"], more["beside"]) == (path, True)


@pytest.mark.parametrize("text", [False, True])
def test_a_task_that_is_asked_for_begins_with_the_vectors(shown, tmp_path, text):
    path = vectors_file(tmp_path) if text else _vec(tmp_path)
    assert cli.main([str(path), "--task", "hello"]) == 0
    ((found, more),) = shown
    assert (found.task, found.vectors, found.vectors_file) == ("hello", "file", path)
    assert "opened" not in more


def test_a_task_that_reads_a_text_reads_one_that_looks_like_vectors(shown, tmp_path):
    path = text_file(tmp_path, "word 1 2\n" * 200)
    assert cli.main([str(path), "--task", "text"]) == 0
    assert (shown[0][0].task, shown[0][0].file, shown[0][0].vectors) == ("text", path, "random")


def test_vectors_for_a_task_that_reads_numbers_are_refused(shown, tmp_path, capsys):
    assert cli.main([str(_vec(tmp_path)), "--task", "adding"]) == 3
    assert (
        "a.vec: is a file of word vectors, expected with it a task of words, but 'adding' reads"
        in capsys.readouterr().err
    )


def test_missing_vectors_are_refused(shown, tmp_path, capsys):
    assert cli.main([str(tmp_path / "a.vec")]) == 3
    assert "a.vec: does not exist" in capsys.readouterr().err


def test_a_picture_is_taken_of_a_run_that_begins_with_vectors(programs, tmp_path):
    out = tmp_path / "out.png"
    assert cli.main([str(_vec(tmp_path)), "--screenshot", str(out), "--updates", "2"]) == 0
    (program,) = programs
    assert (program.session.config.task, program.session.config.embedding) == ("words", 3)


def _settings(folder, **changes):
    path = folder / "run.json"
    path.write_text(config(**changes).model_dump_json())
    return path


def test_settings_are_the_run_that_is_opened_and_options_change_it(shown, tmp_path):
    path = _settings(tmp_path, task="adding", length=12)
    assert cli.main([str(path)]) == 0
    assert cli.main([str(path), "--cell", "gru", "--seed", "5"]) == 0
    assert [found for found, _ in shown] == [
        config(task="adding", length=12),
        config(task="adding", length=12, cell="gru", seed=5),
    ]
    assert all("opened" not in more for _, more in shown)


def test_a_picture_is_taken_of_settings_after_so_many_updates(programs, tmp_path):
    out = tmp_path / "out.png"
    assert cli.main([str(_settings(tmp_path, task="hello")), "--screenshot", str(out), "--updates", "4"]) == 0
    (program,) = programs
    assert (program.session.config.task, program.session.history.last.update) == ("hello", 4)


def test_settings_that_are_refused_are_told_by_file_and_name(shown, tmp_path, capsys):
    path = tmp_path / "run.json"
    path.write_text('{"cell": "lstm", "hiden": 3}')
    assert cli.main([str(path)]) == 3
    assert f"rnnviz: {path}: 'hiden' is not a setting, expected one of cell" in capsys.readouterr().err
    assert shown == []


def test_json_that_is_no_settings_is_a_text(shown, tmp_path):
    path = tmp_path / "data.json"
    path.write_text('{"name": "Anna", "says": "' + "hello there, " * 40 + '"}')
    assert cli.main([str(path)]) == 0
    assert shown[0][1]["opened"] == path
    assert cli.main([str(path), "--task", "text"]) == 0
    assert (shown[1][0].task, shown[1][0].file) == ("text", path)


def test_a_text_is_asked_about_by_the_window_beside_a_run_to_go_back_to(shown, tmp_path):
    path = text_file(tmp_path)
    assert cli.main([str(path)]) == 0
    assert (shown[0][1]["opened"], shown[0][1]["beside"]) == (path, True)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.npy"])
def test_data_that_the_window_could_only_refuse_is_refused_before_it_is_opened(shown, tmp_path, capsys, name):
    path = tmp_path / name
    path.write_bytes(b"\0" * 9)
    assert cli.main([str(path)]) == 3
    assert f"rnnviz: {path}: " in capsys.readouterr().err
    assert shown == []


def _said(capsys, path):
    """What is said when a picture of ``path`` is refused with 3."""
    assert cli.main([str(path), "--screenshot", str(path.parent / "out.png")]) == 3
    assert not (path.parent / "out.png").exists()
    return capsys.readouterr().err


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_by_name(tmp_path, capsys, name):
    assert f"rnnviz: {tmp_path / name}: does not exist, expected " in _said(capsys, tmp_path / name)


@pytest.mark.parametrize(
    ("name", "words"), [("a.rnnviz", "is not a recording"), ("a.pt", "the file is empty, expected weights")]
)
def test_an_empty_file_is_refused_before_a_window_is_made(tmp_path, capsys, name, words):
    (tmp_path / name).touch()
    assert f"rnnviz: {tmp_path / name}: {words}" in _said(capsys, tmp_path / name)


def test_a_truncated_session_is_refused(programs, tmp_path, capsys):
    path = tmp_path / "a.rnnviz-session"
    _session(path)
    path.write_bytes(path.read_bytes()[:5000])
    assert f"rnnviz: {path}: damaged or not a session of rnnviz" in _said(capsys, path)


def test_an_ended_recording_is_rendered(programs, tmp_path):
    _recording(tmp_path / "a.rnnviz")
    out = tmp_path / "out.csv"
    assert cli.main(["render", str(tmp_path / "a.rnnviz"), "--view", "gates_row", "-o", str(out)]) == 0
    assert len(out.read_text("utf-8-sig").splitlines()) > 5


def test_a_recording_without_a_trace_is_refused_a_rendering(programs, tmp_path, capsys):
    path, out = tmp_path / "a.rnnviz", tmp_path / "out.csv"
    _recording(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM traces")
    connection.close()
    assert cli.main(["render", str(path), "--view", "gates_row", "-o", str(out)]) == 3
    assert "rnnviz: no sequence of this recording was traced" in capsys.readouterr().err


@pytest.mark.parametrize("view", ["anatomy", "sampling", "forecast"])
def test_a_view_that_a_recording_cannot_fill_is_refused_by_name(programs, tmp_path, capsys, view):
    _recording(tmp_path / "a.rnnviz")
    out = tmp_path / "out.png"
    assert cli.main(["render", str(tmp_path / "a.rnnviz"), "--view", view, "-o", str(out)]) == 2
    assert f"rnnviz: {view} cannot be had" in capsys.readouterr().err
    assert not out.exists()


def test_a_recording_cannot_be_trained_by_render(programs, tmp_path, capsys):
    _recording(tmp_path / "a.rnnviz")
    arguments = ["--view", "loss", "--updates", "5", "-o", str(tmp_path / "out.csv")]
    assert cli.main(["render", str(tmp_path / "a.rnnviz"), *arguments]) == 2
    assert "--updates is 5, but a recording is not trained" in capsys.readouterr().err


def test_weights_that_cannot_go_on_by_themselves_are_refused_a_sampling(programs, tmp_path, capsys):
    FILES["a.pt"](tmp_path / "a.pt")
    out = tmp_path / "out.png"
    assert cli.main(["render", str(tmp_path / "a.pt"), "--view", "sampling", "-o", str(out)]) == 2
    assert "rnnviz: sampling cannot be had" in capsys.readouterr().err
