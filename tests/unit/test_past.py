"""Kept updates opened again, and new runs that go on from them."""

import dataclasses

import pytest

from rnnviz.domain.intervention import ZeroUnit
from rnnviz.exchange.messages import Showing
from rnnviz.exchange.orders import Branch, Intervene, Show
from tests.builders import config, trainer
from tests.unit.bench import difference

OPTIMIZERS = pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn_relu", "lstm", "gru"])
@pytest.mark.parametrize("shown", ["fixed", "batch"])
def test_a_kept_update_is_shown_exactly_as_it_was(bench, cell, shown, layers):
    bench.begin(cell=cell, task="python", layers=layers, shown=shown)
    bench.step(6)
    live = {trace.update: trace for trace in bench.traces if trace.update}
    assert bench.kept == (1, 2, 3, 4, 5, 6)
    for update in (2, 5, 1, 6):
        assert difference(live[update], bench.show(update=update)) is None


def test_the_self_check_of_a_kept_update_is_the_one_that_was_shown(bench, monkeypatch):
    monkeypatch.setattr("rnnviz.training.runner.SELF_CHECK_SHARE", 1e9)
    bench.begin()
    bench.step(3)
    assert bench.show(update=2).check.update == 2


def test_showing_the_past_pauses_and_says_what_is_shown(bench):
    bench.begin()
    bench.step(3)
    bench.control.run()
    bench.wait_for(lambda: len(bench.records) >= 20)
    bench.wish(Show(update=2))
    assert bench.mailbox.of(Showing)[-1] == Showing(0, 2)
    assert bench.mailbox.of(Showing)[-1].record == bench.records[1]
    assert bench.traces[-1].update == 2


def test_who_goes_on_after_asking_for_the_past_goes_on(bench):
    """Orders come from one place in order: what is asked later is not undone by what was asked before."""
    bench.begin()
    bench.step(3)
    with bench._condition:  # both wait for the worker together
        bench.control.wish(Show(update=2))
        bench.control._updates_left = 4.0
    bench.stand()
    assert bench.updates == [1, 2, 3, 4, 5, 6, 7]


def test_going_on_from_the_past_returns_to_live_and_changes_nothing_of_the_training(bench):
    bench.begin(task="python")
    bench.step(5)
    bench.show(update=2)
    bench.step()
    assert bench.mailbox.of(Showing)[-1] == Showing(0, None)
    assert bench.traces[-1].update == 6
    bench.train(20)
    bench.stand()
    assert bench.records == list(trainer(task="python").updates(26))
    assert len(bench.mailbox.of(Showing)) == 2


def test_returning_to_live_shows_where_the_training_stands(bench):
    bench.begin()
    bench.step(5)
    live = bench.traces[-1]
    bench.show(update=2)
    assert difference(bench.show(), live) is None
    assert bench.mailbox.of(Showing)[-1] == Showing(0, None)
    assert bench.mailbox.of(Showing)[-1].record == bench.records[-1]


def test_an_update_that_is_not_kept_is_refused_in_one_short_sentence_and_nothing_else_changes(bench):
    bench.begin()
    bench.step(5)
    bench.show(update=2)
    seen = len(bench.mailbox.log)
    bench.wish(Show(update=77))
    (failed,) = bench.mailbox.log[seen:]
    assert failed.kind == "refused"
    assert failed.sentence == "update 77 is not kept any more, the nearest one that is: 5"
    bench.step()
    assert bench.updates == [1, 2, 3, 4, 5, 6]


def test_before_anything_is_kept_that_is_said(bench):
    bench.begin()
    bench.wish(Show(update=3))
    assert bench.failures[-1].sentence == "update 3 is not kept, no update is"


def test_another_sequence_is_shown_of_the_past_too(bench):
    bench.begin(task="python")
    bench.step(4)
    fixed = bench.show(update=2)
    bench.control.change(shown="batch")
    bench.stand()
    assert bench.traces[-1].update == 2
    assert bench.traces[-1].reading.tokens != fixed.reading.tokens


def test_what_was_looked_at_by_pausing_is_kept(bench):
    bench.begin()
    bench.control.run()
    bench.wait_for(lambda: len(bench.records) >= 30)
    bench.control.pause()
    bench.stand()
    assert bench.kept[-1] == bench.updates[-1]


def test_snapshots_never_exceed_the_budget(bench, monkeypatch):
    bench.begin()
    bench.step()
    ring = bench.runner._present.ring
    ring._budget = 5 * ring.nbytes
    bench.step(40)
    assert ring.nbytes <= ring._budget
    assert bench.kept[0] == 1
    assert bench.kept[-1] == 41
    assert 3 <= len(bench.kept) <= 5
    assert bench.kept == ring.updates
    for update in bench.kept:
        assert bench.show(update=update).update == update


@OPTIMIZERS
def test_a_branch_without_a_change_does_what_the_run_did(bench, optimizer):
    bench.begin(task="python", optimizer=optimizer)
    bench.step(20)
    bench.wish(Branch(8, {}))
    seen = len(bench.records)
    bench.train(12)
    bench.stand()
    assert bench.records[seen:] == bench.records[8:20]


