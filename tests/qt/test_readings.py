"""Every kind of sequence in the window: symbols and numbers, read and predicted, of one token and of many."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from rnnviz.app.score import Score
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.intervention import ChangeInput
from rnnviz.domain.run import Line
from rnnviz.domain.trace import Trace
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.drawing.label_row import cut
from rnnviz.drawing.number_targets import scale_of
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.panels.loss import LossPanel
from rnnviz.panels.next_token import NextTokenPanel
from rnnviz.state.history import History
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import TaskKind
from rnnviz.tracks.unfolded import UnfoldedTrack
from tests.builders import MADE_TASKS, facts, full_layer, numbers_reading, reading, record
from tests.qt.driving import a_small_run


def trace_of(said, tokens=8):
    return Trace((full_layer(tokens=tokens),), np.linspace(2, 1, tokens), said, 1)


@pytest.fixture
def score(qtbot):
    score = Score([UnfoldedTrack], DARK)
    qtbot.addWidget(score)
    score.resize(800, 400)
    score.show()
    return score


def track_of(score):
    return score._rows[0].track


def told(score, token):
    return score.value_at(QPointF(score._axis.middle(token), track_of(score).root.y() + 3))


@pytest.mark.parametrize("task", MADE_TASKS.values(), ids=MADE_TASKS)
def test_every_kind_of_task_runs_in_the_window(start, monkeypatch, task):
    kind = TaskKind("made", "Made up", "anything", lambda *_: task)
    monkeypatch.setitem(TASKS._entries, "made", kind)
    driven = start(a_small_run(task="made", layers=2))
    driven.train(3)
    tokens = driven.session.trace.tokens
    for key in (Qt.Key.Key_End, Qt.Key.Key_F6, Qt.Key.Key_F2):
        driven.key(key)
        assert not driven.window.grab().isNull()
    assert driven.cursor[0] == tokens - 1
    driven.key(Qt.Key.Key_D)
    driven.session.change(shown="batch")
    driven.train(2)
    assert not driven.window.grab().isNull()


@pytest.mark.parametrize("size", [(320, 240), (800, 400), (1500, 900)])
@pytest.mark.parametrize(("channels", "outputs"), [(1, 1), (2, 3), (3, 5), (40, 12)])
@pytest.mark.parametrize("tokens", [1, 8, 200])
def test_numbers_can_be_shown_in_every_size_and_theme(score, channels, outputs, tokens, size):
    score.resize(*size)
    for theme in (DARK, LIGHT):
        score.set_theme(theme)
        score.show_trace(trace_of(numbers_reading(tokens, channels, outputs), tokens), Cursor(tokens - 1, 0, 0))
        assert not score.grab().isNull()


def test_a_run_of_another_kind_replaces_what_is_shown(score):
    for said in (reading(), numbers_reading(), reading(), numbers_reading(channels=40, outputs=9)):
        score.show_trace(trace_of(said), Cursor())
        assert not score.grab().isNull()
        assert told(score, 7).startswith("token 7: read ")


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e38])
def test_numbers_that_cannot_be_drawn_break_nothing(score, number):
    said = numbers_reading(given=np.full((8, 1), number, np.float32))
    score.show_trace(trace_of(said), Cursor())
    assert not score.grab().isNull()
    assert "nothing to predict here" in told(score, 0)
    assert f"predicted {number:.3g}" in told(score, 7)


def test_numbers_under_the_pointer_are_told_with_their_names_and_error(score):
    values = np.array([[0.53, -1.0]] * 8, np.float32)
    wanted, given = np.full((8, 1), np.nan, np.float32), np.full((8, 1), 0.53, np.float32)
    wanted[7] = 0.61
    targets = (None,) * 7 + ("0.61",)
    score.show_trace(trace_of(numbers_reading(values=values, wanted=wanted, given=given, targets=targets)), Cursor())
    assert told(score, 0) == "token 0: read x0 0.53, x1 −1, nothing to predict here"
    assert told(score, 7) == (
        "token 7: read x0 0.53, x1 −1\ny0: predicted 0.53, wanted 0.61 (error 0.08)\nloss 1 (squared error)"
    )


def test_errors_beyond_the_tolerance_and_only_those_are_red(score):
    wanted = np.linspace(0, 1, 8, dtype=np.float32)[:, None]
    given = wanted + np.array([0.3, -0.3] * 4, np.float32)[:, None] * (np.arange(8) < 4)[:, None]
    given[4:] += 0.05
    said = numbers_reading(wanted=wanted, given=given, targets=("1",) * 8, tolerance=0.1)
    score.show_trace(trace_of(said), Cursor())
    marks, axis = track_of(score)._said._marks, score._axis
    for name, tokens in (("off", range(4)), ("close", range(4, 8))):
        path = marks[name].path().boundingRect()
        assert axis.token_at(path.left()) == tokens[0]
        assert axis.token_at(path.right()) == tokens[-1]
    assert marks["wanted"].path().elementCount() == marks["given"].path().elementCount() == 8 * 5


def test_the_scale_holds_what_is_wanted_and_zero_beside_a_single_number():
    wanted = np.array([[np.nan], [2.0], [4.0]])
    assert scale_of(wanted) == (1.5, 4.5)
    assert scale_of(wanted[:2]) == (-0.5, 2.5)
    assert scale_of(np.array([[0.0]])) == (-1.5, 1.5)
    np.testing.assert_array_equal(scale_of(wanted).share(np.array([0.0, 1.5, 3.0, 9.0])), [0, 0, 0.5, 1])


def test_wires_go_up_only_where_something_is_asked(score):
    said = numbers_reading()
    score.show_trace(trace_of(said), Cursor())
    some = track_of(score)._wires.path().elementCount()
    score.show_trace(trace_of(reading()), Cursor())
    assert track_of(score)._wires.path().elementCount() - some == 2 * said.targets.count(None)


def test_numbers_are_offered_to_be_changed_one_by_one(score):
    said = numbers_reading()
    score.show_trace(trace_of(said), Cursor())
    *others, zeros = track_of(score).offers(score._picture, 3, 0, 0.0)
    assert [offer.words for offer in others] == ["Read another x0 at 3 …", "Read another x1 at 3 …"]
    assert others[1].make(9.0) == ChangeInput(3, (float(said.values[3, 0]), 9.0))
    assert zeros.make(None) == ChangeInput(3, (0.0, 0.0))


@pytest.mark.parametrize(
    ("word", "room", "shown"),
    [
        ("film", 4, "film"),
        ("extraordinary", 6, "extra…"),
        ("extraordinary", 2, "ex"),
        ("extraordinary", 1, "e"),
        ("", 3, ""),
    ],
)
def test_a_word_is_cut_to_its_beginning(word, room, shown):
    assert cut(word, room) == shown


@pytest.mark.parametrize("tokens", [1, 8, 30, 200])
def test_words_stay_in_their_columns(score, tokens):
    words = ("extraordinarily",) * tokens
    score.show_trace(trace_of(replace(reading(tokens), tokens=words), tokens), Cursor(tokens - 1, 0, 0))
    row = track_of(score)._read
    assert not score.grab().isNull()
    if row.fits:
        assert all(item.boundingRect().width() <= max(score._axis.step, 10) + 4 for item in row.items)
    else:
        assert row.items[0].boundingRect().width() < score._axis.width
    assert "extraordinarily" in told(score, tokens - 1)


@pytest.fixture
def panel(qtbot):
    def show(kind):
        panel = kind(DARK)
        qtbot.addWidget(panel)
        panel.resize(255, 240)
        panel.show()
        return panel

    return show


def test_predicted_numbers_stand_beside_the_wanted_ones(panel):
    shown = panel(NextTokenPanel)
    said = numbers_reading(outputs=5, wanted=np.zeros((8, 5), np.float32), targets=("5 numbers",) * 8)
    shown.show_trace(trace_of(said), Cursor(3, 0, 0))
    words = [item.text() for item in shown._numbers._words]
    worst = np.argsort(-np.abs(said.given[3]))[:3]
    assert [text.split(":")[0] for text in words] == [f"y{place}" for place in worst]
    near = int((np.abs(said.given[3]) <= 0.1).sum())
    assert shown._subtitle.toolTip() == f"{near} of 5 within ±0.1"
    shown.show_trace(trace_of(reading()), Cursor(3, 0, 0))
    assert {item.text() for item in shown._numbers._words} == {""}
    assert not shown.grab().isNull()


def test_where_no_number_is_wanted_the_panel_says_so(panel):
    shown = panel(NextTokenPanel)
    shown.show_trace(trace_of(numbers_reading()), Cursor(0, 0, 0))
    assert shown._subtitle.toolTip().endswith("there is nothing to predict")


def lines_of(shown):
    return {name: label.text() for name, label in shown._plot._labels.items()}


def tops_of(shown):
    """Pixels from 0 of the plot's upright axis down to each label's top."""
    plot = shown._plot
    pixels = plot.getPlotItem().getViewBox().height() / (plot._y_range[1] - plot._y_range[0])
    return {name: label.transform().dy() - label.y() * pixels for name, label in plot._labels.items()}


def heights_of(shown):
    return {name: label.boundingRect().height() for name, label in shown._plot._labels.items()}


def test_a_label_that_would_leave_the_plot_stands_below_its_line(panel):
    shown = panel(LossPanel)
    made = History()
    made.append(record(loss=1.0))
    for height, below in ((600, False), (100, True)):
        shown.resize(255, height)
        shown.start_run(facts())
        shown.show_history(made)
        assert (shown._plot._labels["chance"].transform().dy() == 0) == below


@pytest.mark.parametrize("height", [80, 100, 130, 300])
@pytest.mark.parametrize("best", [2.3, 3.2, 4.4])
def test_no_label_leaves_the_plot_where_neither_above_nor_below_its_line_is_room(panel, height, best):
    shown = panel(LossPanel)
    made = History()
    made.append(record(loss=4.6))
    shown.resize(255, height)
    shown.start_run(facts(chance=Line("chance", 4.56), best=Line("one character known", best)))
    shown.show_history(made)
    plot = shown._plot
    top = -plot._y_range[1] * plot.getPlotItem().getViewBox().height() / (plot._y_range[1] - plot._y_range[0])
    tops, heights = tops_of(shown), heights_of(shown)
    assert min(tops.values()) >= top - 1e-6
    assert tops["chance"] + heights["chance"] <= tops["best"] + 1e-6


def test_both_lines_are_drawn_and_named_and_go_with_the_run(panel):
    shown = panel(LossPanel)
    told = facts(predicts=Numbers(("sum",), 0.04), chance=Line("chance", 1 / 6), best=Line("one of two known", 1 / 12))
    shown.start_run(told)
    assert lines_of(shown) == {"chance": "chance 0.167", "best": "one of two known 0.0833"}
    for name, loss in (("chance", 1 / 6), ("best", 1 / 12)):
        np.testing.assert_array_equal(shown._plot._curves[name].getOriginalDataset()[1], [loss, loss])
    made = History()
    made.append(record(loss=1.0))
    for height in (90, 240, 600):
        shown.resize(255, height)
        shown.show_history(made)
        assert tops_of(shown)["chance"] + heights_of(shown)["chance"] <= tops_of(shown)["best"] + 1e-6
    shown.start_run(replace(told, others=(Line("half", 0.125), Line("nearly all", 0.1))))
    shown.show_history(made)
    tops, heights = tops_of(shown), heights_of(shown)
    for above, below in pairwise(("chance", "other 0", "other 1", "best")):
        assert tops[above] + heights[above] <= tops[below] + 1e-6
    shown.set_theme(LIGHT)
    shown.start_run(facts(predicts=Symbols(("a", "b")), others=(Line("half", 0.25),)))
    assert [lines_of(shown)[name] for name in ("other 0", "other 1")] == ["half 0.25", ""]
    assert lines_of(shown)["best"] == ""
    assert shown._plot._curves["best"].getOriginalDataset()[0] is None
