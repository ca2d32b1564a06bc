"""What the command line names is opened: recordings, sessions, weights; by picture and by render."""

import pytest
import torch
from PySide6.QtGui import QImage

from rnnviz import cli, watch
from rnnviz.training.run import Run
from rnnviz.training.sessions.writing import save_session
from rnnviz.training.trainer import Trainer
from tests.builders import config, recordings_folder, wav_file


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
