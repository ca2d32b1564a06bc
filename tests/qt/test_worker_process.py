"""The worker as a process of its own: nothing of it is left behind, and the window outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import rnnviz.app.worker as worker_module
from rnnviz.app.open_session import SUFFIX
from rnnviz.app.worker import WorkerProcess
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace
from rnnviz.exchange.mailbox import Parcel
from rnnviz.exchange.messages import Changed, Failed, Started, Written
from rnnviz.exchange.orders import SaveSession, Watch
from rnnviz.exchange.view_state import ViewState
from rnnviz.training.trainer import Trainer
from tests.qt import stand_ins
from tests.qt.conftest import STANDARD
from tests.qt.driving import Driven, a_small_run, processes

PATIENCE_S = 60


class Hand:
    """A worker's process without a window."""

    def __init__(self):
        self.worker = WorkerProcess()
        self.seen, self.studied = [], set()

    def until(self, condition):
        """Take in what comes until ``condition`` holds; return what it gives."""
        ends = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            assert time.monotonic() < ends, f"it never comes; there is {[type(one).__name__ for one in self.seen]}"
            parcel = self.worker.collect()
            self.seen += [*parcel.messages, *([] if parcel.trace is None else [parcel.trace])]
            self.studied |= parcel.studies.keys()
            time.sleep(0.005)
        return found

    def until_nothing_comes(self):
        """Take in all that is still on its way."""
        last = time.monotonic()
        while time.monotonic() < last + 0.2:
            if self.worker.collect() != Parcel([], None):
                last = time.monotonic()
            time.sleep(0.005)

    def of(self, kind):
        """What has come of one kind."""
        return [one for one in self.seen if isinstance(one, kind)]

    @property
    def process(self):
        """The process itself."""
        return self.worker._line._process


@pytest.fixture
def hand(nothing_is_left):
    hand = Hand()
    yield hand
    hand.worker.close()


@pytest.fixture
def begun(hand):
    """A run that has shown its first weights."""
    hand.worker.start()
    hand.worker.begin(a_small_run())
    hand.until(lambda: hand.of(Trace))
    return hand


@pytest.fixture(scope="module")
def kept():
    """A process that several tests use, since each start of one takes two seconds."""
    hand = Hand()
    hand.worker.start()
    yield hand
    hand.worker.close()


@pytest.fixture
def shared(kept):
    """A run of its own in the process that is shared, after its first trace."""
    starts = len(kept.of(Started))
    kept.worker.pause()
    kept.worker.begin(a_small_run())
    kept.until(lambda: len(kept.of(Started)) > starts)
    kept.seen.clear()
    kept.worker.change(threshold=1.0)
    kept.until(lambda: kept.of(Changed))
    kept.seen.clear()
    return kept


def test_a_run_in_the_process_is_the_run_that_it_is_anywhere(shared):
    shared.worker.run(20)
    traces = shared.until(lambda: [trace for trace in shared.of(Trace) if trace.update == 20])
    trainer = Trainer(a_small_run())
    expected = list(trainer.updates(20))
    assert shared.of(UpdateRecord) == expected
    ours, theirs = trainer.trace().layers[0], traces[-1].layers[0]
    np.testing.assert_array_equal(ours.hidden_grads, theirs.hidden_grads)
    np.testing.assert_array_equal(ours.gates["forget"], theirs.gates["forget"])


def test_what_was_ordered_before_the_start_is_carried_out_even_without_a_console(hand, monkeypatch):
    monkeypatch.setattr(worker_module, "serve", stand_ins.serve_without_a_console)
    hand.worker.begin(a_small_run(seed=3))
    hand.worker.start()
    hand.worker.start()  # once is enough
    (started,) = hand.until(lambda: hand.of(Started))
    assert started.config.seed == 3


def test_traces_come_when_they_are_asked_for_and_only_then(shared):
    shared.worker.run()
    shared.until(lambda: len(shared.of(UpdateRecord)) > 20)
    before = len(shared.of(Trace))
    shared.worker.request_trace()
    shared.until(lambda: len(shared.of(Trace)) > before)


