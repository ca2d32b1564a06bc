"""A worker on its bench."""

import threading

import pytest

from tests.unit.bench import Bench


@pytest.fixture
def bench():
    """A runner that has been started, and is gone after the test."""
    before = set(threading.enumerate())
    bench = Bench()
    bench.runner.start()
    yield bench
    bench.runner.close()
    assert set(threading.enumerate()) == before
