"""The window is to be seen before the worker begins, which first imports torch."""

from PySide6.QtCore import QEvent, QObject

from rnnviz.cells import CELLS
from tests.builders import config
from tests.qt.driving import threads


class Paints(QObject):
    """Which threads there were when a widget was painted for the first time."""

    def __init__(self):
        super().__init__()
        self.threads = None

    def eventFilter(self, _watched, event):
        if event.type() == QEvent.Type.Paint and self.threads is None:
            self.threads = threads()
        return False


def test_the_worker_begins_once_the_window_is_painted(start):
    driven = start(wait=False)
    paints = Paints()
    driven.window.score.viewport().installEventFilter(paints)
    worker = driven.program.runner._thread
    assert not worker.is_alive()
    driven.until(lambda: driven.session.trace is not None)
    assert paints.threads is not None
    assert worker not in paints.threads
    assert worker.is_alive()


def test_a_window_that_nobody_can_see_trains_all_the_same(start, monkeypatch):
    monkeypatch.setattr("rnnviz.app.main.UNSEEN_MS", 20)
    monkeypatch.setattr("PySide6.QtWidgets.QWidget.show", lambda _: None)
    driven = start()
    assert not driven.window.isVisible()
    driven.train(1)
    monkeypatch.undo()
    driven.window.show()  # and is painted after all
    driven.until(driven.window.isVisible)
    driven.train(1)
    assert driven.program._first_paint._timer.isActive() is False


def test_closed_before_it_was_painted_a_program_never_begins_to_work(start):
    driven = start(wait=False)
    worker = driven.program.runner._thread
    driven.close()
    assert worker.ident is None


def expecting(start):
    """A window that waits for a run of a GRU."""
    driven = start(wait=False)
    driven.window.expect(config(cell="gru", hidden=7, clip="norm", threshold=0.25))
    return driven


def test_before_there_is_a_run_its_settings_are_shown(start):
    driven = expecting(start)
    assert driven.window.form._editors["hidden"]._box.value() == 7
    assert driven.window.toolbar._threshold.value() == 0.25
    lines = [item.text() for item in driven.window.column.panels["cell"]._formula]
    assert lines[: len(CELLS["gru"].equations)] == list(CELLS["gru"].equations)


def test_before_there_is_a_run_no_axis_has_numbers_of_nothing(start):
    driven = expecting(start)
    plots = {name: driven.window.column.panels[name]._plot for name in ("loss", "gradient_norm")}
    numbered = {name: plot.getPlotItem().getAxis("left").style["showValues"] for name, plot in plots.items()}
    assert numbered == {"loss": False, "gradient_norm": True}  # the threshold has its place there


def test_before_there_is_a_run_no_panel_is_there_that_it_may_not_need(start):
    driven = expecting(start)
    shown = {name for name, panel in driven.window.column.panels.items() if panel.isVisible()}
    assert {"cell", "loss", "gradient_norm"} <= shown
    assert not shown & {"attention", "forecast", "notes", "sampling"}
    assert not driven.window.column.panels["comparison"]._table.isVisible()
