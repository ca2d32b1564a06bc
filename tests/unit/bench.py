"""The worker thread with its own mailbox and control, without a window."""

import dataclasses
import threading
from collections.abc import Mapping

import numpy as np

from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace
from rnnviz.exchange.control import Control
from rnnviz.exchange.messages import Changed, Failed, Started
from rnnviz.exchange.orders import ForkRun, Show
from rnnviz.training.runner import Runner
from tests.builders import WatchedMailbox, config


class Standing(threading.Condition):
    """Knows when the worker waits for orders with nothing left to do. Nothing is done between an order and that."""

    def __init__(self):
        super().__init__()
        self.nothing_to_do = threading.Event()

    def wait(self, timeout=None):
        """Wait for an order, or for the next update of slow motion."""
        if timeout is None:
            self.nothing_to_do.set()
        return super().wait(timeout)

    def notify(self, n=1):
        """An order came."""
        self.nothing_to_do.clear()
        super().notify(n)


class Bench:
    """A runner with everything that it is connected to."""

    def __init__(self):
        self.control, self.mailbox = Control(), WatchedMailbox()
        self.control._condition = self._condition = Standing()
        self.runner = Runner(self.control, self.mailbox)
        self.wait_for = self.mailbox.wait_for

    def begin(self, companions=(), **changes):
        """Begin a run and wait until its first trace is there or it was refused."""
        starts, failures = len(self.starts), len(self.failures)
        self.control.begin(config(**changes), companions=companions)
        self.wait_for(lambda: len(self.failures) > failures or self._stands(starts))

    def _stands(self, starts):
        """Whether a run started after ``starts`` others and has shown itself."""
        log = self.mailbox.log
        return len(self.starts) > starts and any(
            isinstance(entry, Trace) for entry in log[log.index(self.starts[-1]) :]
        )

    def train(self, updates):
        """Do so many updates, and all that comes of them."""
        seen = len(self.records)
        self.control.run(updates)
        self.wait_for(lambda: len(self.records) == seen + updates)
        self.stand()

    def settle(self):
        """Wait until everything that was ordered so far is done: a change is answered, and pause comes first."""
        seen = len(self.changes)
        self.control.pause()
        self.control.change(threshold=1.0)
        self.wait_for(lambda: len(self.changes) > seen)

    def stand(self):
        """Wait until the worker waits for orders."""
        assert self._condition.nothing_to_do.wait(30), "there is no end to what it does"

    def wish(self, *wishes):
        """Have wishes carried out one by one, and all that comes of them."""
        for wish in wishes:
            self.control.wish(wish)
            self.stand()

    def step(self, updates=1):
        """Do updates one by one: each is looked at."""
        for _ in range(updates):
            self.control.step()
            self.stand()

    def fork(self, **changes):
        """Train a twin beside the run."""
        self.wish(ForkRun(changes))

    def show(self, **where):
        """Show a lane or a past update, and return the trace of it."""
        self.wish(Show(**where))
        return self.traces[-1]

    def since(self, message):
        """What was posted after ``message``."""
        return self.mailbox.log[self.mailbox.log.index(message) + 1 :]

    @property
    def updates(self):
        return [record.update for record in self.records]

    @property
    def records(self):
        return self.mailbox.of(UpdateRecord)

    @property
    def traces(self):
        return self.mailbox.of(Trace)

    @property
    def failures(self):
        return self.mailbox.of(Failed)

    @property
    def starts(self):
        return self.mailbox.of(Started)

    @property
    def changes(self):
        return self.mailbox.of(Changed)

    @property
    def studied(self):
        """Names of the studies that were posted."""
        return [name for name, _ in self.mailbox.studies]

    @property
    def kept(self):
        """The updates that can be gone back to."""
        return self.mailbox.kept[-1]


def difference(one, other, where=""):
    """Where two records of arrays differ in a bit, or None."""
    if dataclasses.is_dataclass(one) and type(one) is type(other):
        parts = {
            entry.name: (getattr(one, entry.name), getattr(other, entry.name)) for entry in dataclasses.fields(one)
        }
    elif isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        parts = {name: (one[name], other[name]) for name in one}
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        parts = dict(enumerate(zip(one, other, strict=True)))
    else:
        if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
            same = one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
        else:
            same = one == other
        return None if same else where
    found = (difference(ours, theirs, f"{where}.{name}") for name, (ours, theirs) in parts.items())
    return next((place for place in found if place is not None), None)
