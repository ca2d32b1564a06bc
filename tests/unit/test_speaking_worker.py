"""What the worker does when the network is to go on by itself, or when a sequence of its own is to be displayed."""

import types

import pytest

from rnnviz.domain.continuation import GoingOn, OwnSequence
from rnnviz.domain.intervention import ChangeToken
from rnnviz.exchange.messages import Failed
from rnnviz.exchange.orders import Display, ForkRun, GoOn, Intervene, Show, Watch
from rnnviz.training import study_desk
from rnnviz.training.study_desk import StudyDesk
from tests.builders import WatchedMailbox, trainer

SAMPLING, FORECAST = frozenset({"sampling"}), frozenset({"forecast"})
HELLO = OwnSequence(tuple("hello old hello"), 6)


def newest(bench, name):
    return [study for found, study in bench.mailbox.studies if found == name][-1]


def test_who_stands_still_answers_at_once_and_in_the_way_that_was_asked_for(bench):
    bench.begin(task="hello")
    bench.step(2)
    bench.wish(Watch(SAMPLING))
    assert newest(bench, "sampling").how == GoingOn()
    how = GoingOn(after=3, temperature=0.5, seed=7)
    bench.wish(GoOn(how))
    found = newest(bench, "sampling")
    assert (found.how, found.update) == (how, 2)
    assert found.prefix == tuple("hell")
    assert bench.studied == ["sampling"] * 2
    bench.wish(GoOn(how))
    assert bench.studied == ["sampling"] * 2


def test_of_numbers_a_forecast_is_made_and_no_text(bench):
    bench.begin(task="airline", length=20)
    bench.wish(Watch(SAMPLING | FORECAST))
    assert newest(bench, "sampling") is None
    assert newest(bench, "forecast").given.shape == (12, 1)
    bench.wish(GoOn(GoingOn(ahead=4)))
    assert newest(bench, "forecast").given.shape == (4, 1)


def test_what_cannot_be_had_does_not_hold_the_others_up_while_training(monkeypatch):
    clock = types.SimpleNamespace(now=1000.0)
    monkeypatch.setattr(study_desk, "time", types.SimpleNamespace(monotonic=lambda: clock.now))
    run, mailbox = trainer(task="hello"), WatchedMailbox()
    desk = StudyDesk(mailbox)
    desk.watch(SAMPLING | FORECAST)
    for _ in range(300):  # three seconds
        run.update()
        desk.turn(run)
        clock.now += 0.01
    assert [study for name, study in mailbox.studies if name == "forecast"].count(None) <= 7
    assert len([study for name, study in mailbox.studies if name == "sampling"]) >= 4


def test_the_way_to_go_on_outlives_the_run(bench):
    bench.begin(task="hello")
    bench.wish(Watch(SAMPLING), GoOn(GoingOn(seed=3)))
    bench.begin(task="hello", seed=5)
    bench.stand()
    assert newest(bench, "sampling").how.seed == 3


def test_a_sequence_of_its_own_is_traced_until_the_task_s_own_is_wanted(bench):
    bench.begin(task="hello")
    bench.wish(Display(HELLO))
    assert (bench.traces[-1].written, bench.traces[-1].tokens) == (6, 14)
    bench.step()
    assert (bench.traces[-1].written, bench.traces[-1].update) == (6, 1)
    bench.wish(Display(None))
    assert (bench.traces[-1].written, bench.traces[-1].tokens) == (None, 8)


def test_displaying_it_does_not_change_what_is_learned(bench):
    bench.begin(task="hello")
    bench.step(3)
    losses = [record.loss for record in bench.records]
    bench.begin(task="hello")
    bench.wish(Display(HELLO), Watch(SAMPLING))
    bench.step(3)
    assert [record.loss for record in bench.records[3:]] == losses


def test_it_is_displayed_in_every_lane_and_in_the_past(bench):
    bench.begin(task="hello")
    bench.step(2)
    bench.wish(Display(HELLO), ForkRun({"clip": "off"}), Show(lane=1))
    assert bench.traces[-1].written == 6
    bench.wish(Show(update=1))
    assert (bench.traces[-1].written, bench.traces[-1].update) == (6, 1)
    bench.wish(Display(None))
    assert (bench.traces[-1].written, bench.traces[-1].update) == (None, 1)
    bench.wish(Show(lane=1))
    assert bench.traces[-1].written is None


def test_another_run_displays_its_own_sequence_and_the_one_gone_back_to_what_it_did(bench):
    bench.begin(task="hello")
    bench.wish(Display(HELLO))
    bench.begin(task="hello", seed=1)
    assert bench.traces[-1].written is None
    bench.control.go_back()
    bench.wait_for(lambda: bench.traces[-1].written == 6)


def test_what_the_network_writes_goes_on_behind_the_displayed_sequence(bench):
    bench.begin(task="hello")
    bench.wish(Watch(SAMPLING), GoOn(GoingOn(after=9)), Display(HELLO))
    assert newest(bench, "sampling").prefix == tuple("hello old ")
    bench.wish(Display(None))
    assert newest(bench, "sampling").prefix == tuple("hello wo")  # of a shorter sequence all of it


@pytest.mark.parametrize("task", ["hello", "adding"])
def test_a_sequence_that_cannot_be_read_is_refused_in_words_and_nothing_changes(bench, task):
    bench.begin(task=task, length=12)
    bench.wish(Display(OwnSequence(("x", "y"), 1)))
    (failed,) = bench.mailbox.of(Failed)
    assert failed.kind == "refused"
    assert "cannot" in failed.sentence
    bench.step()
    assert bench.traces[-1].written is None


def test_an_intervention_that_does_not_fit_the_shorter_sequence_is_taken_back(bench):
    bench.begin(task="hello", length=30)
    bench.wish(Intervene((ChangeToken(25, "h"),)), Display(HELLO))
    assert bench.traces[-1].untouched is None
    assert "taken back" in bench.failures[-1].sentence


def test_an_intervention_that_fits_is_made_in_it(bench):
    bench.begin(task="hello")
    bench.wish(Display(HELLO), Intervene((ChangeToken(2, "d"),)))
    trace = bench.traces[-1]
    assert trace.reading.tokens[2] == "d"
    assert (trace.written, trace.untouched.written) == (6, 6)