def test_a_branch_shares_the_past_up_to_where_it_begins(bench):
    bench.begin(task="python")
    bench.step(10)
    live = {trace.update: trace for trace in bench.traces}
    bench.wish(Branch(6, {"rate": 0.5}))
    started = bench.starts[-1]
    assert (started.run, started.branch_of, started.train) == (2, 1, False)
    assert started.config == config(task="python", rate=0.5)
    assert started.newest == bench.records[5]
    assert bench.kept == (1, 2, 3, 4, 5, 6)
    assert difference(bench.traces[-1], live[6]) is None
    for update in (6, 1, 4):
        assert difference(bench.show(update=update), live[update]) is None


def test_a_branch_goes_on_with_its_own_settings(bench):
    bench.begin()
    bench.step(6)
    bench.wish(Branch(4, {"rate": 0.5, "clip": "off"}))
    bench.step(3)
    assert bench.updates[-3:] == [5, 6, 7]
    assert [(record.rate, record.clip) for record in bench.records[-3:]] == [(0.5, "off")] * 3


def test_going_back_after_a_branch_finds_the_run_where_it_stood(bench):
    bench.begin(task="python")
    bench.step(10)
    bench.show(update=4)
    bench.wish(Branch(4, {"rate": 0.5}))
    bench.step(3)
    bench.control.go_back()
    bench.stand()
    assert [started.run for started in bench.starts] == [1, 2, 1]
    assert bench.traces[-1].update == 10
    assert bench.kept == tuple(range(1, 11))
    bench.train(5)
    assert bench.records[-5:] == list(trainer(task="python").updates(15))[-5:]


def test_a_branch_that_is_to_be_trained_is(bench):
    bench.begin()
    bench.step(3)
    bench.control.wish(Branch(2, {}, train=True))
    bench.wait_for(lambda: len(bench.records) >= 10)
    assert bench.starts[-1].train


@pytest.mark.parametrize(
    ("update", "changes", "sentence"),
    [
        (99, {}, "update 99 is not kept any more"),
        (2, {"hidden": 3}, "hidden cannot differ"),
        (2, {"rate": -1.0}, "rate is -1"),
    ],
)
def test_a_branch_that_is_not_possible_leaves_everything_as_it_is(bench, update, changes, sentence):
    bench.begin()
    bench.step(4)
    seen = len(bench.mailbox.log)
    bench.wish(Branch(update, changes, train=True))
    (failed,) = bench.mailbox.log[seen:]
    assert sentence in failed.sentence
    bench.step()
    assert bench.records == list(trainer().updates(5))


def test_a_branch_of_a_branch_can_be_gone_back_from(bench):
    bench.begin()
    bench.step(5)
    bench.wish(Branch(4, {"rate": 0.5}))
    bench.step(2)
    bench.wish(Branch(5, {"rate": 0.25}))
    assert (bench.starts[-1].branch_of, bench.kept) == (2, (1, 2, 3, 4, 5))
    bench.control.go_back()
    bench.stand()
    assert bench.starts[-1].run == 2
    assert bench.traces[-1].update == 6


def test_interventions_reach_the_past_and_end_with_a_branch(bench):
    bench.begin()
    bench.step(3)
    bench.wish(Intervene((ZeroUnit(2),)))
    past = bench.show(update=2)
    assert (past.update, past.untouched.update) == (2, 2)
    assert not past.layers[0].hidden[:, 2].any()
    bench.wish(Branch(2, {}))
    assert bench.traces[-1].untouched is None


DIVERGING = {"cell": "rnn_relu", "optimizer": "sgd", "clip": "off", "init": "gaussian", "gain": 2.0}


def test_an_update_that_diverges_from_the_past_shows_the_present_all_the_same(bench):
    bench.begin(**DIVERGING)
    bench.step(3)
    bench.show(update=1)
    bench.control.change(rate=1000.0)
    while not bench.failures:
        bench.step()
    live = bench.traces[-1]
    bench.show(update=1)
    seen = bench.traces[-1]
    bench.step()
    assert bench.mailbox.of(Showing)[-1] == Showing(0, None)
    assert bench.traces[-1] is not seen
    assert difference(dataclasses.replace(bench.traces[-1], check=live.check), live) is None


def test_divergence_carries_a_post_mortem(bench):
    bench.begin(**DIVERGING, rate=1000.0)
    bench.control.run()
    bench.wait_for(lambda: bench.failures)
    bench.stand()
    (failed,) = bench.failures
    assert failed.post_mortem.update == len(bench.records) + 1
    assert failed.sentence.startswith(failed.post_mortem.sentence)


def test_the_last_good_update_stays_as_it_was_when_the_next_step_leaves_the_numbers(bench):
    """Diverging takes the weights of before away, which are what the kept update shows."""
    bench.begin(optimizer="sgd", clip="off")
    bench.step(3)
    live = bench.traces[-1]
    readout = bench.runner._present.trainer.network.get_parameter("readout.weight")
    readout.register_hook(lambda gradient: 1e38 * gradient)
    bench.control.change(rate=1000.0)
    bench.control.run()
    bench.wait_for(lambda: bench.failures)
    bench.stand()
    assert "the step of readout.weight" in bench.failures[0].sentence
    assert bench.kept == (1, 2, 3)
    assert difference(bench.show(update=3), live) is None
