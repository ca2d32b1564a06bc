"""What fills up a sequence is drawn as that."""

from dataclasses import replace

import pytest

from rnnviz.app.score import Score
from rnnviz.domain.cursor import Cursor
from rnnviz.drawing.theme import THEMES
from rnnviz.tracks import TRACKS
from tests.builders import full_trace


@pytest.fixture
def score(application, qtbot):
    score = Score(TRACKS, THEMES["dark"])
    qtbot.addWidget(score)
    score.resize(800, 700)
    score.show()
    return score


def test_columns_that_fill_up_are_veiled_in_every_row(score):
    score.show_trace(replace(full_trace(tokens=8), padding=2), Cursor())
    box, axis = score._padding.path().boundingRect(), score._axis
    assert box.left() == pytest.approx(axis.right - 2 * axis.step)
    assert box.right() == pytest.approx(axis.right)
    assert score._padding.path().elementCount() == 5 * len(score._rows)


def test_a_sequence_without_padding_has_no_veil(score):
    score.show_trace(replace(full_trace(tokens=8), padding=2), Cursor())
    score.show_trace(full_trace(tokens=8), Cursor())
    assert score._padding.path().isEmpty()
