"""The session: everything that was posted reaches the views once, in order; orders reach the worker."""

from unittest import mock

import pytest

from rnnviz.exchange.messages import Changed, Failed, Started
from rnnviz.state.session import TRACE_EVERY
from tests.builders import config, facts, full_trace, record

SIGNALS = (
    "run_started",
    "trace_changed",
    "history_changed",
    "config_changed",
    "running_changed",
    "failed",
    "refreshed",
)


@pytest.fixture
def heard(session):
    """Names of the signals that were emitted, with what they carried."""
    heard = []
    for name in SIGNALS:
        getattr(session, name).connect(lambda *what, name=name: heard.append((name, *what)))
    return heard


def started(run, **changes):
    return Started(run, config(**changes), facts())


def names(heard):
    return [name for name, *_ in heard]


def test_nothing_new_is_one_signal_that_one_has_looked(session, heard):
    session.refresh()
    assert heard == [("refreshed",)]


def test_a_run_that_starts_is_told_with_its_facts_settings_and_empty_history(session, mailbox, heard):
    mailbox.post(started(1))
    session.refresh()
    assert heard[:2] == [("run_started", facts()), ("config_changed", config())]
    assert names(heard)[2:] == ["history_changed", "refreshed"]
    assert (session.config, session.facts, len(session.history)) == (config(), facts(), 0)


def test_records_are_told_once_however_many_came(session, mailbox, heard):
    mailbox.post(started(1))
    session.refresh()
    heard.clear()
    for update in (1, 2, 3):
        mailbox.post(record(update=update))
    session.refresh()
    assert heard == [("history_changed", session.history), ("refreshed",)]
    assert session.history.column("update").tolist() == [1, 2, 3]


def test_a_trace_is_told_and_kept(session, mailbox, heard):
    trace = full_trace()
    mailbox.post_trace(trace)
    session.refresh()
    assert heard == [("trace_changed", trace), ("refreshed",)]
    assert session.trace is trace


def test_whoever_hears_of_a_trace_already_finds_the_run_and_the_records_before_it(session, mailbox):
    found = []
    session.trace_changed.connect(lambda _: found.append((session.config.hidden, len(session.history), session.trace)))
    trace = full_trace()
    mailbox.post(started(1, hidden=6))
    mailbox.post(record(update=1))
    mailbox.post_trace(trace)
    session.refresh()
    assert found == [(6, 1, trace)]


def test_another_run_has_no_trace_until_its_own_comes(session, mailbox):
    mailbox.post(started(1))
    mailbox.post_trace(full_trace())
    session.refresh()
    mailbox.post(started(2))
    session.refresh()
    assert session.trace is None


def test_changed_settings_are_told(session, mailbox, heard):
    mailbox.post(Changed(config(rate=0.5)))
    session.refresh()
    assert heard[0] == ("config_changed", config(rate=0.5))
    assert session.config == config(rate=0.5)


@pytest.mark.parametrize(("kind", "running"), [("refused", True), ("diverged", False), ("crashed", False)])
def test_a_failure_is_told_and_only_a_refusal_lets_the_training_go_on(session, mailbox, heard, kind, running):
    mailbox.post(started(1))
    session.run()
    mailbox.post(Failed(kind, "no"))
    session.refresh()
    assert ("failed", Failed(kind, "no")) in heard
    assert session.running == running
    assert (("running_changed", False) in heard) != running


def test_when_the_very_first_run_is_refused_nothing_is_said_to_run(session, mailbox):
    """The runner pauses then, and the button would offer to pause what stands still."""
    session.run()
    mailbox.post(Failed("refused", "no"))
    session.refresh()
    assert not session.running


def test_every_run_has_its_own_history(session, mailbox):
    for message in (started(1), record(update=1), record(update=2), started(2), record(update=1)):
        mailbox.post(message)
    session.refresh()
    assert session.history.column("update").tolist() == [1]


