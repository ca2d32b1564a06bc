"""The cursor stays inside the trace that is shown, and can walk along the tokens by itself."""

import pytest

from rnnviz.domain.cursor import Cursor
from rnnviz.state.playback import Playback
from rnnviz.state.selection import Selection
from tests.builders import full_trace


@pytest.fixture
def selection(qapp):
    selection = Selection()
    selection.fit(full_trace(tokens=8, layers=3, units=6))
    return selection


@pytest.fixture
def moves(selection):
    moves = []
    selection.cursor_changed.connect(moves.append)
    return moves


def test_at_first_the_cursor_is_on_the_first_of_everything(qapp):
    assert Selection().cursor == Cursor(0, 0, 0)


@pytest.mark.parametrize(
    ("wish", "cursor"),
    [
        ({"token": 5}, Cursor(5, 0, 0)),
        ({"layer": 2}, Cursor(0, 2, 0)),
        ({"unit": 3}, Cursor(0, 0, 3)),
        ({"token": 7, "layer": 1, "unit": 5}, Cursor(7, 1, 5)),
        ({"token": 8, "layer": 3, "unit": 6}, Cursor(7, 2, 5)),
        ({"token": 1000}, Cursor(7, 0, 0)),
    ],
)
def test_a_choice_is_taken_as_far_as_the_trace_goes(selection, moves, wish, cursor):
    selection.choose(**wish)
    assert selection.cursor == cursor
    assert moves == [cursor]


def test_below_the_first_there_is_nothing(selection, moves):
    selection.choose(token=-1, layer=-3, unit=-100)
    assert selection.cursor == Cursor(0, 0, 0)
    assert moves == []


def test_choosing_where_one_is_changes_nothing(selection, moves):
    selection.choose(token=4)
    selection.choose(token=4)
    assert moves == [Cursor(4, 0, 0)]


def test_moves_add_up_and_stop_at_the_ends(selection):
    for _ in range(3):
        selection.move(tokens=3, layers=1, units=1)
    assert selection.cursor == Cursor(7, 2, 3)
    selection.move(tokens=-2, units=-1)
    assert selection.cursor == Cursor(5, 2, 2)
    selection.move(tokens=-100, layers=-100, units=-100)
    assert selection.cursor == Cursor(0, 0, 0)


def test_a_smaller_trace_brings_the_cursor_inside(selection, moves):
    selection.choose(token=7, layer=2, unit=5)
    selection.fit(full_trace(tokens=4, layers=1, units=2))
    assert selection.cursor == moves[-1] == Cursor(3, 0, 1)
    assert selection.tokens == 4


def test_a_larger_trace_leaves_the_cursor(selection, moves):
    selection.choose(token=7)
    selection.fit(full_trace(tokens=20))
    assert moves == [Cursor(7, 0, 0)]
    selection.choose(token=19)
    assert selection.cursor.token == 19


@pytest.fixture
def playback(selection):
    playback = Playback(selection)
    playback._timer.setInterval(1)
    yield playback
    playback.stop()


def test_playing_visits_every_token_and_stops_at_the_last(qtbot, selection, playback, moves):
    with qtbot.waitSignals([playback.playing_changed] * 2, timeout=60_000):
        playback.toggle()
    assert [cursor.token for cursor in moves] == [1, 2, 3, 4, 5, 6, 7]
    assert not playback.playing


def test_playing_at_the_last_token_starts_from_the_first(qtbot, selection, playback, moves):
    selection.choose(token=7)
    playback.toggle()
    assert selection.cursor.token == 0
    qtbot.waitUntil(lambda: not playback.playing, timeout=60_000)
    assert [cursor.token for cursor in moves] == [7, 0, 1, 2, 3, 4, 5, 6, 7]


def test_toggling_while_playing_stops_where_it_is(playback, selection):
    heard = []
    playback.playing_changed.connect(heard.append)
    selection.choose(token=3)
    playback.toggle()
    playback.toggle()
    assert (selection.cursor.token, playback.playing, heard) == (3, False, [True, False])


def test_stopping_what_stands_still_says_nothing(playback):
    heard = []
    playback.playing_changed.connect(heard.append)
    playback.stop()
    assert heard == []


def test_playing_a_single_token_stops_at_once(qtbot, selection, playback):
    selection.fit(full_trace(tokens=1))
    playback.toggle()
    qtbot.waitUntil(lambda: not playback.playing, timeout=60_000)


def test_playing_goes_on_in_a_shorter_sequence_and_stops_at_its_end(qtbot, selection, playback):
    selection.choose(token=5)
    playback.toggle()
    selection.fit(full_trace(tokens=3))
    qtbot.waitUntil(lambda: not playback.playing, timeout=60_000)
    assert selection.cursor.token == 2
