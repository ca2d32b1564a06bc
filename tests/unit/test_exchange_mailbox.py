"""The mailbox: every message arrives in order, of the traces only the newest."""

import threading

import pytest

from rnnviz.exchange.mailbox import Mailbox, Parcel
from rnnviz.exchange.messages import Changed, CompanionsChanged, Failed, Intervened, Reach, Showing, Started
from tests.builders import config, facts, full_trace, influence, record, spectrum


def started(run=1):
    return Started(run, config(), facts())


@pytest.fixture
def mailbox():
    return Mailbox()


def test_an_empty_mailbox_gives_an_empty_parcel(mailbox):
    assert mailbox.collect() == Parcel([], None)


def test_messages_come_out_in_the_order_in_which_they_were_posted(mailbox):
    messages = [started(), record(update=1), Changed(config()), record(update=2), Failed("refused", "no")]
    for message in messages:
        mailbox.post(message)
    assert mailbox.collect().messages == messages


def test_what_was_collected_does_not_come_again(mailbox):
    mailbox.post(record())
    mailbox.post_trace(full_trace())
    mailbox.collect()
    assert mailbox.collect() == Parcel([], None)


def test_a_parcel_that_was_taken_out_does_not_fill_up_later(mailbox):
    parcel = mailbox.collect()
    mailbox.post(record())
    assert parcel.messages == []


def test_only_the_newest_trace_is_kept(mailbox):
    older, newest = full_trace(), full_trace()
    mailbox.post_trace(older)
    mailbox.post_trace(newest)
    assert mailbox.collect().trace is newest


def test_records_do_not_disturb_the_trace(mailbox):
    trace = full_trace()
    mailbox.post_trace(trace)
    mailbox.post(record())
    assert mailbox.collect().trace is trace


def test_a_new_run_throws_an_uncollected_trace_of_the_old_one_away(mailbox):
    mailbox.post_trace(full_trace())
    mailbox.post(started(2))
    assert mailbox.collect().trace is None


def test_the_first_trace_of_a_new_run_is_kept(mailbox):
    trace = full_trace()
    mailbox.post(started(2))
    mailbox.post_trace(trace)
    assert mailbox.collect().trace is trace


@pytest.mark.parametrize("message", [Changed(config()), Failed("diverged", "no")], ids=["changed", "failed"])
def test_other_messages_leave_the_trace(mailbox, message):
    mailbox.post_trace(full_trace())
    mailbox.post(message)
    assert mailbox.collect().trace is not None


def test_a_trace_is_wanted_from_the_request_until_one_is_begun(mailbox):
    assert not mailbox.trace_wanted
    mailbox.request_trace()
    assert mailbox.trace_wanted
    mailbox.collect()
    assert mailbox.trace_wanted
    mailbox.take_request()
    assert not mailbox.trace_wanted
    mailbox.request_trace()
    mailbox.post_trace(full_trace())  # asked for while this one was made
    assert mailbox.trace_wanted


def test_nothing_is_lost_or_doubled_while_another_thread_posts(mailbox):
    def post():
        for update in range(1, 5001):
            mailbox.post(record(update=update))

    worker = threading.Thread(target=post)
    worker.start()
    found = []
    while worker.is_alive():
        found += mailbox.collect().messages
    worker.join()
    found += mailbox.collect().messages
    assert [message.update for message in found] == list(range(1, 5001))


def test_of_studies_the_newest_of_each_kind_is_kept(mailbox):
    older, newest, other = influence(), influence(), spectrum()
    for name, study in (("influence", older), ("spectrum", other), ("influence", newest)):
        mailbox.post_study(name, study)
    assert mailbox.collect().studies == {"influence": newest, "spectrum": other}
    assert mailbox.collect().studies == {}


def test_that_there_is_no_study_is_news_too(mailbox):
    mailbox.post_study("anatomy", None)
    assert mailbox.collect().studies == {"anatomy": None}


@pytest.mark.parametrize("message", [started(2), Showing(1, None), Showing(0, 7)])
def test_what_is_not_shown_any_more_is_thrown_away(mailbox, message):
    mailbox.post_trace(full_trace())
    mailbox.post_study("influence", influence())
    mailbox.post(message)
    parcel = mailbox.collect()
    assert (parcel.messages, parcel.trace, parcel.studies) == ([message], None, {})


def test_what_comes_after_another_lane_is_shown_belongs_to_it(mailbox):
    trace, study = full_trace(), influence()
    mailbox.post(Showing(1, None))
    mailbox.post_study("influence", study)
    mailbox.post_trace(trace)
    parcel = mailbox.collect()
    assert (parcel.trace, parcel.studies) == (trace, {"influence": study})


@pytest.mark.parametrize(
    "message",
    [Changed(config()), Failed("companion", "no"), Intervened(()), Reach(0, 3, 7), CompanionsChanged(()), record()],
    ids=lambda message: type(message).__name__,
)
def test_other_messages_leave_the_studies(mailbox, message):
    mailbox.post_study("influence", influence())
    mailbox.post(message)
    assert set(mailbox.collect().studies) == {"influence"}


def test_the_newest_kept_updates_come_once(mailbox):
    mailbox.post_kept((1, 2))
    mailbox.post_kept((1, 3))
    assert mailbox.collect().kept == (1, 3)
    assert mailbox.collect().kept is None


def test_nothing_kept_is_news_too(mailbox):
    mailbox.post_kept(())
    assert mailbox.collect().kept == ()


def test_kept_updates_of_the_old_run_are_thrown_away_but_not_when_another_lane_is_shown(mailbox):
    mailbox.post_kept((1, 2))
    mailbox.post(Showing(1, None))
    assert mailbox.collect().kept == (1, 2)
    mailbox.post_kept((1, 2))
    mailbox.post(started(2))
    assert mailbox.collect().kept is None