def test_a_trace_is_asked_for_though_no_news_come(shared):
    shared.until_nothing_comes()
    sent, line = [], shared.worker._line
    line.send, send = sent.append, line.send
    shared.worker.request_trace()
    shared.worker.collect()
    shared.worker.request_trace()
    shared.worker.collect()
    line.send = send
    assert [type(order).__name__ for order in sent] == ["WantTrace"]


def test_a_process_that_is_gone_is_told_and_the_next_run_has_another(begun):
    begun.worker.wish(Watch(frozenset({"influence"})))
    begun.until(lambda: begun.studied)
    first = begun.process.pid
    begun.process.kill()
    (failed,) = begun.until(lambda: begun.of(Failed))
    assert failed.kind == "lost"
    assert "It ended " in failed.sentence
    begun.worker.pause()  # what needs no process is not refused
    begun.worker.set_pause(0.5)
    begun.worker.wish(Watch(frozenset({"influence"})))
    begun.worker.keep(SaveSession(Path("never.rnnsession"), ViewState(), quietly=True))
    begun.worker.request_trace()
    assert begun.worker.collect() == Parcel([], None)
    begun.worker.step()
    refused = begun.until(lambda: begun.of(Failed)[1:])
    assert refused == [Failed("lost", worker_module.LOST)]
    begun.studied = set()
    begun.worker.begin(a_small_run(seed=5))
    again = begun.until(lambda: begun.of(Started)[1:])
    assert [started.run for started in again] == [2]  # another number than the lost one's
    assert begun.process.pid != first
    begun.until(lambda: begun.studied)  # it is watched as before
    begun.seen.clear()
    begun.process.kill()
    begun.process.join()
    begun.worker.begin(a_small_run(seed=9))  # before anybody has seen that this one is gone, too
    (last,) = begun.until(lambda: begun.of(Started))
    assert (last.run, last.config.seed) == (3, 9)
    assert [failed.kind for failed in begun.of(Failed)] == ["lost"]


def test_a_process_that_cannot_be_had_is_told(hand, monkeypatch):
    def none_left(*_):
        raise BlockingIOError("there are too many")

    monkeypatch.setattr(worker_module, "_Line", none_left)
    hand.worker.start()
    (failed,) = hand.until(lambda: hand.of(Failed))
    assert (failed.kind, failed.sentence) == ("lost", "The worker cannot be started: there are too many")


def test_closed_at_full_speed_the_process_ends_after_what_is_to_be_written(begun, tmp_path):
    begun.worker.run()
    begun.worker.request_trace()
    begun.until(lambda: len(begun.of(UpdateRecord)) > 50)
    begun.worker.keep(SaveSession(tmp_path / "a.rnnsession", ViewState()))
    process = begun.process
    begun.worker.close()
    assert (tmp_path / "a.rnnsession").stat().st_size > 0
    assert process not in processes()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_in_the_terminal_is_the_windows_to_obey(shared):
    os.kill(shared.process.pid, signal.SIGINT)
    shared.worker.change(rate=0.125)
    shared.until(lambda: shared.of(Changed))
    assert shared.process.is_alive()


def test_long_orders_and_long_news_do_not_wait_for_each_other(hand, monkeypatch):
    monkeypatch.setattr(worker_module, "serve", stand_ins.talk_before_listening)
    hand.worker.start()
    hand.worker.keep(SaveSession(Path("a"), ViewState(layout={"long": "x" * stand_ins.LONG})))
    (written,) = hand.until(lambda: hand.of(Written))
    assert written.what == str(stand_ins.LONG)


def test_news_that_cannot_be_read_end_the_process_and_are_told(hand, monkeypatch):
    monkeypatch.setattr(worker_module, "serve", stand_ins.send_what_cannot_be_read)
    hand.worker.start()
    (failed,) = hand.until(lambda: hand.of(Failed))
    assert failed.kind == "lost"
    assert "What it sent cannot be read: invalid literal for int()" in failed.sentence
    assert failed.details


