"""Orders to the worker, on a clock of the test's own where time matters: nothing here waits."""

import math
import threading
import time

import pytest

from rnnviz.exchange import control as control_module
from rnnviz.exchange.control import Control
from rnnviz.exchange.orders import Begin, Change, GoBack, Look, Update
from tests.builders import config
from tests.unit.clocked import HOUR, take, take_all


def updates(orders):
    return sum(isinstance(order, Update) for order in orders)


def test_at_first_there_is_nothing_to_do(control):
    assert take_all(control) == []


def test_the_newest_of_two_new_runs_wins(control):
    control.begin(config(hidden=3))
    control.begin(config(hidden=4))
    assert take_all(control) == [Begin(config(hidden=4), train=False)]


@pytest.mark.parametrize("last", ["begin", "go_back"])
def test_of_a_new_run_and_going_back_the_newest_wish_wins(control, last):
    wishes = {"begin": lambda: control.begin(config()), "go_back": control.go_back}
    wishes["go_back" if last == "begin" else "begin"]()
    wishes[last]()
    assert take_all(control) == [Begin(config(), train=False) if last == "begin" else GoBack()]


def test_changes_are_gathered_and_the_newest_value_wins(control):
    control.change(rate=0.1)
    control.change(clip="off", rate=0.2)
    assert take_all(control) == [Change({"rate": 0.2, "clip": "off"})]


@pytest.mark.parametrize("leave", [lambda control: control.begin(config()), Control.go_back], ids=["begin", "go back"])
def test_wishes_for_the_run_that_is_left_do_not_reach_the_next(control, leave):
    control.change(rate=0.5)
    control.run(7)
    leave(control)
    orders = take_all(control)
    assert len(orders) == 1
    assert isinstance(orders[0], Begin | GoBack)


def test_changes_after_a_new_run_was_asked_for_are_meant_for_it(control):
    control.begin(config())
    control.change(rate=0.5)
    assert take_all(control) == [Begin(config(), train=False), Change({"rate": 0.5})]


def test_who_trains_on_and_on_trains_the_next_run_too(control):
    control.run()
    control.begin(config())
    assert take(control, 4) == [Begin(config(), train=False), *[Update(looked_at=False)] * 3]


def test_so_many_updates_are_exactly_so_many_and_the_last_is_looked_at(control):
    control.run(5)
    assert take_all(control) == [*[Update(looked_at=False)] * 4, Update(looked_at=True)]


def test_asking_for_updates_anew_replaces_what_was_asked_before(control):
    control.run(5)
    control.run(2)
    assert updates(take_all(control)) == 2


def test_one_step_is_one_update_that_is_looked_at(control):
    control.step()
    assert take_all(control) == [Update(looked_at=True)]


def test_steps_asked_for_quickly_add_up(control):
    for _ in range(3):
        control.step()
    assert take_all(control) == [Update(looked_at=False), Update(looked_at=False), Update(looked_at=True)]


def test_a_step_while_training_on_and_on_is_the_last_one(control):
    control.run()
    take(control, 3)
    control.step()
    assert take_all(control) == [Update(looked_at=True)]


def test_pausing_stops_and_has_the_newest_update_looked_at(control):
    control.run()
    take(control, 3)
    control.pause()
    assert take_all(control) == [Look()]
    assert take_all(control) == []


def test_what_was_looked_at_already_is_not_looked_at_again(control):
    control.run(3)
    assert take_all(control)[-1] == Update(looked_at=True)
    control.pause()
    assert take_all(control) == []


def test_a_new_run_can_be_asked_for_in_order_to_be_trained(control):
    control.begin(config(), train=True)
    assert take_all(control) == [Begin(config(), train=True)]


def test_the_worker_stops_the_present_run_but_not_one_that_is_about_to_take_its_place(control):
    control.run()
    control.stop_present()
    assert take_all(control) == []
    control.run()
    control.begin(config())
    control.stop_present()
    assert updates(take(control, 3)) == 2


