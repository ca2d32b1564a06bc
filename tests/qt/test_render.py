"""``rnnviz render``: every way to end, and every view."""

import json
import signal

import pytest
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QImage

from rnnviz import cli
from rnnviz.app.rendering import all_views
from rnnviz.panels import PANELS
from rnnviz.tracks import TRACKS
from rnnviz.training.run import Run
from rnnviz.training.trainer import Trainer
from tests.builders import config, save_session


@pytest.fixture
def session(tmp_path):
    """A session of three updates."""
    run = Run(1, Trainer(config(task="hello")))
    for _ in range(3):
        run.update()
    save_session(tmp_path / "a.rnnviz-session", run)
    return tmp_path / "a.rnnviz-session"


def render(*arguments):
    try:
        return cli.main(["render", *map(str, arguments)])
    except SystemExit as ended:
        return ended.code


def test_the_list_names_every_track_and_panel(capsys):
    assert render("--list") == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [*(f"{track.name}_row" for track in TRACKS), *(panel.name for panel in PANELS), "window"]
    assert render("--list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == all_views()


@pytest.mark.parametrize("view", ["gates_row", "influence_row", "loss", "anatomy", "influence", "saturation"])
def test_views_of_every_kind_are_rendered_of_a_session(programs, session, view, tmp_path):
    out = tmp_path / "out.csv"
    assert render(session, "--view", view, "--token", 5, "-o", out) == 0
    assert len(out.read_text("utf-8-sig").splitlines()) > 1


def test_a_configuration_is_trained_and_the_window_drawn(programs, tmp_path, capsys):
    file, out = tmp_path / "c.json", tmp_path / "out.png"
    file.write_text(config(task="hello").model_dump_json())
    arguments = ("--view", "window", "--updates", 12, "--size", "1100x700", "--theme", "light", "-o", out, "--json")
    assert render(file, *arguments) == 0
    assert QImage(str(out)).size() == QSize(2200, 1400)
    assert json.loads(capsys.readouterr().out) == {"view": "window", "file": str(out), "updates": 12}


def test_a_lesson_is_rendered(programs, tmp_path):
    out = tmp_path / "out.svg"
    assert render("decay", "--view", "spectrum", "-o", out) == 0
    assert out.read_text("utf-8").count("<text") > 10


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--view", "loss", "-o", "x.svg"), 2, "source is missing"),
        (("decay", "--view", "loss"), 2, "out is missing"),
        (("decay", "--view", "lost", "-o", "x.svg"), 2, "--view is 'lost', expected one of unfolded_row"),
        (("decay", "--view", "loss", "-o", "x.doc"), 2, "ends in .png, .svg, .pdf, .csv"),
        (("decay", "--view", "window", "-o", "x.csv"), 2, "ends in .png, .svg, .pdf"),
        (("decoy", "--view", "loss", "-o", "x.svg"), 3, "decoy: is no file, and no lesson, expected one of: a session"),
        (("no.json", "--view", "loss", "-o", "x.svg"), 3, "no.json: does not exist"),
        (("decay", "--view", "loss", "-o", "x.svg", "--updates", "-1"), 2, "expected a whole number"),
        (("decay", "--view", "loss", "-o", "x.svg", "--size", "3x3"), 2, "at least 1060x600"),
    ],
)
def test_what_is_wrong_is_said(capsys, arguments, code, words):
    assert render(*arguments) == code
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "view", "words"),
    [
        ('{"length": 8}', "loss --token 99", "--token is 99, expected 0 to 7"),
        ('{"cell": "gru"}', "cell_state_row", "has no cell_state_row"),
        ("{}", "anatomy", "expected --updates 1"),
    ],
)
def test_what_a_run_has_not_is_said(programs, capsys, tmp_path, content, view, words):  # noqa: PLR0917  # three cases
    file = tmp_path / "c.json"
    file.write_text(content)
    assert render(file, "--view", *view.split(), "-o", tmp_path / "x.csv") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


def test_a_configuration_that_is_none_is_refused(capsys, tmp_path):
    file = tmp_path / "c.json"
    file.write_text('{"cell": "mamba"}')
    assert render(file, "--view", "loss", "-o", tmp_path / "x.csv") == 3
    assert "mamba" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "words"), [("", "is a folder"), ("a.xyz", "is of no such kind")])
def test_what_is_no_run_is_refused_as_a_bad_file(capsys, tmp_path, name, words):
    (tmp_path / "a.xyz").write_text("no run")
    assert render(tmp_path / name, "--view", "loss", "-o", tmp_path / "x.csv") == 3
    assert f"rnnviz: {tmp_path / name}: {words}, expected one of: a session (" in capsys.readouterr().err


def test_a_session_that_is_damaged_is_refused(programs, capsys, session, tmp_path):
    session.write_bytes(session.read_bytes()[:-50])
    assert render(session, "--view", "loss", "-o", tmp_path / "x.csv") == 3
    assert "expected a whole one" in capsys.readouterr().err


def test_ctrl_c_ends_it(programs, capsys, tmp_path):
    file = tmp_path / "c.json"
    file.write_text(config(task="hello").model_dump_json())
    timer = QTimer()
    timer.timeout.connect(lambda: signal.raise_signal(signal.SIGINT) if programs else None)
    timer.start(300)
    arguments = ("--view", "loss", "--updates", 10_000_000, "-o", tmp_path / "x.csv")
    assert render(file, *arguments) == 130
    timer.stop()
    assert "interrupted" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


def test_a_place_that_cannot_be_written_is_said(programs, capsys, session, tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert render(session, "--view", "loss", "-o", tmp_path / "file" / "x.csv") == 4
    assert "cannot be written" in capsys.readouterr().err
