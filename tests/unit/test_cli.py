"""The command line: every way to end has its exit code and its sentence."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rnnviz import __version__, cli
from rnnviz.cells import CELLS
from rnnviz.config.run_config import FIRST_RUN
from rnnviz.tasks import TASKS
from tests.builders import file_for, text_file

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = cli.SMALLEST
SIZE = f"{WIDTH}x{HEIGHT}"


@pytest.fixture
def opened(monkeypatch):
    """What the window would have been opened with; no window is opened."""
    opened = []

    def run_window(run, *, theme):
        opened.append((run, theme))
        return 0

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr("rnnviz.app.main.run_window", run_window)
    return opened


def refused(capsys, code, *arguments):
    """What is said when ``arguments`` are refused with ``code``."""
    try:
        found = cli.main(arguments)
    except SystemExit as ended:
        found = ended.code
    output = capsys.readouterr()
    assert found == code, output.err
    assert output.out == ""
    return output.err


def test_help_names_options_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(option in shown for option in ("--text", "--cell", "--screenshot", "--reset-layout", "130 interrupted"))


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"rnnviz {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--colour"], "--colour"),
        (["--theme", "pink"], "dark"),
        (["--seed", "many"], "many"),
        (["--size", "wide"], "expected WIDTHxHEIGHT"),
        (["--size", "10x10"], "expected WIDTHxHEIGHT"),
        (["--cell", "transformer"], f"cell is 'transformer', expected one of {', '.join(CELLS)}"),
        (["--task", "chess"], f"task is 'chess', expected one of {', '.join(TASKS)}"),
        (["--task", "text"], "file is not set, expected the path of a UTF-8 text"),
        (["--updates", "0"], "--updates is 0, expected at least 1"),
    ],
)
def test_what_is_not_understood_is_refused_with_2_and_a_sentence(opened, capsys, arguments, words):
    assert words in refused(capsys, 2, *arguments)
    assert opened == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"", "the file is empty"), (b"\0", "binary"), (b"short", "expected a length below")],
)
def test_a_text_that_cannot_be_used_is_refused_with_3(opened, capsys, tmp_path, content, words):
    path = tmp_path / "story.txt"
    if content is not None:
        path.write_bytes(content)
    sentence = refused(capsys, 3, "--text", str(path))
    assert sentence.startswith(f"rnnviz: {path}: ")
    assert words in sentence
    assert opened == []


def test_without_options_the_first_run_is_opened_in_the_theme_of_last_time(opened):
    assert cli.main([]) == 0
    assert opened == [(FIRST_RUN, None)]


def test_options_change_the_first_run(opened, tmp_path):
    text = text_file(tmp_path)
    assert cli.main(["--cell", "gru", "--seed", "7", "--text", str(text), "--theme", "light"]) == 0
    assert opened == [(FIRST_RUN.changed(cell="gru", seed=7, task="text", file=text), "light")]


@pytest.mark.parametrize(
    ("asked", "task"),
    [("sentiment_csv", "sentiment_csv"), ("text_words", "text_words"), ("hello", "text")],
)
def test_a_task_that_reads_a_file_reads_the_given_one(opened, tmp_path, asked, task):
    path = file_for(task, tmp_path)
    assert cli.main(["--task", asked, "--text", str(path)]) == 0
    assert opened[0][0] == FIRST_RUN.changed(task=task, file=path)


def test_a_bad_table_is_refused_with_3(opened, capsys, tmp_path):
    sentence = refused(capsys, 3, "--task", "sentiment_csv", "--text", str(text_file(tmp_path, "one, two, three\n")))
    assert "line 1 has 3 columns, expected two columns, a text and its label" in sentence
    assert opened == []


@pytest.mark.parametrize("task", TASKS)
def test_help_and_readme_name_every_task(capsys, task):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert re.search(rf"\b{task}[,;]", "".join(capsys.readouterr().out.replace("-\n", "").split("\n")))
    kind = TASKS[task]
    assert f"| {kind.title} (`{task}`) | {kind.shape} | {kind.about} |\n" in (ROOT / "README.md").read_text("utf-8")


@pytest.fixture
def layout_file(monkeypatch, tmp_path):
    path = tmp_path / "layout.json"
    path.write_text("{}")
    monkeypatch.setattr("rnnviz.app.layout_store.layout_path", lambda: path)
    return path


def test_the_layout_is_forgotten_when_asked(opened, layout_file):
    assert cli.main([]) == 0
    assert layout_file.exists()
    assert cli.main(["--reset-layout"]) == 0
    assert cli.main(["--reset-layout"]) == 0
    assert not layout_file.exists()
    assert len(opened) == 3


def test_a_layout_that_cannot_be_removed_is_told(opened, layout_file, capsys):
    layout_file.unlink()
    layout_file.mkdir()
    assert cli.main(["--reset-layout"]) != 0
    assert str(layout_file) in capsys.readouterr().err


def test_an_interruption_ends_with_130(opened, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("rnnviz.app.main.run_window", interrupt)
    assert cli.main([]) == 130


def test_a_qt_that_cannot_be_loaded_is_told(opened, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rnnviz.app.main", None)
    assert "Qt cannot be loaded" in refused(capsys, 4)


# Displays.


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"),
        ({"DISPLAY": ""}, "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"),
        ({"DISPLAY": ":987"}, "the display :987 does not answer"),
        ({"DISPLAY": ":987.0"}, "the display :987.0 does not answer"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None),
        ({"DISPLAY": "far.example:0"}, None),
        ({"QT_QPA_PLATFORM": "offscreen"}, None),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_a_missing_display_is_known_before_qt_is_asked(monkeypatch, environment, missing):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cli.missing_display() == missing


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_a_display_that_answers_is_not_missing(monkeypatch):
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    number = f"98{os.getpid()}"
    monkeypatch.setenv("DISPLAY", f":{number}")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        assert cli.missing_display() is None


def start(*arguments, **environment):
    """The program in a process of its own, with no display unless ``environment`` names one."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.Popen(  # noqa: S603  # the program under test
        [sys.executable, "-m", "rnnviz", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ":987"}], ids=["no display", "dead display"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_where_no_window_can_be_opened_one_line_names_the_way_out(environment):
    process = start(**environment)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (4, "")
    assert errors.count("\n") == 1
    assert "use --screenshot FILE" in errors


# Screenshots.


def test_a_picture_of_the_asked_size_is_written_without_a_display(tmp_path):
    process = start("--task", "hello", "--updates", "3", "--size", SIZE, "--screenshot", str(tmp_path / "a.png"))
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (0, ""), errors
    data = (tmp_path / "a.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (WIDTH, HEIGHT)
    assert "Warning" not in errors
    assert "Traceback" not in errors


def test_an_interrupted_screenshot_ends_with_130_and_writes_nothing(tmp_path):
    process = start("--task", "hello", "--updates", "100000000", "--screenshot", str(tmp_path / "a.png"))
    told = threading.Event()

    def read():
        # The bar counts its first updates: the training is under way.
        text = ""
        while letter := process.stderr.read(1):
            text += letter
            if re.search(r" [1-9]\d*/100000000 ", text):
                told.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert told.wait(60)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        reader.join()
        process.stdout.close()
        process.stderr.close()
        process.wait()
    assert not (tmp_path / "a.png").exists()
