"""Symbols and numbers drawn with layers that read from right to left, with a carried state, of a single token."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.app.score import Score
from rnnviz.domain.cursor import Cursor
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import TaskKind
from rnnviz.tracks import TRACKS
from rnnviz.tracks.unfolded import LOWEST_CELL
from rnnviz.training.trainer import Trainer
from tests.builders import MADE_TASKS, config, numbers_reading
from tests.qt.driving import a_small_run

EVERY = pytest.mark.parametrize("task", MADE_TASKS.values(), ids=MADE_TASKS)


@pytest.fixture
def score(qtbot):
    score = Score(TRACKS, DARK)
    qtbot.addWidget(score)
    score.resize(800, 700)
    score.show()
    return score


def unfolded(score):
    return next(row.track for row in score._rows if row.track.name == "unfolded")


def both_ways(task, **changes):
    run = Trainer(config(bidirectional=True, **changes), task=task)
    run.update()
    return run.trace()


@EVERY
def test_every_kind_is_drawn_in_both_directions(score, task):
    for layers in (1, 3):
        for theme in (DARK, LIGHT):
            score.set_theme(theme)
            trace = both_ways(task, layers=layers)
            score.show_trace(trace, Cursor(trace.tokens - 1, 0, 0))
            assert not score.grab().isNull()
        assert [row.turned for row in unfolded(score)._layers] == [False, True] * layers


@EVERY
@pytest.mark.parametrize("layers", [1, 3])
def test_it_has_room_for_its_rows_beside_the_numbers_that_are_read(score, task, layers):
    trace = both_ways(task, layers=layers)
    score.show_trace(trace, Cursor())
    track = unfolded(score)
    track.place(score._axis, track.needs(score._picture))
    track.show(score._picture)
    assert min(row.height for row in track._layers) >= LOWEST_CELL - 1e-9
    lowest = track._layers[0]
    assert lowest.top + lowest.height < track._height - track._bottom


def test_a_carried_state_is_marked_above_the_numbers(score):
    trace = both_ways(MADE_TASKS["numbers to numbers"])
    score.show_trace(replace(trace, carried=True), Cursor())
    track = unfolded(score)
    edge = track._boundary.path().boundingRect()
    assert edge.bottom() <= track._height - track._bottom
    assert edge.right() < score._axis.middle(0)
    score.show_trace(replace(trace, carried=False), Cursor())
    assert track._boundary.path().isEmpty()


def test_labels_give_way_to_numbers_while_the_layers_stay(score):
    trace = both_ways(MADE_TASKS["words to a number"])
    score.show_trace(trace, Cursor())
    score.show_trace(replace(trace, reading=numbers_reading(trace.tokens)), Cursor())
    assert not score.grab().isNull()
    assert unfolded(score)._bottom > 0


@EVERY
def test_every_kind_runs_in_the_window_in_both_directions(start, monkeypatch, task):
    kind = TaskKind("made", "Made up", "anything", lambda *_: task)
    monkeypatch.setitem(TASKS._entries, "made", kind)
    driven = start(a_small_run(task="made", layers=2, bidirectional=True, dropout=0.3))
    driven.train(2)
    for key in (Qt.Key.Key_End, Qt.Key.Key_F6):
        driven.key(key)
        assert not driven.window.grab().isNull()
    driven.session.change(shown="batch")
    driven.train(2)
    assert driven.session.trace.tokens == task.batch(np.random.default_rng(0), 3, 8).inputs.shape[1]
    assert not driven.window.grab().isNull()
