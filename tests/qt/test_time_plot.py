"""The plot over updates before and after its first points."""

import numpy as np
import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.drawing.theme import DARK
from rnnviz.drawing.time_plot import TimePlot


@pytest.fixture(params=[False, True], ids=["linear", "log"])
def plot(qapp, request):
    made, window = TimePlot(DARK, log=request.param), QWidget()
    QVBoxLayout(window).addWidget(made)
    window.resize(300, 110)
    window.show()
    made.add_curve("a", "#fff")
    yield made
    window.deleteLater()


def _across(plot):
    return tuple(plot.getPlotItem().getViewBox().viewRange()[0])


def test_the_first_update_lies_inside(plot):
    plot.show_curve("a", np.array([1.0]), np.array([2.0]))
    plot.fit(1)
    left, right = _across(plot)
    assert left < 1 < right
    assert right == 100


def test_before_the_first_update_the_axis_counts_updates(plot):
    assert _across(plot) == (0, 100)


def test_before_the_first_value_no_axis_has_labels(plot):
    axes = [plot.getPlotItem().getAxis(side) for side in ("left", "bottom")]
    assert not any(axis.style["showValues"] for axis in axes)
    plot.show_curve("a", np.array([1.0]), np.array([2.0]))
    plot.fit(1)
    assert all(axis.style["showValues"] for axis in axes)


@pytest.mark.parametrize("newest", [1, 100, 101, 226, 300, 5000])
def test_plots_that_are_drawn_in_turns_reach_equally_far(qapp, newest):
    ends = []
    for seen in ((newest,), (max(newest // 2, 1), newest - newest // 7, newest)):
        plot = TimePlot(DARK, log=False)
        for updates in seen:
            plot.fit(updates)
        ends.append(_across(plot)[1])
    assert ends[0] == ends[1] >= newest


def test_room_for_a_label_is_made_once_and_not_at_every_update(qapp):
    plot, window = TimePlot(DARK, log=False), QWidget()
    QVBoxLayout(window).addWidget(plot)
    window.resize(300, 62)
    window.show()
    for name in ("chance", "best", "a"):
        plot.add_curve(name, "#fff")
    plot.show_line("chance", "chance", 1.0)
    plot.show_line("best", "best", 0.9)
    ranges = []
    plot.getPlotItem().getViewBox().sigYRangeChanged.connect(lambda _, found: ranges.append(tuple(found)))
    for update in range(1, 6):
        plot.show_curve("a", np.arange(update), np.ones(update))
        plot.fit(update)
        known = len(ranges)
    assert known == len(set(ranges)) <= 2
    window.deleteLater()
