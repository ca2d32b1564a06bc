"""What is drawn in which refresh."""

from rnnviz.app.turns import Turns


def refreshes(turns, taken):
    """Pass on once for each of ``taken``, 1 or 0."""
    for each in taken:
        turns.pass_on(taken=bool(each))


def test_nothing_is_drawn_that_nobody_asked_for():
    turns, drawn = Turns(), []
    turns.add(lambda: drawn.append("plots"))
    refreshes(turns, [0, 0, 0])
    assert not drawn


def test_what_was_asked_for_is_drawn_once():
    turns, drawn = Turns(), []
    turns.add(lambda: drawn.append("plots"))()
    refreshes(turns, [0, 0, 0])
    assert drawn == ["plots"]


def test_a_refresh_that_is_taken_draws_nothing_more():
    turns, drawn = Turns(), []
    turns.add(lambda: drawn.append("plots"))()
    refreshes(turns, [1, 1])
    assert not drawn
    refreshes(turns, [0])
    assert drawn == ["plots"]


def test_two_views_are_never_drawn_in_one_refresh():
    turns, drawn = Turns(), []
    for name in ("panels", "plots", "map"):
        turns.add(lambda name=name: drawn.append(name))()
    for count in (1, 2, 3, 3):
        refreshes(turns, [0])
        assert len(drawn) == count
    assert set(drawn) == {"panels", "plots", "map"}


def test_a_view_is_drawn_no_more_often_than_it_was_said():
    turns, drawn = Turns(), []
    ask = turns.add(lambda: drawn.append("plots"), every=4)
    for _ in range(12):
        ask()
        refreshes(turns, [0])
    assert len(drawn) == 3


def test_a_view_that_is_asked_for_all_the_time_leaves_turns_to_the_others():
    turns, drawn = Turns(), []
    often = turns.add(lambda: drawn.append("panels"))
    seldom = turns.add(lambda: drawn.append("map"), every=5)
    for _ in range(30):
        often()
        seldom()
        refreshes(turns, [1, 0])
    assert drawn.count("map") >= 5
    assert drawn.count("panels") >= 20
