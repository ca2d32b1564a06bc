"""The far end of the pipe: what the worker's process does with what comes through it."""

import multiprocessing
import threading

import pytest

from rnnviz.domain.records import UpdateRecord
from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox, Parcel
from rnnviz.exchange.messages import Failed
from rnnviz.exchange.orders import CallFor, Close, Run, WantTrace, Watch
from rnnviz.training.serving import _deliver, _listen
from tests.builders import full_trace, record

PATIENCE_S = 30


class Served:
    """Both ends of a pipe, and the threads of the far one."""

    def __init__(self):
        self.control, self.mailbox = Control(), Mailbox()
        self.near, self.far = multiprocessing.Pipe()
        self.threads = [
            threading.Thread(target=_listen, args=(self.far, self.control, self.mailbox)),
            threading.Thread(target=_deliver, args=(self.mailbox, self.far)),
        ]
        for thread in self.threads:
            thread.start()

    def receive(self):
        """The next parcel."""
        assert self.near.poll(PATIENCE_S), "no parcel comes"
        return self.near.recv()

    def end(self):
        """As the window does."""
        self.near.close()
        self.mailbox.close()
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        self.far.close()


@pytest.fixture
def served():
    served = Served()
    yield served
    served.end()


def test_orders_reach_the_control(served):
    served.near.send(Watch(frozenset({"influence"})))
    served.near.send(Run(1))
    orders = served.control.orders()
    assert next(orders) == Watch(frozenset({"influence"}))


def test_what_is_there_is_sent_when_it_is_called_for(served):
    served.mailbox.post(record(update=1))
    served.mailbox.post(record(update=2))
    served.near.send(CallFor())
    assert [message.update for message in served.receive().messages] == [1, 2]


def test_what_is_not_called_for_is_kept(served):
    served.near.send(CallFor())
    served.mailbox.post(record(update=1))
    assert len(served.receive().messages) == 1
    served.mailbox.post(record(update=2))
    assert not served.near.poll(0.05)
    assert [message.update for message in served.mailbox.collect().messages] == [2]


def test_what_comes_after_the_call_is_sent_at_once(served):
    served.near.send(CallFor())
    served.near.send(WantTrace())
    while not served.mailbox.trace_wanted:  # the call has been heard, too
        pass
    served.mailbox.post_trace(full_trace())
    assert served.receive().trace is not None


@pytest.mark.parametrize(("trace", "wanted"), [(True, True), (False, False)])
def test_a_trace_is_asked_for_with_the_call(served, trace, wanted):
    served.mailbox.post(record())
    served.near.send(CallFor(trace))
    served.receive()
    assert served.mailbox.trace_wanted == wanted


def test_one_call_brings_one_parcel_whoever_sends_it(served):
    for update in range(1, 101):
        served.near.send(CallFor())
        served.mailbox.post(record(update=update))
        assert [message.update for message in served.receive().messages] == [update]


def test_what_cannot_travel_is_told_in_words(served):
    served.mailbox.post_study("influence", lambda: None)
    served.near.send(CallFor())
    (failed,) = served.receive().messages
    assert isinstance(failed, Failed)
    assert failed.kind == "crashed"
    assert failed.sentence.startswith("What the worker found cannot be handed to the window: ")


def test_it_listens_until_it_is_told_to_close(served):
    served.near.send(Close())
    served.threads[0].join(PATIENCE_S)
    assert not served.threads[0].is_alive()


def test_it_listens_until_there_is_no_window_any_more(served):
    served.near.close()
    served.threads[0].join(PATIENCE_S)
    assert not served.threads[0].is_alive()


def test_nobody_is_woken_for_news_that_nobody_called_for(monkeypatch):
    mailbox, woken = Mailbox(), []
    monkeypatch.setattr(mailbox._news, "notify", lambda: woken.append(True))
    mailbox.post(record())
    mailbox.post_trace(full_trace())
    mailbox.post_study("influence", None)
    mailbox.post_kept(())
    assert not woken
    assert mailbox.call_for() is not None
    assert mailbox.call_for() is None
    mailbox.post(record())
    assert woken == [True]


def test_calls_are_answered_with_everything_and_then_with_nothing():
    mailbox = Mailbox()
    mailbox.post(record(update=3))
    parcel = mailbox.call_for()
    assert isinstance(parcel, Parcel)
    assert [message.update for message in parcel.messages if isinstance(message, UpdateRecord)] == [3]
    assert mailbox.call_for() is None
