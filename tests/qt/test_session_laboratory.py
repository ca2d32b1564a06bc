"""The session beyond one run: companions, the past, branches, studies, interventions."""

import dataclasses
from unittest import mock

import numpy as np
import pytest

from rnnviz.domain.intervention import ZeroUnit
from rnnviz.domain.studies import Studies
from rnnviz.exchange.messages import (
    Changed,
    CompanionRecord,
    CompanionsChanged,
    Failed,
    Intervened,
    LaneFacts,
    Reach,
    Showing,
    Started,
)
from rnnviz.exchange.orders import Branch, Explore, ForkRun, Intervene, Show, Watch
from tests.builders import (
    anatomy,
    config,
    embedding_map,
    facts,
    forecast,
    full_layer,
    full_trace,
    influence,
    record,
    sampled,
    spectrum,
)

LANE = LaneFacts("clip norm → off", config(clip="off"), 7)
OTHER = LaneFacts("GRU", config(cell="gru"), 9)


def started(run=1, companions=(), **more):
    return Started(run, config(), facts(), companions=companions, **more)


@pytest.fixture
def post(session, mailbox):
    """Post messages and have them collected."""

    def post(*messages):
        for message in messages:
            mailbox.post(message)
        session.refresh()

    return post


@pytest.fixture
def show(session, mailbox):
    """Post a trace and have it collected."""

    def show(update, tokens=8, **parts):
        trace = dataclasses.replace(full_trace(tokens=tokens), update=update, **parts)
        mailbox.post_trace(trace)
        session.refresh()
        return trace

    return show


def heard(signal):
    """What the signal carries from now on."""
    found = []
    signal.connect(found.append)
    return found


def updates(history):
    return history.column("update").tolist()


def records(*numbers):
    return [record(update=update) for update in numbers]


def of_companion(place, *numbers):
    return [CompanionRecord(place, record(update=update)) for update in numbers]


# Orders


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (lambda session: session.fork(clip="off"), ForkRun({"clip": "off"})),
        (lambda session: session.end_companions(), ForkRun(None)),
        (lambda session: session.show_lane(2), Show(2)),
        (lambda session: session.show_update(7), Show(update=7)),
        (lambda session: session.show_live(), Show(0)),
        (lambda session: session.branch_from(7, train=True, rate=0.5), Branch(7, {"rate": 0.5}, train=True)),
        (lambda session: session.watch(frozenset({"anatomy"})), Watch(frozenset({"anatomy"}))),
        (lambda session: session.explore(2.0), Explore(2.0)),
        (lambda session: session.intervene((ZeroUnit(1),)), Intervene((ZeroUnit(1),))),
    ],
)
def test_a_wish_is_one_order(session, control, wish, order):
    wish(session)
    assert control.mock_calls == [mock.call.wish(order)]


def test_a_branch_is_of_the_update_that_is_shown(session, control, post):
    session.branch(rate=0.5)
    assert control.mock_calls == []
    post(started(), Showing(0, 7))
    session.branch(train=True, rate=0.5)
    assert control.mock_calls == [mock.call.wish(Branch(7, {"rate": 0.5}, train=True))]


def test_showing_the_past_ends_the_training(session):
    session.run()
    session.show_update(7)
    assert not session.running


# What was posted


def test_studies_are_told_together_and_stay_until_there_are_newer_ones(session, mailbox):
    told = heard(session.studies_changed)
    found = {
        "influence": influence(),
        "spectrum": spectrum(),
        "anatomy": anatomy(),
        "embedding": embedding_map(),
        "sampling": sampled(),
        "forecast": forecast(),
    }
    for name, study in found.items():
        mailbox.post_study(name, study)
    session.refresh()
    assert told == [session.studies]
    assert vars(session.studies) == found
    newer = influence()
    mailbox.post_study("influence", newer)
    session.refresh()
    assert vars(session.studies) == {**found, "influence": newer}
    mailbox.post_study("anatomy", None)
    session.refresh()
    assert session.studies.anatomy is None
    assert len(told) == 3


@pytest.mark.parametrize("message", [started(2), Showing(1, None), Showing(0, 4)])
def test_studies_of_what_is_not_shown_any_more_are_dropped(session, mailbox, post, message):
    mailbox.post_study("influence", influence())
    session.refresh()
    post(message)
    assert vars(session.studies) == vars(Studies())


