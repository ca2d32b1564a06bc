"""Wishes and what is done in the background: one at a time, the newest of a kind, and only where nothing else is."""

import threading

import pytest

from rnnviz.domain.intervention import ZeroUnit
from rnnviz.exchange.control import Control
from rnnviz.exchange.orders import Begin, Branch, Change, Explore, ForkRun, Idle, Intervene, Look, Show, Update, Watch
from tests.builders import config
from tests.unit.clocked import HOUR, take, take_all

LASTING = (Watch(frozenset({"anatomy"})), Explore(2.0))
PASSING = (Intervene((ZeroUnit(1),)), ForkRun({"rate": 0.5}), Show(1), Branch(3, {}))


def wish(control, *wishes):
    for entry in wishes:
        control.wish(entry)


@pytest.mark.parametrize("order", [*LASTING, *PASSING], ids=lambda order: type(order).__name__)
def test_a_wish_is_one_order(control, order):
    control.wish(order)
    assert take_all(control) == [order]
    assert take_all(control) == []


def test_of_two_wishes_of_a_kind_the_newest_wins(control):
    wish(control, Explore(0.5), Show(1), Explore(0.7), Show(update=4), Explore(0.9))
    assert take_all(control) == [Show(update=4), Explore(0.9)]


def test_wishes_come_in_the_order_in_which_they_were_last_made(control):
    wish(control, *LASTING, *PASSING, LASTING[0])
    assert take_all(control) == [LASTING[1], *PASSING, LASTING[0]]


def test_a_new_run_comes_before_changes_and_these_before_wishes_and_updates(control):
    control.begin(config())
    control.wish(Show(1))
    control.run(1)
    control.change(rate=0.5)
    assert take_all(control) == [Begin(config()), Change({"rate": 0.5}), Show(1), Update(looked_at=True)]


@pytest.mark.parametrize("leave", [lambda control: control.begin(config()), Control.go_back], ids=["begin", "go back"])
def test_only_lasting_wishes_outlive_the_run_that_they_were_made_in(control, leave):
    wish(control, *LASTING, *PASSING)
    leave(control)
    assert take_all(control)[1:] == list(LASTING)


def test_wishes_made_after_a_new_run_was_asked_for_are_meant_for_it(control):
    control.begin(config())
    wish(control, *PASSING)
    assert take_all(control) == [Begin(config()), *PASSING]


def test_nothing_is_done_in_the_background_that_nobody_said_was_there(control):
    assert Idle() not in take_all(control)


def test_a_worker_with_nothing_else_to_do_goes_on_in_the_background_until_that_is_done(control):
    found = []
    control.set_background(busy=True)
    for order in control.orders():
        found.append(order)
        if len(found) == 3:
            control.set_background(busy=False)
            break
    assert found == [Idle()] * 3
    assert take_all(control) == []


def test_whatever_else_is_to_do_comes_before_the_background(control):
    control.set_background(busy=True)
    control.run(2)
    control.change(rate=0.5)
    control.wish(Show(1))
    assert take(control, 5) == [
        Change({"rate": 0.5}),
        Show(1),
        Update(looked_at=False),
        Update(looked_at=True),
        Idle(),
    ]


def test_a_pause_is_looked_at_before_the_background(control):
    control.set_background(busy=True)
    control.run()
    take(control, 2)
    control.pause()
    assert take(control, 2) == [Look(), Idle()]


def test_training_at_full_speed_leaves_nothing_to_the_background(control):
    control.set_background(busy=True)
    control.run()
    assert take(control, 50) == [Update(looked_at=False)] * 50


def test_slow_motion_goes_on_in_the_background_until_the_next_update_is_due(control, clock):
    control.set_pause(3.0)
    control.run(2)
    control.set_background(busy=True)
    assert take(control, 4) == [Idle()] * 4
    assert clock.waited == []
    clock.now += 3.0
    assert take(control, 3) == [Update(looked_at=True), Idle(), Idle()]
    control.set_background(busy=False)
    assert take_all(control) == [Update(looked_at=True)]
    assert clock.waited == pytest.approx([3.0])


def test_slow_motion_does_not_hold_up_wishes(control, clock):
    control.set_pause(HOUR)
    control.run()
    wish(control, *PASSING[:2])
    assert take(control, 2) == list(PASSING[:2])
    assert clock.waited == []


def test_to_show_the_past_is_to_pause(control):
    control.run()
    control.wish(Show(update=3))
    assert take_all(control) == [Show(update=3)]


def test_to_show_the_present_or_a_lane_is_not(control):
    control.run()
    control.wish(Show(1))
    assert take(control, 3) == [Show(1), *[Update(looked_at=False)] * 2]


def test_who_trains_on_after_asking_for_the_past_trains_on(control):
    control.wish(Show(update=3))
    control.run(2)
    assert take_all(control) == [Show(update=3), Update(looked_at=False), Update(looked_at=True)]


@pytest.mark.parametrize("pause", [0.0, HOUR])
def test_a_wish_wakes_a_worker_that_waits(pause):
    control = Control()
    control.set_pause(pause)
    if pause:
        control.run()
    found, came = [], threading.Event()

    def work():
        for order in control.orders():
            found.append(order)
            came.set()

    worker = threading.Thread(target=work)
    worker.start()
    control.wish(Explore(2.0))
    assert came.wait(60)
    control.close()
    worker.join(60)
    assert found == [Explore(2.0)]
