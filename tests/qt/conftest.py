"""Windows under test, and proof that nothing of them is left."""

import gc
import signal
from collections import Counter
from unittest import mock

import pytest
import shiboken6

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, _GarbageCollector, make_application
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.orders import Orders
from rnnviz.state.session import Session
from tests.qt.driving import Driven, InThread, a_small_run, delete_what_was_to_be_deleted, processes, threads, windows

STANDARD = WindowLayout(width=1100, height=700)


@pytest.fixture(scope="session")
def application(qapp):
    """The application in the style that the program gives it."""
    return make_application()


@pytest.fixture
def nothing_is_left(application):
    """After the test there is no thread, process, window and running timer that was not there before."""
    threads_before, processes_before, windows_before = threads(), processes(), windows()
    yield
    assert threads() - threads_before == set()
    assert processes() - processes_before == set()
    assert windows() - windows_before == Counter()
    assert gc.isenabled()


@pytest.fixture(scope="session")
def torch_is_no_garbage(application):
    """Everything that is there before the first window stays out of collections, each of which would take 0.2 s."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def cheap_collections(torch_is_no_garbage, monkeypatch):
    """A program that does not undo this; ``test_garbage.py`` looks at how it really does."""

    def stop(collector):
        collector._timer.stop()
        gc.enable()

    gc.freeze()  # what earlier tests left; collecting before would take as long as it saves
    monkeypatch.setattr(_GarbageCollector, "settle", lambda _: None)
    monkeypatch.setattr(_GarbageCollector, "stop", stop)


@pytest.fixture
def start(qtbot, nothing_is_left, cheap_collections):
    """Open programs that are closed after the test: ``start(config)`` waits for its first picture."""
    opened = []

    def start(run=None, *, layout=STANDARD, save_to=None, wait=True):
        driven = Driven(qtbot, layout, save_to)
        opened.append(driven)
        driven.open(a_small_run() if run is None else run)
        if wait:
            driven.until(lambda: driven.session.trace is not None)
        return driven

    yield start
    for driven in opened:
        driven.close()


@pytest.fixture
def driven(start):
    """A small run that has shown its first weights and stands still."""
    return start()


@pytest.fixture
def programs(application, nothing_is_left, cheap_collections, monkeypatch):
    """Programs that the code under test opens by itself: listed here, and forgotten after the test."""
    handler = signal.getsignal(signal.SIGINT)
    opened, enter = [], Program.__enter__

    def enter_and_note(program):
        opened.append(program)
        return enter(program)

    monkeypatch.setattr(Program, "__enter__", enter_and_note)
    monkeypatch.setattr("rnnviz.app.main.WorkerProcess", InThread)
    yield opened
    signal.signal(signal.SIGINT, handler)
    for part in [part for program in opened for part in (program.window, program.session)]:
        if shiboken6.isValid(part):
            part.deleteLater()
    opened.clear()
    del part
    delete_what_was_to_be_deleted()


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def control():
    return mock.create_autospec(Orders, instance=True)


@pytest.fixture
def session(qapp, control, mailbox):
    session = Session(control, mailbox)
    yield session
    session.close()
