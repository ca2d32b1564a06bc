"""What the window shows before there is a run."""

from rnnviz.cells import CELLS
from tests.builders import config


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
