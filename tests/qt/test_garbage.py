"""Python's cycles are collected on the window's thread only, and nothing of a window outlives it."""

import gc
import threading

import pytest
import shiboken6

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program
from tests.qt.driving import InThread, a_small_run, delete_what_was_to_be_deleted


class Cycle:
    """Garbage that tells which thread collected it."""

    def __init__(self, collected_by):
        self.me = self
        self.collected_by = collected_by

    def __del__(self):
        self.collected_by.append(threading.current_thread())


@pytest.fixture
def program(application, nothing_is_left):
    """A program as it is, freezing included; the test enters and leaves it."""
    program = Program(WindowLayout(), None, InThread())
    yield program
    for part in (program.window, program.session):
        if shiboken6.isValid(part):
            part.deleteLater()
    del program.window, program.session, program, part
    delete_what_was_to_be_deleted()


def test_while_the_window_lives_python_does_not_collect_by_itself(program):
    with program:
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_failure_in_the_window_switches_collection_on_again(program):
    with pytest.raises(RuntimeError), program:
        raise RuntimeError
    assert gc.isenabled()


def test_cycles_are_collected_on_the_windows_thread_while_it_trains(program, qtbot):
    collected_by = []
    with program:
        program.window.show()
        program.session.open(a_small_run())
        program.session.run()
        qtbot.waitUntil(lambda: len(program.session.history) > 3, timeout=60_000)
        Cycle(collected_by)
        program._collector._timer.setInterval(1)
        qtbot.waitUntil(lambda: bool(collected_by), timeout=60_000)
    assert collected_by == [threading.main_thread()]


def test_a_program_that_was_left_leaves_no_window(application, nothing_is_left):
    with Program(WindowLayout(), None, InThread()) as program:
        program.window.show()
    parts = [program.window, program.session]
    del program
    delete_what_was_to_be_deleted()
    left = [shiboken6.isValid(part) for part in parts]
    for part in parts:
        if shiboken6.isValid(part):
            part.deleteLater()
    del parts, part
    delete_what_was_to_be_deleted()
    assert left == [False, False]
