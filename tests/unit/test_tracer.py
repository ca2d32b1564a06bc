"""Traces that are made beside the training: the very same numbers, never out of turn."""

import threading

import pytest

from rnnviz.domain.intervention import ZeroUnit
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.messages import Started
from rnnviz.exchange.orders import Intervene
from rnnviz.training.tracer import Tracer
from rnnviz.training.trainer import Trainer
from tests.builders import config, full_trace, trainer
from tests.unit.bench import Bench
from tests.unit.test_sessions import RUNS, same_arrays

NAME = "rnnviz-tracing"


@pytest.mark.parametrize("name", RUNS)
def test_a_portrait_becomes_the_trace_of_when_it_was_taken_bit_for_bit(name):
    run = trainer(**RUNS[name])
    for updates in (0, 1, 3):
        for _ in range(updates):
            run.update()
        expected, portrait = run.trace(), run.portrait()
        run.update()
        run.self_check()
        found = portrait()
        same_arrays(found, expected)
        assert (found.update, found.check) == (expected.update, expected.check)


def test_a_portrait_of_a_restored_run_is_of_what_was_restored():
    run = trainer()
    run.update()
    snapshot, expected = run.snapshot(), run.trace()
    run.update()
    run.portrait()()
    run.restore(snapshot)
    same_arrays(run.portrait()(), expected)


@pytest.fixture
def tracer():
    with Tracer(Mailbox()) as made:
        yield made
    assert NAME not in {thread.name[: len(NAME)] for thread in threading.enumerate()}


def test_what_is_under_way_is_posted_before_it_has_settled(tracer):
    go_on, trace = threading.Event(), full_trace()

    def portrait():
        go_on.wait(30)
        return trace

    tracer.trace(portrait)
    assert tracer.busy
    go_on.set()
    tracer.settle()
    assert not tracer.busy
    assert tracer._mailbox.collect().trace is trace
    tracer.settle()


def test_a_trace_that_fails_is_told_once_and_the_next_one_is_made(tracer):
    def fail():
        raise RuntimeError("no likeness")

    tracer.trace(fail)
    with pytest.raises(RuntimeError, match="no likeness"):
        tracer.settle()
    tracer.trace(full_trace)
    tracer.settle()
    assert tracer._mailbox.collect().trace is not None


@pytest.fixture
def training():
    """A runner at full speed whose window has asked for a trace."""
    bench = Bench()
    bench.runner.start()
    bench.begin()
    bench.control.run()
    bench.mailbox.request_trace()
    yield bench
    bench.runner.close()


def names(bench):
    return {thread.name.rpartition("_")[0] or thread.name for thread in bench.mailbox.posted_by}


def test_at_full_speed_traces_come_from_the_other_thread(training):
    training.wait_for(lambda: len(training.traces) > 1)
    assert names(training) == {"rnnviz-training", NAME}
    training.settle()
    training.stand()
    assert training.traces[-1].update == training.updates[-1]


def test_changed_inside_the_pass_it_is_traced_at_once(training):
    training.control.wish(Intervene((ZeroUnit(1, 2),)))
    training.wait_for(lambda: training.traces[-1].untouched is not None)
    seen = len(training.traces)
    training.mailbox.posted_by.clear()
    training.mailbox.request_trace()
    training.wait_for(lambda: len(training.traces) > seen)
    assert names(training) == {"rnnviz-training"}
    assert training.traces[-1].untouched is not None


def test_an_old_trace_never_comes_after_a_newer_one_or_after_another_run(training, monkeypatch):
    portrait = Trainer.portrait

    def slow(run):
        make = portrait(run)

        def made():
            threading.Event().wait(0.02)
            return make()

        return made

    monkeypatch.setattr(Trainer, "portrait", slow)
    for seed in range(1, 6):
        training.mailbox.request_trace()
        seen = len(training.records)
        training.wait_for(lambda seen=seen: len(training.records) > seen + 3)
        training.control.begin(config(seed=seed), train=True)
        training.wait_for(lambda seed=seed: len(training.starts) == seed + 1)
    training.settle()
    training.stand()
    newest = 0
    for entry in training.mailbox.log:
        if isinstance(entry, Started):
            newest = 0
        elif isinstance(entry, Trace):
            assert (entry.update or 0) >= newest
            newest = entry.update or 0
        elif isinstance(entry, UpdateRecord):
            assert entry.update >= newest


def test_a_trace_that_fails_is_told_and_stops_the_training(training, monkeypatch):
    def fail(_):
        def portrait():
            raise RuntimeError("no likeness")

        return portrait

    training.wait_for(lambda: len(training.traces) > 1)
    monkeypatch.setattr(Trainer, "portrait", fail)
    training.mailbox.request_trace()
    seen = len(training.records)
    training.wait_for(lambda: len(training.records) > seen + 2)
    training.control.change(rate=0.25)
    training.wait_for(lambda: training.failures)
    assert training.failures[0].sentence == "Training stopped with RuntimeError: no likeness"
    assert training.failures[0].kind == "crashed"
