"""Layers that read from right to left are drawn, stepped and told so; so is a state that is carried in."""

import numpy as np
import pytest
from PySide6.QtWidgets import QGraphicsSimpleTextItem

from rnnviz.analysis.captions import caption
from rnnviz.app.editors import SwitchEditor
from rnnviz.app.score import Score
from rnnviz.domain.cursor import Cursor
from rnnviz.drawing.theme import DARK
from rnnviz.tracks import TRACKS
from rnnviz.tracks.unfolded import LOWEST_CELL
from tests.builders import full_trace, record, text_file, trainer


@pytest.fixture
def score(qtbot):
    score = Score(TRACKS, DARK)
    qtbot.addWidget(score)
    score.resize(800, 700)
    score.show()
    return score


@pytest.fixture
def both():
    run = trainer(bidirectional=True, layers=2, length=8)
    run.update()
    return run.trace()


def row_of(score, name):
    return next(row for row in score._rows if row.track.name == name)


def texts(score):
    return {item.text() for item in row_of(score, "unfolded").track.root.childItems() if _is_text(item)}


def _is_text(item):
    return isinstance(item, QGraphicsSimpleTextItem)


def tips(path):
    """The first corner of every wedge, and the middle of the others: (n, 2)."""
    triangles = [polygon for polygon in path.toSubpathPolygons() if len(polygon) >= 3]
    return np.array([(p[0].x(), (p[1].x() + p[2].x()) / 2) for p in triangles])


def test_gradients_of_a_backward_row_point_to_the_right_and_its_states_to_the_left(score, both):
    score.show_trace(both, Cursor())
    rows = row_of(score, "unfolded").track._layers
    assert [row.turned for row in rows] == [False, True, False, True]
    for row in rows:
        wedges = np.concatenate([found for item in row._backward if len(found := tips(item.path()))])
        assert len(wedges) == both.tokens - 1
        assert ((wedges[:, 0] > wedges[:, 1]) == row.turned).all()
        heads = row._forward.path()
        lines = [heads.elementAt(place) for place in range(5)]
        left, right, tip = lines[0].x, lines[1].x, lines[3].x
        assert tip == (left if row.turned else right)
    assert {"layer 1", "layer 1 ←", "layer 2", "layer 2 ←"} <= texts(score)


def test_a_backward_row_shows_a_tokens_gradient_in_the_gap_on_its_left(score):
    for direction, first in (("forward", 0), ("backward", 1)):
        score.show_trace(full_trace(tokens=20, direction=direction), Cursor())
        axis, (row,) = score._axis, row_of(score, "unfolded").track._layers
        levels = row._levels[first : first + 19]  # by gap
        assert len(set(levels.tolist())) > 2
        for level, item in enumerate(row._backward):
            found = tips(item.path())
            middles = found.mean(axis=1) if len(found) else np.empty(0)
            expected = axis.middle(np.flatnonzero(levels == level) + 0.5)
            np.testing.assert_allclose(middles, expected, atol=1e-6)


def test_a_sweep_uncovers_each_row_in_the_order_in_which_it_is_read(score, both):
    score.show_trace(both, Cursor(layer=1))
    axis, row = score._axis, row_of(score, "hidden_state")
    for phase, from_the_right in (("forward", True), ("backward", False)):
        score._phase = phase
        score._on_sweep(0.25)
        veil = row.veil.path().boundingRect()
        assert (veil.left() == pytest.approx(axis.left)) == from_the_right
        assert veil.width() == pytest.approx(0.75 * axis.width)
    unfolded = row_of(score, "unfolded")
    strips = unfolded.track.sweeps(score._picture, unfolded.height)
    assert [strip.direction for strip in strips] == ["forward", "backward"] * 2
    score.show_trace(full_trace(), Cursor())
    unfolded = row_of(score, "unfolded")
    assert unfolded.track.sweeps(score._picture, unfolded.height) == ((0, unfolded.height, "forward"),)


def test_the_gradient_track_of_a_backward_layer_is_of_the_loss_of_token_0(score, both):
    score.show_trace(both, Cursor(layer=3))
    row = row_of(score, "gradient")
    assert "loss of token 0 reaches back" in row.track.subtitle(score._picture)
    shaded = row.track._beyond.rect()
    if shaded.width():
        assert shaded.right() == pytest.approx(score._axis.right)
    score.show_trace(both, Cursor(layer=2))
    assert "last loss reaches back" in row.track.subtitle(score._picture)


def test_captions_say_which_way_is_read(both):
    assert "rows marked ← from right to left" in caption("forward", both, record())
    assert "rows marked ← from left to right" in caption("backward", both, record())
    assert "←" not in caption("forward", full_trace(), record())


def test_four_layers_have_room_in_a_small_window(score):
    score.resize(560, 560)
    score.show_trace(full_trace(layers=4), Cursor())
    assert min(row.height for row in row_of(score, "unfolded").track._layers) >= LOWEST_CELL - 1


def test_a_carried_state_has_its_boundary_drawn_and_told(score, tmp_path):
    run = trainer(task="text", file=text_file(tmp_path), carry=True, shown="batch")
    run.update()
    score.show_trace(run.trace(), Cursor())
    track = row_of(score, "unfolded").track
    assert track._boundary.path().isEmpty()
    run.update()
    score.show_trace(run.trace(), Cursor())
    track = row_of(score, "unfolded").track
    assert track._boundary.path().boundingRect().left() < score._axis.left
    assert "carried state, no gradient passes" in track.subtitle(score._picture)


def test_a_switch_tells_what_the_user_changed_alone(qtbot):
    editor, values = SwitchEditor(), []
    qtbot.addWidget(editor)
    editor.edited.connect(values.append)
    editor.set_value(True)
    assert values == []
    editor._switch.click()
    assert values == [False]