def test_the_window_outlives_the_process_and_begins_anew(qtbot, nothing_is_left, cheap_collections):
    driven = Driven(qtbot, STANDARD, None, WorkerProcess())
    driven.open(a_small_run())
    driven.until(lambda: driven.session.trace is not None)
    driven.window.begin(a_small_run(seed=2))
    driven.until(lambda: driven.session.can_go_back and driven.updates >= 5)
    driven.worker._line._process.kill()
    driven.until(driven.window.notice.isVisible)
    assert driven.window.notice.text.startswith("The process that trains is gone")
    assert not driven.session.running
    assert not driven.session.can_go_back
    driven.until(lambda: not driven.window.toolbar._buttons["back"].isEnabled())
    driven.window.notice.hide()
    driven.session.run()  # refused, and told again
    driven.until(driven.window.notice.isVisible)
    assert not driven.session.running
    driven.window.grab()
    driven.window.notice._reset.click()
    driven.until(lambda: driven.session.running and 5 <= driven.updates < 1000)
    assert not driven.window.notice.isVisible()
    assert driven.session.config.seed == 2
    assert not driven.session.can_go_back
    driven.close()


def test_what_was_kept_of_a_lost_run_is_offered(qtbot, nothing_is_left, cheap_collections, tmp_path):
    driven = Driven(qtbot, STANDARD, tmp_path / "layout.json", WorkerProcess())
    driven.open(a_small_run())
    written = []
    driven.session.written.connect(written.append)
    driven.train(7)
    driven.window.take_away.keeping.autosave()
    driven.until(lambda: written)
    driven.worker._line._process.kill()
    driven.until(driven.window.take_away.keeping.bar.isVisible)
    said = driven.window.take_away.keeping.bar._text.text()
    assert said.startswith("The run was lost with the process that trained it. The session that was kept at ")
    driven.window.take_away.keeping.bar.recover.click()
    driven.until(lambda: "recovered" in driven.window.notice.text)
    assert driven.updates == 7
    assert not driven.window.take_away.keeping.bar.isVisible()
    driven.train(1)
    driven.window.take_away.keeping.autosave()
    driven.until(lambda: written[1:])
    assert written[0].path != written[1].path
    del written[:]
    driven.close()
    assert list((tmp_path / "autosave").glob(f"*{SUFFIX}")) == []


WITHOUT_A_WINDOW = """
import sys, time
from rnnviz.app.open_session import SUFFIX
from rnnviz.app.worker import WorkerProcess
from tests.qt import stand_ins
from tests.qt.driving import a_small_run
worker = WorkerProcess()
worker.start()
worker.begin(a_small_run(), train=True)
print(worker._line._process.pid, flush=True)
while True:
    worker.collect()
    time.sleep(0.01)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills the process with a signal")
def test_without_a_window_the_process_ends(application):
    with subprocess.Popen([sys.executable, "-c", WITHOUT_A_WINDOW], stdout=subprocess.PIPE) as window:  # noqa: S603
        worker = int(window.stdout.readline())
        window.kill()
        ends = time.monotonic() + PATIENCE_S
        while Path(f"/proc/{worker}").exists() and b"Z" not in Path(f"/proc/{worker}/stat").read_bytes().split()[2]:
            assert time.monotonic() < ends
            time.sleep(0.02)


def test_many_short_orders_do_not_wait_for_long_news(hand, monkeypatch):
    monkeypatch.setattr(worker_module, "serve", stand_ins.talk_before_listening)
    hand.worker.start()
    for update in range(2000):
        hand.worker.run(update)
    hand.worker.collect()


def test_a_process_that_does_not_end_is_ended(hand, monkeypatch):
    monkeypatch.setattr(worker_module, "serve", stand_ins.wait_for_ever)
    monkeypatch.setattr(worker_module, "PATIENCE_S", 0.1)
    hand.worker.start()
    process = hand.process
    hand.worker.close()
    assert process not in processes()
    with pytest.raises(ValueError, match="closed"):
        process.is_alive()


def test_a_first_process_that_dies_can_be_begun_anew(qtbot, nothing_is_left, cheap_collections):
    driven = Driven(qtbot, STANDARD, None, WorkerProcess())
    driven.window.expect(a_small_run(seed=4))
    driven.open(a_small_run(seed=4))
    driven.worker._line._process.kill()
    driven.until(driven.window.notice.isVisible)
    driven.window.notice._reset.click()
    driven.until(lambda: driven.session.config is not None and driven.session.config.seed == 4)
    driven.until(lambda: driven.updates > 2)
    driven.close()
