"""A file that the command line names and that is refused."""

import json

import pytest

from rnnviz.app.first_file import FirstFile
from tests.qt.conftest import STANDARD
from tests.qt.driving import Driven, a_small_run


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
