"""Studies of what is shown: made while somebody watches, each once, and none that would be the same again."""

import types

import pytest

from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.orders import Explore, ForkRun, Show, Watch
from rnnviz.tracing.study import Study
from rnnviz.training import study_desk
from rnnviz.training.study_desk import EVERY_S, StudyDesk
from rnnviz.training.trainer import Trainer
from tests.builders import WatchedMailbox, config, trainer

ALL = frozenset({"influence", "spectrum", "anatomy", "embedding"})


def newest(bench, name):
    return [study for found, study in bench.mailbox.studies if found == name][-1]


def test_nobody_watches_at_first_and_nothing_is_made(bench):
    bench.begin()
    bench.step(3)
    assert bench.studied == []


@pytest.mark.parametrize("name", sorted(ALL))
def test_only_what_is_watched_is_made(bench, name):
    bench.begin()
    bench.step()
    bench.wish(Watch(frozenset({name})))
    bench.step()
    assert set(bench.studied) == {name}


def test_each_is_made_once_of_what_stands_still_and_then_the_worker_waits(bench):
    bench.begin(task="python", length=40, hidden=20)
    bench.step()
    bench.wish(Watch(ALL))
    assert sorted(bench.studied) == sorted(ALL)
    bench.wish(Watch(ALL))
    bench.control.change(threshold=0.5)
    bench.stand()
    assert sorted(bench.studied) == sorted(ALL)


def test_a_study_is_of_the_update_that_is_shown(bench):
    bench.begin()
    bench.wish(Watch(ALL))
    bench.step(3)
    bench.stand()
    shown = bench.traces[-1].update
    assert {newest(bench, name).update for name in ALL} == {shown} == {3}
    bench.show(update=2)
    assert {newest(bench, name).update for name in ALL} == {2}
    bench.show()
    assert {newest(bench, name).update for name in ALL} == {3}


def test_before_the_first_update_studies_are_marked_as_the_trace_is(bench):
    bench.begin()
    bench.wish(Watch(ALL))
    assert bench.traces[-1].update is None
    assert newest(bench, "influence").update is None
    assert newest(bench, "spectrum").update is None


def test_before_the_first_update_there_is_no_anatomy_and_that_is_said_once(bench):
    bench.begin()
    bench.wish(Watch(frozenset({"anatomy"})))
    assert bench.mailbox.studies == [("anatomy", None)]
    bench.step()
    assert newest(bench, "anatomy").update == 1


def test_another_gain_makes_another_spectrum_and_nothing_else(bench):
    bench.begin()
    bench.step()
    bench.wish(Watch(ALL), Explore(2.0))
    assert sorted(bench.studied) == sorted([*ALL, "spectrum"])
    assert newest(bench, "spectrum").gain == 2.0
    bench.wish(Explore(2.0))
    assert len(bench.studied) == len(ALL) + 1


def test_a_gain_outlives_the_run(bench):
    bench.begin()
    bench.wish(Watch(ALL), Explore(0.5))
    bench.begin(seed=3)
    bench.stand()
    assert newest(bench, "spectrum").gain == 0.5


def test_what_is_hidden_again_is_not_made(bench):
    bench.begin()
    bench.wish(Watch(ALL))
    seen = len(bench.studied)
    bench.wish(Watch(frozenset()))
    bench.step(3)
    assert len(bench.studied) == seen


def test_another_lane_is_studied_as_soon_as_it_is_shown(bench):
    bench.begin(companions=(config(cell="gru", hidden=4),))
    bench.step()
    bench.wish(Watch(frozenset({"spectrum"})), Show(lane=1))
    assert [study.layers[0].cell for _, study in bench.mailbox.studies] == ["lstm", "gru"]


@pytest.mark.parametrize("error", [RuntimeError, ValueError])
def test_an_exception_when_a_study_begins_is_told_once_and_the_worker_goes_on(bench, monkeypatch, error):
    def fail(*_, **__):
        raise error("no such matrix")

    bench.begin()
    bench.step()
    monkeypatch.setattr(study_desk, "SpectrumStudy", fail)
    bench.wish(Watch(ALL))
    (failed,) = bench.failures
    assert failed.kind == "crashed"
    assert "spectrum" in failed.sentence
    assert "no such matrix" in failed.sentence
    assert "in fail" in failed.details
    assert sorted(bench.studied) == ["anatomy", "embedding", "influence"]
    bench.step()
    assert bench.updates == [1, 2]
    assert newest(bench, "influence").update == 2


