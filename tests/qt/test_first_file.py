"""A file that the command line names, of which nothing comes: refused, or its dialog left by Cancel."""

import json

import pytest
import torch
from PySide6.QtWidgets import QDialog

from rnnviz.app.first_file import FirstFile
from tests.builders import text_file
from tests.qt.conftest import STANDARD
from tests.qt.driving import Driven, a_small_run


def _csv(folder):
    path = folder / "a.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(90)))
    return path


def _weights(folder):
    torch.save(torch.nn.LSTM(3, 4).state_dict(), folder / "a.pt")
    return folder / "a.pt"


def _written(folder, name, text):
    (folder / name).write_text(text)
    return folder / name


@pytest.fixture
def named(qtbot, nothing_is_left, cheap_collections, tmp_path):
    """A window that was started with a file."""
    driven = Driven(qtbot, STANDARD, None)

    def begin(build):
        driven.window.show()
        FirstFile(driven.window, driven.session, a_small_run()).open(build(tmp_path))
        return driven

    yield begin
    driven.close()


def trains(driven):
    return driven.session.config == a_small_run() and driven.session.running and driven.session.trace is not None


@pytest.mark.parametrize("build", [_csv, text_file, _weights])
def test_the_usual_run_begins_when_the_dialog_is_left(named, build):
    driven = named(build)
    driven.qtbot.waitUntil(lambda: bool(driven.window.findChildren(QDialog)), timeout=20_000)
    assert driven.session.config is None
    assert driven.window.form._editors["hidden"]._slider.value() == a_small_run().hidden
    driven.window.findChildren(QDialog)[-1].reject()
    driven.qtbot.waitUntil(lambda: trains(driven), timeout=20_000)
    assert driven.window.notice.isHidden()


REFUSED = {
    "settings": lambda folder: _written(folder, "a.json", json.dumps({"cell": "gruu"})),
    "session": lambda folder: _written(folder, "a.rnnviz-session", "nothing"),
    "weights": lambda folder: _written(folder, "a.pt", "nothing"),
    "empty": lambda folder: _written(folder, "a.csv", ""),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_the_usual_run_begins_when_the_file_is_refused_and_the_window_says_why(named, kind):
    driven = named(REFUSED[kind])
    driven.qtbot.waitUntil(lambda: trains(driven), timeout=20_000)
    assert driven.window.notice.isVisible()
    assert driven.window.notice.text
