"""When words and panels are drawn while traces come in."""

import numpy as np
import pytest
from PySide6.QtWidgets import QScrollArea

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.views import shown_views
from tests.builders import full_trace
from tests.qt.driving import a_small_run


@pytest.fixture
def told(driven, monkeypatch):
    """Which traces the panels were told of, by number, when every so many refreshes one comes in while training."""

    def tell(every, traces):
        session, column = driven.session, driven.window.column
        session._timer.stop()
        session._set_running(running=True)
        seen, made = [], [full_trace("lstm") for _ in range(traces)]
        monkeypatch.setattr(column, "show_trace", lambda trace, _: seen.append(trace))
        for trace in made:
            session.trace = trace
            session.trace_changed.emit(trace)
            for _ in range(every):
                session.refreshed.emit()
        return [next(number for number, trace in enumerate(made) if trace is one) for one in seen]

    yield tell
    monkeypatch.undo()
    driven.session._set_running(running=False)
    driven.session._timer.start()


def test_panels_are_told_of_every_trace_that_comes_seldom(told):
    assert told(every=20, traces=4) == [0, 1, 2, 3]


def test_panels_are_told_of_every_third_trace_that_comes_often(told):
    seen = told(every=2, traces=30)
    assert set(np.diff(seen)) <= {3, 4}  # other views have their turns, too
    assert seen[0] <= 3


@pytest.fixture
def scrolled(start):
    """A run that trains in a window with more panels than have room, and those of them that are out of sight."""
    driven = start(a_small_run(), layout=WindowLayout(width=1100, height=700, side="all"))
    driven.session.run()
    driven.until(lambda: len(driven.session.history) > 3)
    shown = [panel for panel in driven.window.column.panels.values() if panel.isVisible()]
    return driven, [panel for panel in shown if panel.y() > driven.window.height()]


def told_of_traces(panel, monkeypatch):
    seen = []
    monkeypatch.setattr(panel, "show_trace", lambda trace, _: seen.append(trace))
    return seen


def test_while_it_trains_a_panel_out_of_sight_is_told_nothing_until_it_stands_still(scrolled, monkeypatch):
    driven, away = scrolled
    assert len(away) > 4
    seen, known = told_of_traces(away[-1], monkeypatch), len(driven.session.history)
    driven.until(lambda: len(driven.session.history) > known + 20)
    assert not seen
    driven.session.pause()
    driven.until(lambda: bool(seen) and seen[-1] is driven.session.trace)


def test_a_panel_that_is_scrolled_into_sight_is_told_while_it_trains(scrolled, monkeypatch):
    driven, away = scrolled
    seen = told_of_traces(away[-1], monkeypatch)
    area = driven.window.column.findChild(QScrollArea)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    driven.until(lambda: len(seen) > 2)


def test_a_panel_of_which_only_the_picture_is_in_sight_is_told_while_it_trains(scrolled, monkeypatch):
    driven, _ = scrolled
    panel = driven.window.column.panels["eigenvalues"]  # its picture ends it
    seen = told_of_traces(panel, monkeypatch)
    area = driven.window.column.findChild(QScrollArea)
    area.verticalScrollBar().setValue(panel.y() + panel.height() - 60)
    driven.until(lambda: len(seen) > 2)


def test_what_is_taken_away_of_a_panel_out_of_sight_is_of_now(scrolled, monkeypatch):
    driven, _ = scrolled
    column, cell = driven.window.column, driven.window.column.panels["cell"]
    area = column.findChild(QScrollArea)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    driven.until(lambda: driven.session.trace is not cell._shown[0])
    known = len(driven.session.history)
    driven.until(lambda: len(driven.session.history) > known + 20)
    assert cell._shown[0] is not driven.session.trace
    begun = []
    monkeypatch.setattr(cell, "start_run", begun.append)
    shown_views(driven.window.score, column)
    assert cell._shown[0] is driven.session.trace
    assert not begun  # it is the same run: what a panel was told by its user stays
