"""Orders on a clock of the test's own: nothing here waits."""

import threading

import pytest

HOUR = 3600.0


class NothingToDoError(Exception):
    """The worker would wait for an order now."""


class Clock(threading.Condition):
    """Waiting for a time lets it pass at once; waiting for an order is an error."""

    def __init__(self):
        super().__init__()
        self.now = 1000.0
        self.waited = []

    def monotonic(self):
        return self.now

    def wait(self, timeout=None):
        if timeout is None:
            raise NothingToDoError
        self.waited.append(timeout)
        self.now += timeout
        return False


def take(control, count):
    """The next orders, of which there must be so many."""
    orders = control.orders()
    return [next(orders) for _ in range(count)]


def take_all(control):
    """Orders until the worker would wait."""
    found = []
    try:
        for order in control.orders():
            found.append(order)
            assert len(found) < 1000, "there is no end to the orders"
    except NothingToDoError:
        return found
    pytest.fail("the orders ended")
