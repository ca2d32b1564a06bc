"""Networks that are trained in lockstep with a run, on the same batches."""

import dataclasses

import numpy as np
import pytest

from rnnviz.domain.continuation import GoingOn, OwnSequence
from rnnviz.exchange.messages import Changed, CompanionRecord, CompanionsChanged, Reach, Showing
from rnnviz.exchange.orders import ForkRun, Show
from rnnviz.training.run import Run
from rnnviz.training.trainer import Trainer
from tests.builders import config, trainer
from tests.unit.bench import difference

EXPLODING = {"cell": "rnn_relu", "optimizer": "sgd", "rate": 0.05, "init": "gaussian", "gain": 2.0, "threshold": 0.1}


def companion_records(bench, place=0):
    return [entry.record for entry in bench.mailbox.of(CompanionRecord) if entry.place == place]


def facts(bench):
    """What was last told of the companions."""
    return bench.mailbox.of(CompanionsChanged)[-1].companions


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
def test_a_fork_without_a_change_does_what_the_run_does_bit_for_bit(bench, cell):
    bench.begin(cell=cell, task="python", layers=2)
    bench.train(7)
    bench.fork()
    bench.train(120)
    assert companion_records(bench) == bench.records[7:]
    assert len(companion_records(bench)) == 120
    assert difference(*(dataclasses.replace(bench.show(lane=lane), check=None) for lane in (0, 1))) is None


def test_a_fork_trains_as_a_twin_of_the_trainer_does_and_leaves_the_run_alone(bench):
    bench.begin()
    bench.train(5)
    bench.fork(clip="off", rate=0.1)
    bench.train(30)
    alone = trainer()
    list(alone.updates(5))
    twin = alone.fork(clip="off", rate=0.1)
    assert companion_records(bench) == list(twin.updates(30))
    assert bench.records[5:] == list(alone.updates(30))


def test_the_window_is_told_of_a_twin_with_its_settings_before_its_first_record(bench):
    bench.begin()
    bench.train(3)
    bench.fork(clip="off")
    bench.train(1)
    (told,) = bench.mailbox.of(CompanionsChanged)
    (twin,) = told.companions
    assert (twin.label, twin.config, twin.since) == ("clip norm → off", config(clip="off"), 3)
    assert twin.parameters == trainer().facts.parameters
    kinds = [type(entry) for entry in bench.since(told)]
    assert kinds.index(CompanionRecord) == kinds.index(type(bench.records[-1])) + 1


def test_a_second_fork_takes_the_place_of_the_first_and_is_another_one(bench):
    bench.begin()
    bench.fork(clip="off")
    bench.train(4)
    bench.fork(clip="off")
    (again,) = facts(bench)
    assert (again.label, again.since) == ("clip norm → off", 4)
    bench.train(1)
    alone = trainer()
    list(alone.updates(4))
    assert companion_records(bench)[-1] == alone.fork(clip="off").update()


def test_a_fork_that_is_not_possible_is_refused_and_the_old_one_stays(bench):
    bench.begin()
    bench.fork(clip="off")
    bench.fork(hidden=3)
    bench.fork(rate=-1.0)
    bench.train(2)
    assert [failed.kind for failed in bench.failures] == ["refused", "refused"]
    assert "hidden cannot differ in a fork" in bench.failures[0].sentence
    assert len(bench.mailbox.of(CompanionsChanged)) == 1
    assert [record.clip for record in companion_records(bench)] == ["off", "off"]


def test_settings_that_change_reach_the_companions_except_where_they_are_meant_to_differ(bench):
    bench.begin()
    bench.fork(clip="value")
    bench.train(1)
    bench.control.change(rate=0.125, clip="off", threshold=0.5)
    bench.train(1)
    ours, theirs = bench.records[-1], companion_records(bench)[-1]
    assert (ours.rate, ours.clip, ours.threshold) == (0.125, "off", 0.5)
    assert (theirs.rate, theirs.clip, theirs.threshold) == (0.125, "value", 0.5)
    assert bench.mailbox.of(Changed)[-1].config == config(rate=0.125, clip="off", threshold=0.5)
    assert facts(bench)[0].config == config(rate=0.125, clip="value", threshold=0.5)