def test_going_back_finds_the_history_as_it_was(session, mailbox):
    for message in (started(1), record(update=1), record(update=2), started(2), record(update=1), started(1)):
        mailbox.post(message)
    session.refresh()
    assert session.history.column("update").tolist() == [1, 2]
    mailbox.post(record(update=3))
    session.refresh()
    assert session.history.column("update").tolist() == [1, 2, 3]


def test_going_back_and_forth_keeps_both_histories(session, mailbox):
    for message in (
        started(1),
        record(update=1),
        started(2),
        record(update=1),
        started(1),
        started(2),
        record(update=2),
    ):
        mailbox.post(message)
    session.refresh()
    assert session.history.column("update").tolist() == [1, 2]


def test_only_the_present_run_and_the_one_before_are_kept(session, mailbox):
    for run in range(1, 20):
        mailbox.post(started(run))
        mailbox.post(record(update=run))
        session.refresh()
    assert len(session._runs) == 2
    mailbox.post(started(18))
    session.refresh()
    assert session.history.last.update == 18


def test_a_new_run_after_going_back_is_followed_by_the_one_that_was_left(session, mailbox):
    for message in (started(1), record(update=1), started(2), record(update=2), started(1), started(3), started(1)):
        mailbox.post(message)
    session.refresh()
    assert session.history.last.update == 1


def test_one_can_go_back_from_the_second_run_on(session, mailbox):
    assert not session.can_go_back
    for run, possible in ((1, False), (2, True), (1, True)):
        mailbox.post(started(run))
        session.refresh()
        assert session.can_go_back == possible


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (lambda session: session.begin(config()), mock.call.begin(config(), train=False, companions=())),
        (lambda session: session.go_back(), mock.call.go_back()),
        (lambda session: session.change(rate=0.5), mock.call.change(rate=0.5)),
        (lambda session: session.run(), mock.call.run()),
        (lambda session: session.pause(), mock.call.pause()),
        (lambda session: session.step(), mock.call.step()),
        (lambda session: session.run_for(7), mock.call.run(7)),
        (lambda session: session.set_pause(0.2), mock.call.set_pause(0.2)),
    ],
)
def test_a_wish_is_one_order(session, control, wish, order):
    wish(session)
    assert control.mock_calls == [order]


def test_toggling_trains_and_pauses_in_turn(session, control, heard):
    session.toggle()
    session.toggle()
    assert control.mock_calls == [mock.call.run(), mock.call.pause()]
    assert heard == [("running_changed", True), ("running_changed", False)]


def test_a_step_ends_the_training(session, heard):
    session.run()
    session.step()
    session.step()
    assert heard == [("running_changed", True), ("running_changed", False)]


def test_what_needs_a_new_network_is_not_a_change(session, control):
    with pytest.raises(ValueError, match=r"'hidden'.*cannot change while running"):
        session.change(hidden=3)
    assert control.mock_calls == []


def test_resetting_begins_the_present_run_anew(session, control, mailbox):
    session.reset()
    assert control.mock_calls == []
    mailbox.post(started(1, hidden=3))
    session.refresh()
    session.reset()
    assert control.mock_calls == [mock.call.begin(config(hidden=3), train=False, companions=())]


def test_traces_are_asked_for_while_somebody_watches(session, mailbox):
    for _ in range(TRACE_EVERY):
        session.refresh()
    assert mailbox.trace_wanted


def test_where_nobody_watches_no_trace_is_asked_for(session, mailbox):
    session.set_watched(watched=False)
    for _ in range(10 * TRACE_EVERY):
        session.refresh()
    assert not mailbox.trace_wanted
    session.set_watched(watched=True)
    for _ in range(TRACE_EVERY):
        session.refresh()
    assert mailbox.trace_wanted


def test_opening_begins_the_run_and_looks_into_the_mailbox_until_closed(session, control, mailbox, qtbot):
    session.open(config())
    assert control.mock_calls == [mock.call.begin(config(), train=False, companions=())]
    mailbox.post(started(1))
    with qtbot.waitSignals([session.run_started, session.refreshed], timeout=60_000):
        pass
    session.close()
    assert not session._timer.isActive()