def test_kept_updates_are_told_and_end_with_the_run(session, mailbox, post):
    told = heard(session.kept_changed)
    mailbox.post_kept((1, 2))
    session.refresh()
    assert (session.kept, told) == ((1, 2), [(1, 2)])
    post(record())
    assert len(told) == 1
    post(started(2))
    assert session.kept == ()


def test_what_is_shown_is_told_and_is_live_again_in_another_run(session, post):
    told = heard(session.showing_changed)
    post(Showing(1, None), Showing(0, 7))
    assert session.showing == Showing(0, 7)
    post(started(2))
    assert session.showing == Showing(0, None)
    assert told == [Showing(1, None), Showing(0, 7), Showing(0, None)]


def test_the_record_of_what_is_shown_is_that_of_the_lane_or_of_the_past(session, post):
    assert session.shown_record is None
    post(started(), *records(1, 2, 3))
    assert session.shown_record.update == 3
    past = record(update=2)
    post(Showing(0, 2, past))
    assert session.shown_record is past
    at_the_fork = record(update=3, clip="off")
    post(Showing(0, None), CompanionsChanged((LANE,)), Showing(1, None, at_the_fork))
    assert session.shown_record is at_the_fork
    post(*records(4), *of_companion(0, 4))
    assert session.shown_record is session.companions[0].history.last
    post(Showing(0, None, record(update=4)))
    assert session.shown_record is session.history.last


def test_interventions_are_told_and_end_with_the_run(session, post):
    told = heard(session.interventions_changed)
    post(Intervened((ZeroUnit(1),)))
    assert session.interventions == (ZeroUnit(1),)
    post(started(2))
    assert session.interventions == ()
    assert told == [(ZeroUnit(1),), ()]


def test_a_companion_that_stops_lets_the_training_go_on(session, post):
    session.run()
    post(started(), Failed("companion", "it stopped"))
    assert session.running


# Companions


def test_a_companions_history_begins_where_it_was_forked(session, post):
    post(started(), *records(1, 2, 3), CompanionsChanged((LANE,)), *records(4), *of_companion(0, 4))
    (companion,) = session.companions
    assert companion.facts == LANE
    assert updates(companion.history) == [4]
    assert updates(session.history) == [1, 2, 3, 4]


def test_companions_that_came_with_the_run_have_a_history_each(session, post):
    post(started(companions=(LANE, OTHER)), *records(1), *of_companion(0, 1), *of_companion(1, 1, 2))
    assert [updates(companion.history) for companion in session.companions] == [[1], [1, 2]]


def test_records_of_companions_alone_are_told_too(session, post):
    post(started(companions=(LANE,)))
    told = heard(session.history_changed)
    post(*of_companion(0, 1))
    assert told == [session.history]


def test_a_companion_whose_settings_change_keeps_its_history(session, post):
    post(started(companions=(LANE,)), *of_companion(0, 1, 2))
    changed = dataclasses.replace(LANE, config=config(clip="off", rate=0.5))
    post(Changed(config(rate=0.5)), CompanionsChanged((changed,)), *of_companion(0, 3))
    (companion,) = session.companions
    assert companion.facts == changed
    assert updates(companion.history) == [1, 2, 3]


def test_another_twin_of_the_same_name_has_a_history_of_its_own(session, post):
    post(started(), CompanionsChanged((LANE,)), *records(1, 2), *of_companion(0, 1, 2))
    post(CompanionsChanged((dataclasses.replace(LANE, since=2),)), *records(3), *of_companion(0, 3))
    assert updates(session.companions[0].history) == [3]


def test_ending_the_companions_ends_their_histories(session, post):
    told = heard(session.companions_changed)
    post(started(), CompanionsChanged((LANE,)), *of_companion(0, 1), CompanionsChanged(()))
    assert session.companions == ()
    assert told[-1] == ()


