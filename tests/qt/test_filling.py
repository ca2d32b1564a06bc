"""A picture is taken when what it shows has come in."""

import sqlite3

import pytest
from PySide6.QtGui import QImage

from rnnviz import cli
from rnnviz.app import filling
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main_window import MainWindow
from rnnviz.app.screenshot import take_screenshot
from rnnviz.commands.sources import beginning
from tests.builders import config
from tests.unit.loops import trained


@pytest.fixture
def seen(programs, monkeypatch):
    """What there was when the picture was taken: studies by name, columns of the map, the update of the trace."""
    found, grab = [], MainWindow.grab

    def look(window):
        session = window.session
        wants = window.score.wants | window.column.wants
        studies = {name: getattr(session.studies, name) for name in wants}
        found.append((studies, len(session.flow_map), None if session.trace is None else session.trace.update))
        return grab(window)

    monkeypatch.setattr(MainWindow, "grab", look)
    return found


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "run.rnnviz"
    trained("lstm", path, updates=9)
    return path


def picture(tmp_path, side, updates=0, begin=None):
    layout = WindowLayout(width=1100, height=700, side=side)
    return take_screenshot(config(task="hello"), updates, tmp_path / "a.png", layout, begin)


@pytest.mark.parametrize("side", ["influence", "causes"])
def test_panels_of_a_recording_are_filled_and_so_is_its_map(seen, recording, tmp_path, side):
    assert picture(tmp_path, side, begin=beginning(str(recording)).begin) == 0
    ((studies, columns, update),) = seen
    assert studies
    assert all(study is not None for study in studies.values())
    assert (columns, update) == (9, 9)


@pytest.mark.parametrize("side", ["influence", "causes", "clipping", "all", "output"])
def test_panels_of_a_training_are_of_its_last_update(seen, tmp_path, side):
    assert picture(tmp_path, side, updates=12) == 0
    ((studies, _, update),) = seen
    assert update == 12
    there = {name: study.update for name, study in studies.items() if study is not None}
    assert set(there.values()) == {12}
    assert studies.keys() - there.keys() <= {"forecast"}  # which a text has not


def test_what_a_recording_cannot_have_is_not_waited_for(seen, recording, tmp_path):
    assert picture(tmp_path, "clipping", begin=beginning(str(recording)).begin) == 0
    assert seen[0][0]["anatomy"] is None


def test_a_recording_without_a_trace_is_drawn_as_empty(seen, recording, tmp_path):
    with sqlite3.connect(recording) as connection:
        connection.execute("DELETE FROM traces")
    connection.close()
    assert picture(tmp_path, "learning", begin=beginning(str(recording)).begin) == 0
    assert (seen[0][2], QImage(str(tmp_path / "a.png")).width()) == (None, 1100)


def test_what_never_comes_is_not_waited_for_for_ever(seen, tmp_path, monkeypatch):
    monkeypatch.setattr(filling, "PATIENCE", 5)
    monkeypatch.setattr("rnnviz.training.study_desk.StudyDesk._finish", lambda *_: None)
    assert picture(tmp_path, "influence", updates=1) == 0
    assert seen[0][0]["influence"] is None


def test_a_bar_is_drawn_for_a_training_alone(programs, recording, tmp_path, capsys):
    out = str(tmp_path / "a.png")
    assert cli.main([str(recording), "--screenshot", out]) == 0
    assert capsys.readouterr().err == ""
    assert cli.main(["--task", "hello", "--screenshot", out, "--updates", "3"]) == 0
    assert "3/3" in capsys.readouterr().err