def test_an_exception_in_the_middle_of_a_study_is_told_once_and_the_worker_goes_on(bench, monkeypatch):
    def slices():
        yield
        raise ZeroDivisionError("nothing to divide by")

    bench.begin()
    bench.step()
    monkeypatch.setattr(study_desk, "InfluenceStudy", lambda _: Study(slices()))
    bench.wish(Watch(ALL))
    (failed,) = bench.failures
    assert "nothing to divide by" in failed.sentence
    assert sorted(bench.studied) == ["anatomy", "embedding", "spectrum"]


def test_in_slow_motion_the_pauses_are_used_and_then_waited_out(bench):
    bench.begin()
    bench.control.set_pause(0.05)
    bench.control.wish(Watch(ALL))
    bench.control.run(3)
    bench.wait_for(lambda: len(bench.records) == 3)
    bench.stand()
    assert {newest(bench, name).update for name in ALL} == {3}


# The desk by itself, while training goes on, on a clock of the test's own.


@pytest.fixture
def clock(monkeypatch):
    clock = types.SimpleNamespace(now=1000.0)
    monkeypatch.setattr(study_desk, "time", types.SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def watched_desk(*names):
    mailbox = WatchedMailbox()
    desk = StudyDesk(mailbox)
    desk.watch(frozenset(names))
    return desk, mailbox


def test_while_training_a_study_is_made_twice_a_second_at_most(clock):
    run = trainer()
    desk, mailbox = watched_desk("anatomy")
    for _ in range(1000):  # ten seconds
        run.update()
        desk.turn(run)
        clock.now += 0.01
    assert 19 <= len(mailbox.studies) <= 10 / EVERY_S + 1


def test_while_training_every_kind_gets_its_turn(clock):
    run = trainer()
    desk, mailbox = watched_desk(*ALL)
    for _ in range(100):
        run.update()
        desk.turn(run)
        clock.now += 0.01
    assert {name for name, _ in mailbox.studies} == ALL


def test_an_anatomy_that_cannot_be_had_is_said_once_and_holds_nothing_up(clock):
    """A network that stopped when its step overflowed has none."""
    run = trainer()
    desk, mailbox = watched_desk(*ALL)
    for _ in range(200):
        desk.turn(run)
        clock.now += 0.01
    assert sorted(name for name, _ in mailbox.studies) == sorted(ALL)


def test_while_the_run_trains_a_network_that_stands_is_not_studied_again(clock):
    run = trainer()
    run.update()
    desk, mailbox = watched_desk(*ALL)
    for _ in range(1000):
        desk.turn(run)
        clock.now += 0.01
    assert len(mailbox.studies) == len(ALL)


def test_what_is_under_way_is_given_up_when_nobody_watches(clock):
    run = trainer(task="python", length=50)
    desk, mailbox = watched_desk("spectrum")
    assert desk.rest(run)
    desk.watch(frozenset())
    assert not desk.rest(run)
    assert mailbox.studies == []


def test_a_desk_at_rest_says_when_everything_is_done():
    run, mailbox = trainer(), Mailbox()
    desk = StudyDesk(mailbox)
    desk.watch(ALL)
    for _ in range(1000):
        if not desk.rest(run):
            break
    assert set(mailbox.collect().studies) == ALL
    run.update()
    assert desk.rest(run)


def test_a_study_that_failed_is_not_tried_again_of_the_same_update(monkeypatch):
    def fail(_):
        raise RuntimeError("no")

    monkeypatch.setattr(Trainer, "subject", fail)
    desk, _ = watched_desk("influence")
    run = trainer()
    with pytest.raises(RuntimeError, match="influence"):
        desk.rest(run)
    assert not desk.rest(run)


def test_a_fork_is_studied_anew(bench):
    bench.begin()
    bench.step()
    bench.wish(Watch(frozenset({"influence"})))
    bench.wish(ForkRun({"clip": "off"}), Show(lane=1))
    assert newest(bench, "influence").update == 1