def test_a_setting_that_a_fork_named_without_changing_it_is_no_difference(bench):
    bench.begin()
    bench.fork(rate=config().rate, clip="off")
    bench.control.change(rate=0.125)
    bench.train(1)
    assert companion_records(bench)[-1].rate == bench.records[-1].rate == 0.125


def test_a_setting_that_is_refused_changes_neither_the_run_nor_a_companion(bench):
    bench.begin()
    bench.fork(clip="off")
    bench.control.change(rate=0.5, threshold=-1.0)
    bench.train(1)
    assert len(bench.failures) == 1
    assert bench.records[-1].rate == companion_records(bench)[-1].rate == 0.01


def test_a_companion_that_diverges_stops_alone_and_that_is_told_once(bench):
    bench.begin(**EXPLODING)
    bench.train(2)
    bench.fork(clip="off", rate=1000.0)
    bench.train(40)
    bench.stand()
    (failed,) = bench.failures
    assert failed.kind == "companion"
    assert failed.sentence.startswith("The companion “rate 0.05 → 1000, clip norm → off” stopped, the run goes on. ")
    assert failed.post_mortem.update == 3 + len(companion_records(bench))
    assert bench.records == list(trainer(**EXPLODING).updates(42))


def test_a_companion_that_stopped_can_still_be_shown(bench):
    bench.begin(**EXPLODING)
    bench.fork(clip="off", rate=1000.0)
    bench.train(20)
    bench.stand()
    last = len(companion_records(bench))
    assert bench.show(lane=1).update == (last or None)
    bench.train(3)
    bench.stand()
    assert bench.traces[-1].update == (last or None)


def test_ending_the_companions_trains_the_run_alone(bench):
    bench.begin()
    bench.fork(clip="off")
    bench.train(2)
    bench.show(lane=1)
    bench.wish(ForkRun(None))
    assert facts(bench) == ()
    assert bench.mailbox.of(Showing)[-1] == Showing(0, None)
    bench.train(2)
    assert len(companion_records(bench)) == 2


@pytest.mark.parametrize("changes", [None, {"rate": 0.5}])
def test_a_lane_is_left_before_it_is_gone(bench, changes):
    bench.begin()
    bench.fork(clip="off")
    bench.show(lane=1)
    seen = len(bench.mailbox.log)
    bench.wish(ForkRun(changes))
    news = [entry for entry in bench.mailbox.log[seen:] if isinstance(entry, Showing | CompanionsChanged)]
    assert [type(entry) for entry in news] == [Showing, CompanionsChanged]


CELLS = ("rnn_tanh", "lstm", "gru")


def test_three_cells_begun_together_do_what_each_does_alone(bench):
    first, *others = (config(cell=cell, task="python") for cell in CELLS)
    bench.begin(companions=tuple(others), **first.model_dump())
    bench.train(25)
    bench.stand()
    assert bench.records == list(Trainer(first).updates(25))
    for place, other in enumerate(others):
        assert companion_records(bench, place) == list(Trainer(other).updates(25))


def test_three_cells_are_told_by_their_titles_when_the_run_starts(bench):
    first, *others = (config(cell=cell) for cell in CELLS)
    bench.begin(companions=tuple(others), **first.model_dump())
    (started,) = bench.starts
    assert [lane.label for lane in started.companions] == ["LSTM", "GRU"]
    assert [lane.parameters for lane in started.companions] == [
        trainer(cell=cell).facts.parameters for cell in CELLS[1:]
    ]


def test_companions_that_cannot_be_had_refuse_the_run_as_a_whole(bench, tmp_path):
    bench.begin()
    bench.begin(companions=(config(task="text", file=tmp_path / "nothing.txt"),), seed=3)
    bench.train(1)
    assert [failed.kind for failed in bench.failures] == ["refused"]
    assert len(bench.starts) == 1
    assert bench.records == list(trainer().updates(1))


