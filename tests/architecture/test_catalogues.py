"""An entry that is written but not listed would never be seen: every file's entries are in its room's catalogue."""

import importlib
import pkgutil

import pytest

from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell
from rnnviz.lessons import LESSONS
from rnnviz.lessons.lesson import Lesson
from rnnviz.panels import PANELS
from rnnviz.panels.panel import Panel
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import TaskKind
from rnnviz.tracks import TRACKS
from rnnviz.tracks.track import Track

# Room, its catalogue, and what an entry is. A new catalogue is one more line.
CATALOGUES = [
    pytest.param("cells", CELLS, Cell, id="cells"),
    pytest.param("tasks", TASKS, TaskKind, id="tasks"),
    pytest.param("lessons", LESSONS, Lesson, id="lessons"),
]


def entries_by_file(room, kind):
    """The entries that the files of a room define, as pairs of file and entry."""
    package = importlib.import_module(f"rnnviz.{room}")
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        yield from ((info.name, value) for value in vars(module).values() if isinstance(value, kind))


@pytest.mark.parametrize(("room", "catalogue", "kind"), CATALOGUES)
def test_every_entry_is_listed(room, catalogue, kind):
    listed = list(catalogue.values())
    assert [(file, entry.name) for file, entry in entries_by_file(room, kind) if entry not in listed] == []


@pytest.mark.parametrize(("room", "catalogue", "kind"), CATALOGUES)
def test_every_listed_entry_stands_in_a_file_of_its_own_room(room, catalogue, kind):
    found = [entry for _, entry in entries_by_file(room, kind)]
    assert all(entry in found for entry in catalogue.values())


@pytest.mark.parametrize(("room", "catalogue", "kind"), CATALOGUES)
def test_entries_have_a_title_of_their_own(room, catalogue, kind):
    titles = [entry.title for entry in catalogue.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)


def test_an_entry_that_is_not_listed_is_found(monkeypatch):
    """Otherwise the tests above would prove nothing."""
    others = {name: cell for name, cell in CELLS._entries.items() if name != "gru"}
    monkeypatch.setattr(CELLS, "_entries", others)  # taking it out and putting it back would change the order
    assert [(file, entry.name) for file, entry in entries_by_file("cells", Cell) if entry not in CELLS.values()] == [
        ("rnnviz.cells.gru", "gru")
    ]


VIEWS = [pytest.param("tracks", TRACKS, Track, id="tracks"), pytest.param("panels", PANELS, Panel, id="panels")]


def views_by_file(room, base):
    """The views that the files of a room define, by the file in which they stand."""
    package = importlib.import_module(f"rnnviz.{room}")
    modules = [
        importlib.import_module(info.name) for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    return {
        value: module.__name__
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value is not base
        and value.__module__ == module.__name__
    }


@pytest.mark.parametrize(("room", "views", "base"), VIEWS)
def test_every_view_is_listed_once(room, views, base):
    assert sorted(view.name for view in views_by_file(room, base)) == sorted(view.name for view in views)
    assert len(set(views)) == len(views)


@pytest.mark.parametrize(("room", "views", "base"), VIEWS)
def test_every_view_has_a_file_a_name_a_title_and_an_explanation_of_its_own(room, views, base):
    files = views_by_file(room, base)
    assert len({files[view] for view in views}) == len(views)
    assert len({view.name for view in views}) == len({view.title for view in views}) == len(views)
    assert all(view.how_to_read.endswith(".") and view.how_to_read.count(". ") >= 1 for view in views)
