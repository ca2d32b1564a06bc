"""Interventions on what the worker shows."""

import pytest

from rnnviz.domain.intervention import ClampGate, ZeroUnit
from rnnviz.exchange.messages import Failed, Intervened
from rnnviz.exchange.orders import ForkRun, Intervene, Show
from tests.builders import config, trainer

HELD = (ClampGate("forget", 1.0),)


def in_force(bench):
    return bench.mailbox.of(Intervened)[-1].interventions


def test_an_intervention_is_shown_at_once_beside_the_pass_without_it(bench):
    bench.begin()
    bench.step(2)
    bench.wish(Intervene(HELD))
    trace = bench.traces[-1]
    assert (trace.layers[0].gates["forget"] == 1).all()
    assert (trace.untouched.layers[0].gates["forget"] != 1).all()
    assert trace.update == trace.untouched.update == 2
    assert in_force(bench) == HELD


def test_interventions_stay_while_training_and_change_nothing_of_it(bench):
    bench.begin()
    bench.wish(Intervene(HELD))
    bench.step(5)
    assert all(trace.untouched is not None for trace in bench.traces[-5:])
    assert bench.records == list(trainer().updates(5))


def test_taking_interventions_back_shows_the_pass_as_it_is(bench):
    bench.begin()
    bench.wish(Intervene(HELD), Intervene(()))
    assert bench.traces[-1].untouched is None
    assert in_force(bench) == ()


@pytest.mark.parametrize("wrong", [ClampGate("reset", 1.0), ZeroUnit(99), ClampGate("forget", 1.0, layer=3)])
def test_one_that_does_not_fit_is_refused_and_the_old_ones_stay(bench, wrong):
    bench.begin()
    bench.wish(Intervene(HELD))
    shown = len(bench.traces)
    bench.wish(Intervene((*HELD, wrong)))
    assert bench.failures[-1].kind == "refused"
    assert type(wrong).__name__ in bench.failures[-1].sentence
    assert (len(bench.traces), in_force(bench)) == (shown, HELD)
    bench.step()
    assert (bench.traces[-1].layers[0].gates["forget"] == 1).all()


def test_they_end_with_the_run(bench):
    bench.begin()
    bench.wish(Intervene(HELD))
    bench.begin(seed=1)
    bench.step()
    assert [trace.untouched for trace in bench.traces[-2:]] == [None, None]


def test_they_end_with_the_run_that_is_gone_back_to(bench):
    bench.begin()
    bench.begin(seed=1)
    bench.wish(Intervene(HELD))
    bench.control.go_back()
    bench.stand()
    assert bench.traces[-1].untouched is None


def test_they_go_along_to_a_lane_that_they_fit(bench):
    bench.begin()
    bench.wish(ForkRun({"clip": "off"}), Intervene(HELD), Show(lane=1))
    assert (bench.traces[-1].layers[0].gates["forget"] == 1).all()
    assert in_force(bench) == HELD


def test_they_end_with_a_lane_that_they_do_not_fit_and_that_is_told(bench):
    bench.begin(companions=(config(cell="gru"),))
    bench.wish(Intervene(HELD), Show(lane=1))
    assert in_force(bench) == ()
    (failed,) = bench.mailbox.of(Failed)
    assert failed.sentence.startswith("The interventions were taken back. ClampGate: gate is 'forget'")
    assert (bench.traces[-1].layers[0].cell, bench.traces[-1].untouched) == ("gru", None)
    assert bench.show(lane=0).untouched is None