def test_a_lane_is_shown_at_once_and_from_then_on(bench):
    bench.begin(cell="lstm", companions=(config(cell="gru", hidden=4),))
    bench.step(2)
    other = trainer(cell="gru", hidden=4)
    list(other.updates(2))
    found = bench.show(lane=1)
    assert difference(dataclasses.replace(found, check=None), other.trace()) is None
    bench.step()
    assert bench.traces[-1].layers[0].cell == "gru"
    assert bench.traces[-1].update == 3
    assert bench.show(lane=0).layers[0].cell == "lstm"
    assert [(where.lane, where.update) for where in bench.mailbox.of(Showing)] == [(1, None), (0, None)]


@pytest.mark.parametrize("lane", [-1, 1, 7])
def test_a_lane_that_is_not_there_is_refused_and_the_old_one_stays_shown(bench, lane):
    bench.begin()
    bench.step()
    shown = len(bench.traces)
    bench.wish(Show(lane=lane))
    assert bench.failures[-1].sentence == f"lane is {lane}, expected 0 to 0"
    assert (len(bench.traces), bench.mailbox.of(Showing)) == (shown, [])


def test_companions_come_back_with_their_run(bench):
    bench.begin()
    bench.fork(clip="off")
    bench.train(3)
    bench.begin(seed=5)
    bench.control.go_back()
    bench.stand()
    assert [lane.label for lane in bench.starts[-1].companions] == ["clip norm → off"]
    assert bench.starts[-1].companions == facts(bench)
    bench.train(2)
    alone = trainer()
    assert companion_records(bench) == list(alone.fork(clip="off").updates(5))


def test_the_reach_is_measured_of_every_lane_in_turn(bench, monkeypatch):
    monkeypatch.setattr("rnnviz.training.runner.REACH_EVERY_S", 0.0)
    bench.begin()
    bench.train(2)
    bench.stand()
    assert bench.mailbox.of(Reach) == []
    bench.fork(rate=0.1)
    bench.train(4)
    bench.stand()
    found = bench.mailbox.of(Reach)
    assert [reach.lane for reach in found] == [1, 0, 1, 0, 1, 0]  # the last two where the training stands still
    assert {reach.of for reach in found} == {7}
    assert all(0 <= reach.tokens <= 7 for reach in found)


@pytest.mark.parametrize("carry", [False, True])
def test_after_the_run_diverged_its_companions_still_read_the_same_batches(bench, carry):
    """The update that was not made is tried again with its own batch."""
    bench.begin(task="python", carry=carry, dropout=0.3)
    bench.fork()
    bench.train(3)
    readout = bench.runner._present.trainer.network.get_parameter("readout.weight")
    hook = readout.register_hook(lambda gradient: gradient * float("nan"))
    bench.step()
    hook.remove()
    assert [failed.kind for failed in bench.failures] == ["diverged"]
    bench.train(5)
    assert bench.updates == list(range(1, 9))
    assert companion_records(bench) == bench.records


@pytest.mark.parametrize("other", [{"cell": "gru"}, {"hidden": 9}, {"cell": "rnn_tanh", "layers": 2}])
def test_another_network_does_not_begin_a_written_sequence_with_the_state_of_the_one_that_wrote_it(other):
    ours = {"task": "python", "carry": True, "shown": "batch", "cell": "lstm", "hidden": 6, "length": 9}
    run = Run(1, Trainer(config(**ours)))
    run.accompany((config(**{**ours, **other}), config(**{**ours, "rate": 0.1})))
    for _ in range(3):
        run.update()
        for place, companion in enumerate(run.companions):
            companion.update(place)
    written = run.trainer.sampling(GoingOn(after=3)).finish()
    run.display(OwnSequence(written.labels, 4, written.initial))
    traces = [run.trainer.trace(), *(companion.trainer.trace() for companion in run.companions)]
    assert [trace.carried for trace in traces] == [True, False, True]
    assert not traces[1].top.initial_hidden.any()
    for trace in (traces[0], traces[2]):
        assert np.array_equal(trace.top.initial_hidden, written.initial[0][0])