def test_companions_histories_survive_another_run(session, post):
    post(started(1, (LANE, OTHER)), *of_companion(0, 1, 2), *of_companion(1, 1))
    post(started(2, (OTHER,)), *of_companion(0, 7))
    assert [updates(companion.history) for companion in session.companions] == [[7]]
    post(started(1, (LANE, OTHER)), *of_companion(0, 3))
    assert [updates(companion.history) for companion in session.companions] == [[1, 2, 3], [1]]
    post(started(2, (OTHER,)), *of_companion(0, 8))
    assert [updates(companion.history) for companion in session.companions] == [[7, 8]]


def test_a_twin_that_was_forked_later_survives_another_run_too(session, post):
    twin = dataclasses.replace(LANE, since=2)
    post(started(1), *records(1, 2), CompanionsChanged((twin,)), *of_companion(0, 3), started(2), started(1, (twin,)))
    assert updates(session.companions[0].history) == [3]


def test_the_reach_belongs_to_its_lane(session, post):
    post(started(companions=(LANE,)), Reach(0, 3, 7), Reach(1, 5, 7))
    assert (session.history.reach, session.companions[0].history.reach) == ((3, 7), (5, 7))
    post(Reach(0, None, 7))
    assert session.history.reach is None


# Branches


def test_a_branch_has_the_history_up_to_where_it_begins_and_its_own_from_there_on(session, post):
    post(started(1), *records(1, 2, 3, 4, 5))
    post(started(2, branch_of=1, newest=record(update=3)), *records(4))
    assert updates(session.history) == [1, 2, 3, 4]
    post(started(1))
    assert updates(session.history) == [1, 2, 3, 4, 5]
    post(started(2, branch_of=1, newest=record(update=4)))
    assert updates(session.history) == [1, 2, 3, 4]


def test_a_branch_has_the_gradients_up_to_where_it_begins(session, post, show):
    post(started(1))
    for update in (1, 2, 3, 4):
        show(update)
    post(started(2, branch_of=1, newest=record(update=2)))
    assert len(session.flow_map) == 2
    show(3)
    assert len(session.flow_map) == 3
    post(started(1))
    assert len(session.flow_map) == 4


def test_a_branch_has_no_companions_and_the_run_finds_its_own_again(session, post):
    post(started(1, (LANE,)), *of_companion(0, 1, 2), started(2, branch_of=1, newest=record(update=1)))
    assert session.companions == ()
    post(started(1, (LANE,)))
    assert updates(session.companions[0].history) == [1, 2]


def test_the_same_run_begun_anew_shares_nothing(session, post, show):
    post(started(1), *records(1, 2))
    show(1)
    post(started(2))
    assert (len(session.history), len(session.flow_map)) == (0, 0)


# The gradients of the whole run


def test_gradients_are_gathered_of_the_run_as_it_lives_alone(session, post, show):
    post(started(companions=(LANE,)))
    show(1)
    post(Showing(1, None))
    show(2)
    post(Showing(0, 1))
    show(3)
    assert len(session.flow_map) == 1
    post(Showing(0, None))
    show(4)
    assert len(session.flow_map) == 2


def test_with_interventions_the_gradients_without_them_are_gathered(session, post, show):
    layer = full_layer(hidden_grads=np.ones((8, 6)))
    untouched = dataclasses.replace(full_trace(), layers=(layer,), update=5)
    post(started(), Intervened((ZeroUnit(1),)))
    show(5, untouched=untouched)
    np.testing.assert_allclose(session.flow_map.picture(1, 5)[:, 0], layer.log10_hidden_grads, rtol=1e-6)


def test_a_changed_pass_that_comes_after_the_interventions_were_taken_back_is_not_gathered(session, post, show):
    """The trace without them is on its way, the one before was not collected yet."""
    layer = full_layer(hidden_grads=np.ones((8, 6)))
    post(started(), Intervened((ZeroUnit(1),)), Intervened(()))
    show(5, untouched=dataclasses.replace(full_trace(), layers=(layer,), update=5))
    np.testing.assert_allclose(session.flow_map.picture(1, 5)[:, 0], layer.log10_hidden_grads, rtol=1e-6)


def test_what_is_trained_beside_the_run_begins_anew_with_it(session, post, control):
    post(started(companions=(OTHER,)))
    session.reset(train=True)
    assert control.begin.call_args == mock.call(config(), train=True, companions=(OTHER.config,))
