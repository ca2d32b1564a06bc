"""A worker on its bench, and orders without one."""

import threading
import types

import pytest

from rnnviz.exchange import control as control_module
from rnnviz.exchange.control import Control
from tests.unit.bench import Bench
from tests.unit.clocked import Clock


@pytest.fixture
def bench():
    """A runner that has been started, and is gone after the test."""
    before = set(threading.enumerate())
    bench = Bench()
    bench.runner.start()
    yield bench
    bench.runner.close()
    assert set(threading.enumerate()) == before


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(control_module, "time", types.SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def control(clock):
    control = Control()
    control._condition = clock
    return control