def test_after_a_pause_training_goes_on_when_told_to(control):
    control.run()
    control.pause()
    control.run()
    assert updates(take(control, 10)) == 10


def test_what_changes_comes_before_the_next_update(control):
    control.run(2)
    control.change(rate=0.5)
    assert [type(order) for order in take_all(control)] == [Change, Update, Update]


def test_full_speed_waits_for_nothing(control, clock):
    control.run(50)
    take_all(control)
    assert clock.waited == []


def test_slow_motion_lets_the_time_pass_between_updates(control, clock):
    control.set_pause(3.0)
    control.run(4)
    assert take_all(control) == [Update(looked_at=True)] * 4
    assert clock.waited == pytest.approx([3.0] * 4)


def test_slow_motion_does_not_hold_up_changes_or_a_new_run(control, clock):
    control.set_pause(HOUR)
    control.run()
    control.begin(config())
    control.change(rate=0.5)
    assert [type(order) for order in take(control, 2)] == [Begin, Change]
    assert clock.waited == []


def test_slow_motion_does_not_hold_up_a_step(control, clock):
    control.set_pause(HOUR)
    control.step()
    assert take_all(control) == [Update(looked_at=True)]
    assert clock.waited == []


def test_slow_motion_does_not_outlive_a_pause(control, clock):
    control.set_pause(HOUR)
    control.run()
    control.pause()
    assert take_all(control) == []
    assert clock.waited == []


def test_from_slow_motion_back_to_full_speed_there_is_no_wait(control, clock):
    control.set_pause(HOUR)
    control.run()
    control.set_pause(0.0)
    assert take(control, 3) == [Update(looked_at=False)] * 3
    assert clock.waited == []


def test_closing_ends_the_orders_whatever_was_asked_for(control):
    control.run(math.inf)
    control.begin(config())
    control.close()
    assert list(control.orders()) == []


# The same with threads: orders wake a worker that waits.


class Worker:
    """A thread that takes orders until they end."""

    def __init__(self, control):
        self.control = control
        self.news = threading.Condition()
        self.orders = []
        self.thread = threading.Thread(target=self._work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.control.close()
        self.thread.join(60)
        assert not self.thread.is_alive()

    def _work(self):
        for order in self.control.orders():
            with self.news:
                self.orders.append(order)
                self.news.notify_all()

    def wait_for(self, condition):
        with self.news:
            assert self.news.wait_for(condition, 60), self.orders


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (lambda control: control.begin(config()), Begin(config(), train=False)),
        (Control.go_back, GoBack()),
        (lambda control: control.change(rate=0.5), Change({"rate": 0.5})),
        (Control.step, Update(looked_at=True)),
        (lambda control: control.run(1), Update(looked_at=True)),
    ],
    ids=["begin", "go back", "change", "step", "run"],
)
def test_a_waiting_worker_is_woken(wish, order):
    with Worker(Control()) as worker:
        for count in (1, 2, 3):
            wish(worker.control)
            worker.wait_for(lambda count=count: len(worker.orders) == count)
    assert worker.orders == [order] * 3


def test_closing_wakes_a_worker_that_waits_for_orders():
    with Worker(Control()):
        pass


def test_closing_wakes_a_worker_in_slow_motion():
    control = Control()
    control.set_pause(HOUR)
    control.run()
    with Worker(control) as worker:
        pass
    assert worker.orders == []


def test_a_wish_reaches_a_worker_that_slow_motion_holds_back():
    control = Control()
    control.set_pause(HOUR)
    control.run()
    with Worker(control) as worker:
        control.pause()
        control.change(rate=0.5)
        worker.wait_for(lambda: worker.orders == [Change({"rate": 0.5})])
        control.set_pause(0)
        control.run(2)
        worker.wait_for(lambda: len(worker.orders) == 3)


def test_the_control_tells_time_by_a_clock_that_never_goes_back():
    """Setting the computer's clock must not stop slow motion."""
    assert control_module.time is time
    assert "monotonic" in control_module.Control._wait.__code__.co_names
