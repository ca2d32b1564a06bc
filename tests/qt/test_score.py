"""The score with hand-made traces: everything can be shown, and what is told is what is in the trace."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from rnnviz.app.score import Score
from rnnviz.app.score_view import GUTTER
from rnnviz.cells import CELLS
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.trace import Reading
from rnnviz.drawing.label_targets import ROW
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.tracks import TRACKS
from rnnviz.tracks.hidden_state import HiddenStateTrack
from tests.builders import full_layer, full_trace, trainer


@pytest.fixture
def score(qtbot):
    score = Score(TRACKS, DARK)
    qtbot.addWidget(score)
    score.resize(800, 700)
    score.show()
    return score


def names(score):
    return [row.track.name for row in score._rows]


def row_of(score, name):
    return next(row for row in score._rows if row.track.name == name)


def place_of(score, name, token, share=0.5):
    """A place in a track: the middle of a column, at ``share`` of the height."""
    row = row_of(score, name)
    return QPointF(score._axis.middle(token), row.track.root.y() + share * row.height)


@pytest.mark.parametrize("tokens", [2, 20, 200])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_every_trace_can_be_shown_in_both_themes_and_every_size(score, cell, layers, tokens):
    score.show_trace(full_trace(cell, tokens, layers), Cursor(tokens - 1, layers - 1, 5))
    for theme in (DARK, LIGHT):
        score.set_theme(theme)
        for size in ((320, 240), (800, 700), (1500, 900)):
            score.resize(*size)
            assert not score.grab().isNull()
    assert names(score) == [track.name for track in TRACKS if track.applies_to(full_trace(cell).layers[0])]


BROKEN = {
    "nan": np.full((8, 6), np.nan),
    "infinite": np.full((8, 6), np.inf),
    "zero": np.zeros((8, 6)),
    "mixed": np.array([np.nan, np.inf, -np.inf, 0.0, 1e-45, 1e38, 1.0, -1.0])[:, None].repeat(6, axis=1),
}


@pytest.mark.parametrize("values", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("layers", [1, 3])
def test_broken_numbers_can_be_shown_and_are_told(score, values, layers):
    grads = dict.fromkeys(("hidden_grads", "hidden_grads_direct", "hidden_grads_last"), values)
    trace = full_trace(layers=layers, hidden=values, cell_state=values, **grads)
    score.show_trace(full_trace(layers=layers), Cursor())
    for theme in (DARK, LIGHT):
        score.show_trace(trace, Cursor(3, 0, 2))
        score.set_theme(theme)
        score.grab()
    told = score.value_at(place_of(score, "gradient", 0))
    assert ("not finite" if not np.isfinite(values[0, 0]) else "exactly 0") in told


def test_probabilities_that_are_not_numbers_can_be_shown(score):
    from rnnviz.domain.trace import Trace  # noqa: PLC0415
    from tests.builders import VOCABULARY, full_layer, reading  # noqa: PLC0415

    broken = reading(8, probabilities=np.full((8, len(VOCABULARY)), np.nan))
    score.show_trace(Trace((full_layer(),), np.full(8, np.nan), broken, 1), Cursor())
    score.grab()
    assert "nan" in score.value_at(place_of(score, "unfolded", 0, 0.01))


def test_a_trace_of_a_real_run_can_be_shown(score):
    run = trainer(layers=2)
    run.update()
    score.show_trace(run.trace(), Cursor(2, 1, 3))
    assert names(score) == [track.name for track in TRACKS]


def test_without_a_trace_there_is_nothing_to_tell_and_nothing_breaks(score):
    score.grab()
    assert score.value_at(QPointF(300, 300)) == ""
    score.show_cursor(Cursor(1, 0, 0))
    score.show_trace(full_trace(), Cursor())
    score.show_remark("There is no run.")
    score.grab()


@pytest.mark.parametrize(
    ("cell", "missing"), [("lstm", set()), ("gru", {"cell_state"}), ("rnn_tanh", {"cell_state", "gates"})]
)
def test_a_track_is_there_only_for_cells_that_have_what_it_shows(score, cell, missing):
    score.show_trace(full_trace(), Cursor())
    score.show_trace(full_trace(cell), Cursor())
    assert set(names(score)) == {track.name for track in TRACKS} - missing


@pytest.mark.parametrize("track", ["hidden_state", "cell_state"])
def test_a_state_under_the_pointer_is_told_with_its_unit_and_token(score, track):
    trace = full_trace()
    score.show_trace(trace, Cursor())
    layer, letter = trace.layers[0], "h" if track == "hidden_state" else "c"
    values = layer.hidden if letter == "h" else layer.cell_state
    for token in (0, 3, 7):
        for unit in (0, 4, 5):
            told = score.value_at(place_of(score, track, token, (unit + 0.5) / 6))
            assert told == f"{letter} of unit {unit} at token {token}: {values[token, unit]:+.4f}"


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_gate_under_the_pointer_is_told_with_its_value_and_meaning(score, cell):
    trace = full_trace(cell)
    score.show_trace(trace, Cursor())
    track = row_of(score, "gates").track
    assert [strip.gate for strip in track._strips] == list(CELLS[cell].gates)
    for strip in track._strips:
        place = QPointF(score._axis.middle(5), track.root.y() + strip.top + strip.height * 2.5 / 6)
        value = trace.layers[0].gates[strip.gate.name][5, 2]
        told = score.value_at(place)
        assert told.startswith(f"{strip.gate.name} of unit 2 at token 5: ")
        assert float(told.split("\n")[0].rpartition(" ")[2]) == pytest.approx(value, abs=1e-4)
        assert told.endswith(strip.gate.meaning)


def test_gradients_under_the_pointer_are_told(score):
    trace = full_trace()
    score.show_trace(trace, Cursor())
    layer = trace.layers[0]
    norms = [
        np.linalg.norm(values[4]) for values in (layer.hidden_grads, layer.hidden_grads_direct, layer.hidden_grads_last)
    ]
    expected = "‖∂L/∂h‖₂ at token 4\ntotal {:.3g}\nown loss {:.3g}\nlast loss {:.3g}".format(*norms)
    assert score.value_at(place_of(score, "gradient", 4)) == expected


def test_letters_under_the_pointer_are_told_with_guesses_and_loss(score):
    trace = full_trace()
    score.show_trace(trace, Cursor())
    told = score.value_at(place_of(score, "unfolded", 4, 0.02))
    assert told.startswith("token 4: read o, then came ␣\nguesses ")
    assert told.endswith(f"loss {trace.losses[4]:.3f} nats")


def test_cells_under_the_pointer_are_told_with_their_layer(score):
    trace = full_trace(layers=3)
    score.show_trace(trace, Cursor())
    track = row_of(score, "unfolded").track
    for index, row in enumerate(track._layers):
        told = score.value_at(QPointF(score._axis.middle(2), track.root.y() + row.top + row.height / 2))
        norm = np.linalg.norm(trace.layers[index].hidden_grads[2])
        assert told == f"layer {index + 1} at token 2\n‖∂L/∂h‖₂ {norm:.3g}"
    assert track._layers[0].top > track._layers[2].top


@pytest.mark.parametrize("x", [0, GUTTER - 1, 799])
def test_beside_the_columns_nothing_is_told(score, x):
    score.show_trace(full_trace(), Cursor())
    assert score.value_at(QPointF(x, place_of(score, "hidden_state", 0).y())) == ""


@pytest.fixture
def wishes(score):
    wishes = []
    score.token_chosen.connect(lambda token: wishes.append(("token", token)))
    score.unit_chosen.connect(lambda unit: wishes.append(("unit", unit)))
    score.layer_chosen.connect(lambda layer: wishes.append(("layer", layer)))
    return wishes


def click(qtbot, score, place):
    qtbot.mousePress(score.viewport(), Qt.MouseButton.LeftButton, pos=score.mapFromScene(place))


def test_a_click_chooses_token_and_unit(qtbot, score, wishes):
    score.show_trace(full_trace(), Cursor())
    click(qtbot, score, place_of(score, "hidden_state", 5, 2.5 / 6))
    assert wishes == [("token", 5), ("unit", 2)]


def test_a_click_on_a_cell_chooses_its_layer(qtbot, score, wishes):
    score.show_trace(full_trace(layers=3), Cursor())
    track = row_of(score, "unfolded").track
    middle = track._layers[1].top + track._layers[1].height / 2
    click(qtbot, score, QPointF(score._axis.middle(3), track.root.y() + middle))
    assert wishes == [("token", 3), ("layer", 1)]


def test_a_click_beside_the_columns_chooses_nothing(qtbot, score, wishes):
    score.show_trace(full_trace(), Cursor())
    click(qtbot, score, QPointF(20, 300))
    assert wishes == []


def hover(score, place, monkeypatch):
    """Move the pointer to ``place``; the words that are told, or None where the last ones are taken away."""
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, words, _widget: told.append(words))
    monkeypatch.setattr(QToolTip, "hideText", lambda: told.append(None))
    point = QPointF(score.mapFromScene(place))
    nothing = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, point, point, nothing, nothing, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(score.viewport(), event)
    return told


def test_hovering_tells_the_value_at_once(score, monkeypatch):
    score.show_trace(full_trace(), Cursor())
    place = place_of(score, "hidden_state", 5, 2.5 / 6)
    assert hover(score, place, monkeypatch) == [score.value_at(place)]
    assert score.viewport().hasMouseTracking()


def test_hovering_where_there_is_nothing_takes_the_last_value_away(score, monkeypatch):
    score.show_trace(full_trace(), Cursor())
    assert hover(score, QPointF(5, 300), monkeypatch) == [None]


def test_hovering_over_a_question_mark_tells_how_to_read(score, monkeypatch):
    score.show_trace(full_trace(), Cursor())
    row = row_of(score, "gates")
    assert hover(score, row.help.sceneBoundingRect().center(), monkeypatch) == [f"<p>{row.track.how_to_read}</p>"]


def test_the_cursor_stands_on_its_column_in_every_track(score):
    for tokens in (2, 8, 50):
        score.show_trace(full_trace(tokens=tokens), Cursor())
        for token in (0, tokens // 2, tokens - 1):
            score.show_cursor(Cursor(token, 0, 0))
            axis = score._axis
            for row in score._rows:
                rectangle = row.cursor.rect()
                assert (rectangle.left(), rectangle.width()) == pytest.approx(
                    (axis.left + token * axis.step, axis.step)
                )
                assert (rectangle.top(), rectangle.height()) == (row.track.root.y(), row.height)


def test_after_resizing_the_cursor_stands_on_its_column_still(score):
    score.show_trace(full_trace(), Cursor(5, 0, 0))
    score.resize(1200, 800)
    assert all(
        row.cursor.rect().left() == pytest.approx(score._axis.left + 5 * score._axis.step) for row in score._rows
    )


@pytest.mark.parametrize("tokens", [8, 50])
def test_wrong_guesses_and_only_those_are_underlined(score, tokens):
    trace = full_trace(tokens=tokens)
    score.show_trace(trace, Cursor())
    path = row_of(score, "unfolded").track._said._wrong.path()
    found = [path.contains(QPointF(score._axis.middle(token), 2 * ROW - 0.5)) for token in range(tokens)]
    wrong = [guess != target for guess, target in zip(trace.reading.predictions, trace.reading.targets, strict=True)]
    assert found == wrong
    assert any(wrong)


@pytest.mark.parametrize("width", [320, 500, 800, 1600])
def test_subtitles_stay_inside(score, width):
    score.resize(width, 700)
    score.show_trace(full_trace(), Cursor())
    for row in score._rows:
        assert row.subtitle.sceneBoundingRect().right() <= score._axis.right + 2, row.track.name


def test_a_hidden_track_is_never_asked_to_show_anything(score, monkeypatch):
    asked = []
    show = HiddenStateTrack.show
    monkeypatch.setattr(HiddenStateTrack, "show", lambda self, picture: asked.append(1) or show(self, picture))
    score.show_trace(full_trace(), Cursor())
    assert asked
    score.set_visible_tracks([track.name for track in TRACKS if track is not HiddenStateTrack])
    asked.clear()
    score.show_trace(full_trace(), Cursor(1, 0, 0))
    score.resize(900, 700)
    score.show_cursor(Cursor(2, 0, 0))
    assert asked == []


def test_tracks_share_the_height_and_do_not_overlap(score):
    score.show_trace(full_trace(), Cursor())
    for above, below in zip(score._rows, score._rows[1:], strict=False):
        assert above.track.root.y() + above.height <= below.title.y()
    last = score._rows[-1]
    assert last.track.root.y() + last.height <= score.viewport().height()


def test_a_gradient_that_breaks_where_it_was_zero_gets_its_own_colour(score):
    zero = full_trace().layers[0].hidden_grads.copy()
    zero[2] = 0
    broken = zero.copy()
    broken[2] = np.nan
    score.show_trace(full_trace(hidden_grads=zero), Cursor())
    score.show_trace(full_trace(hidden_grads=broken), Cursor())
    assert not row_of(score, "unfolded").track._layers[0]._nonfinite.path().isEmpty()


def test_a_gradient_that_is_broken_from_the_start_has_its_own_colour(score):
    broken = full_trace().layers[0].hidden_grads.copy()
    broken[2] = np.nan
    score.show_trace(full_trace(hidden_grads=broken), Cursor())
    assert not row_of(score, "unfolded").track._layers[0]._nonfinite.path().isEmpty()


def asked_once(tokens):
    """A trace of a task that asks at its last token alone, and whose classes are not its tokens."""
    classes = ("AA", "BA", "AB", "BB")
    odds = np.tile([0.1, 0.2, 0.3, 0.4], (tokens, 1))
    asked = Reading(("w",) * tokens, (None,) * (tokens - 1) + ("BA",), classes, odds)
    return replace(full_trace(tokens=tokens), reading=asked)


@pytest.mark.parametrize("tokens", [2, 20, 200])
def test_where_there_is_no_target_there_is_nothing_to_see(score, tokens):
    score.show_trace(full_trace(tokens=tokens), Cursor())
    score.show_trace(asked_once(tokens), Cursor(tokens // 2, 0, 0))
    score.grab()
    track = row_of(score, "unfolded").track
    said = track._said
    for path in (said._bars.path(), said._ground.path()):
        assert abs(path.boundingRect().center().x() - score._axis.middle(tokens - 1)) < 0.5
    if tokens < 200:  # where columns are narrow, letters do not stand over them and none is underlined
        wrong = said._wrong.path().boundingRect()
        assert wrong.left() > score._axis.middle(tokens - 1) - score._axis.step / 2
        for row, last in ((said._guess_row, "BB"), (said._target_row, "BA")):
            assert [item.text() for item in row.items] == [""] * (tokens - 1) + [last]
    score.resize(820, 700)
    assert track._said._ground.path().elementCount() == track._said._bars.path().elementCount()


def test_in_narrow_columns_a_class_stands_under_the_cursor(score):
    score.show_trace(asked_once(200), Cursor(199, 0, 0))
    (target,) = row_of(score, "unfolded").track._said._target_row.items
    assert target.text().strip() == "BA"


def test_a_token_without_a_target_says_so(score):
    score.show_trace(asked_once(20), Cursor())
    assert score.value_at(place_of(score, "unfolded", 4, 0.02)) == "token 4: read w, nothing to predict here"
    assert score.value_at(place_of(score, "unfolded", 19, 0.02)).startswith(
        "token 19: read w, then came BA\nguesses BB 40%"
    )


@pytest.mark.parametrize(
    ("trace", "layer", "name"),
    [
        (full_trace(layers=2), 1, "own loss"),
        (full_trace(layers=2), 0, "direct"),
        (replace(full_trace(), attention=np.tril(np.ones((8, 8)))), 0, "direct"),
        (replace(full_trace(), losses=None), 0, "direct"),
    ],
)
def test_the_direct_gradient_is_called_that_of_the_own_loss_where_it_is_that_alone(score, trace, layer, name):
    score.show_trace(trace, Cursor(0, layer, 0))
    track, picture = row_of(score, "gradient").track, score._picture
    assert track.value_at(picture, 4, 0).split("\n")[2].startswith(f"{name} ")
    assert f"dashed {name}," in track.subtitle(picture)
    assert track.numbers(picture).columns[2].name == f"‖∂L/∂h‖₂ {name}"


def test_what_only_fills_a_sequence_up_has_no_part_in_the_share_of_saturated_gates(score):
    shut = np.where(np.arange(8)[:, None] < 6, 0.5, 1.0) * np.ones((1, 6))
    layer = full_layer("gru", gates=dict.fromkeys(("reset", "update", "candidate"), shut))
    score.show_trace(replace(full_trace(), layers=(layer,), padding=2), Cursor())
    assert [strip._saturation.text() for strip in row_of(score, "gates").track._strips] == ["0% sat."] * 3


def test_what_changed_of_gates_is_taken_away_as_a_change(score):
    trace = replace(full_trace("gru"), untouched=full_trace("gru"))
    score.show_trace(trace, Cursor())
    table = row_of(score, "gates").track.numbers(score._picture)
    assert table.columns[1].name == "Δreset 0"
    assert not np.any(table.columns[1].values)


def test_another_run_has_a_range_of_gradients_of_its_own(score):
    usual = full_trace("rnn_tanh")
    tiny = full_trace("rnn_tanh", hidden_grads=usual.layers[0].hidden_grads * 1e-20)
    score.show_trace(usual, Cursor())
    range_of_usual = score.picture.decades.low, score.picture.decades.high
    score.show_trace(tiny, Cursor())
    assert score.picture.decades.low < range_of_usual[0] - 10
    score.start_run()
    score.show_trace(usual, Cursor())
    assert (score.picture.decades.low, score.picture.decades.high) == range_of_usual


def test_a_single_unit_is_one_unit(score):
    score.show_trace(full_trace("rnn_tanh", units=1), Cursor())
    assert "1 unit × 8 tokens" in row_of(score, "hidden_state").track.subtitle(score.picture)
