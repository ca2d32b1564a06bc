"""The score's row of one loss: bars are what the influence matrix has, and words say which loss they are of."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsScene

from rnnviz.domain.cursor import Cursor
from rnnviz.domain.studies import Studies
from rnnviz.drawing.decades import Decades
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.influence import WAITING, InfluenceTrack
from rnnviz.tracks.track import Picture
from tests.builders import full_trace, influence

HEIGHT = 66.0
NONE = -np.inf


@pytest.fixture
def track(qtbot):
    """A track on eight columns of 50 pixels, in a scene of its own."""
    scene, track = QGraphicsScene(), InfluenceTrack(DARK)
    scene.addItem(track.root)
    track.place(TokenAxis(92, 400, 8), HEIGHT)
    yield track
    scene.removeItem(track.root)


def picture(study, token=5, layer=0, tokens=8, layers=1):
    trace = full_trace(tokens=tokens, layers=layers)
    return Picture(trace, Cursor(token, layer, 0), Decades(-5, 1), Studies(influence=study))


def bars(track):
    """Heights by token, as shares of the room."""
    path = track._bars.path()
    polygons = [polygon.boundingRect() for polygon in path.toSubpathPolygons()]
    return {int((box.center().x() - 92) // 50): box.height() / (HEIGHT - 6) for box in polygons}


def test_bars_are_the_row_of_the_cursors_token_on_the_shared_scale(track):
    track.show(picture(influence(), token=5))
    shown = bars(track)
    assert sorted(shown) == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose([shown[t] for t in range(6)], [(4 - 0.5 * (5 - t)) / 6 for t in range(6)], atol=1e-9)


def test_the_row_follows_the_cursor_through_tokens_and_layers(track):
    study = influence(layers=2)
    track.show(picture(study, token=2, layers=2))
    assert sorted(bars(track)) == [0, 1, 2]
    track.show(picture(study, token=2, layer=1, layers=2))
    assert bars(track)[0] == pytest.approx((4 - 0.25 * 2) / 6)
    assert track._own.path().boundingRect().center().x() == 92 + 2.5 * 50


def test_the_subtitle_says_which_loss_and_how_far_it_reaches(track):
    words = track.subtitle(picture(influence(), token=6))
    assert words == "which states the loss at token 6 asks to change · reaches back 4 of 6 tokens · ‖∂ℓₛ/∂hₜ‖₂, log"


def test_a_loss_that_was_left_out_is_replaced_and_that_is_told(track):
    shown = picture(influence(every=4), token=5)
    track.show(shown)
    assert sorted(bars(track)) == [0, 1, 2, 3]
    assert "the loss at token 3 (the nearest kept to 5) asks" in track.subtitle(shown)


def test_values_are_told_with_zero_and_broken_ones_apart(track):
    norms = influence().log10_norms[0].copy()
    norms[5, 1], norms[5, 2], norms[5, 3] = NONE, np.nan, np.inf
    shown = picture(influence(log10_norms=(norms,)))
    track.show(shown)
    told = [track.value_at(shown, token, 10) for token in range(8)]
    assert told[4] == "loss of token 5 → state at token 4: 0.0316"
    assert [words.split(": ")[1] for words in told[1:4]] == ["exactly 0", "not finite", "not finite"]
    assert told[6] == "the loss of token 5 does not depend on the state at token 6"
    assert sorted(bars(track)) == [0, 4, 5]
    assert track._zeros.path().boundingRect().center().x() == 92 + 1.5 * 50
    assert len(track._nonfinite.path().toSubpathPolygons()) == 2
    assert track._nonfinite.brush().color() == QColor(DARK.nonfinite)
    assert "its gradient is not finite" in track.subtitle(shown)


@pytest.mark.parametrize("study", [None, influence(9), influence(8)], ids=["none", "other length", "too few layers"])
def test_until_a_fitting_study_has_come_a_remark_says_so(track, study):
    track.show(picture(influence(), token=5))
    waiting = picture(study, layer=1 if study is not None and study.tokens == 8 else 0, layers=2)
    track.show(waiting)
    assert track._remark.text() == WAITING == track.value_at(waiting, 1, 10)
    assert bars(track) == {}
    assert track._own.path().isEmpty()
    assert "being computed" in track.subtitle(waiting)
    track.show(picture(influence(), token=5))
    assert track._remark.text() == ""
    assert bars(track)


def test_the_same_row_is_drawn_once(track, monkeypatch):
    study, drawn = influence(), []
    monkeypatch.setattr(track, "_draw_row", lambda *_: drawn.append(1))
    for _ in range(3):
        track.show(picture(study))
    assert drawn == [1]
    track.show(picture(study, token=4))
    track.show(picture(influence(), token=4))
    assert len(drawn) == 3
    track.place(TokenAxis(92, 300, 8), HEIGHT)
    track.show(picture(study, token=4))
    assert len(drawn) == 4


def test_another_theme_has_the_same_bars(track, qtbot):
    light, scene = InfluenceTrack(LIGHT), QGraphicsScene()
    scene.addItem(light.root)
    light.place(TokenAxis(92, 400, 8), HEIGHT)
    for each in (track, light):
        each.show(picture(influence()))
    assert bars(light) == bars(track)
    assert light._bars.brush().color().name() == LIGHT.last
    scene.removeItem(light.root)


def test_of_a_token_without_a_loss_the_subtitle_says_so_and_no_reach(track):
    norms = influence().log10_norms[0].copy()
    norms[:-1] = NONE
    words = track.subtitle(picture(influence(log10_norms=(norms,)), token=3))
    assert words == "token 3 has no loss: it asks no state to change · ‖∂ℓₛ/∂hₜ‖₂, log"


def test_beside_a_changed_pass_the_row_says_that_it_is_of_the_untouched_one(track):
    plain = picture(influence(), token=6)
    changed = replace(plain, trace=replace(plain.trace, untouched=plain.trace))
    assert track.subtitle(changed) == f"{track.subtitle(plain)} · without the interventions"
