"""The worker thread with its own mailbox and control, without a window."""

import threading

from rnnviz.domain.records import UpdateRecord
from rnnviz.training.trainer import Trainer
from tests.builders import config, trainer
from tests.unit.bench import Bench

DIVERGING = {"cell": "rnn_relu", "optimizer": "sgd", "rate": 1000.0, "clip": "off", "init": "gaussian", "gain": 50.0}


def test_everything_is_posted_from_one_thread_of_its_own(bench):
    bench.begin()
    bench.train(3)
    assert [thread.name for thread in bench.mailbox.posted_by] == ["rnnviz-training"]


def test_a_run_announces_itself_and_shows_its_first_weights(bench):
    bench.begin(hidden=5)
    bench.settle()
    (started,), (trace,) = bench.starts, bench.traces
    assert (started.run, started.config, started.train) == (1, config(hidden=5), False)
    assert started.facts == trainer(hidden=5).facts
    assert trace.update is None
    assert bench.mailbox.log.index(started) < bench.mailbox.log.index(trace)


def test_no_record_is_lost(bench):
    bench.begin()
    bench.train(300)
    assert bench.updates == list(range(1, 301))


def test_the_numbers_are_those_of_a_trainer_without_a_thread(bench):
    bench.begin()
    bench.train(5)
    assert bench.records == list(trainer().updates(5))


def test_a_refused_run_leaves_the_old_one_training(bench, tmp_path):
    bench.begin()
    bench.control.run()
    bench.wait_for(lambda: bench.updates)
    bench.begin(task="text", file=tmp_path / "nothing.txt")
    seen = len(bench.records)
    bench.wait_for(lambda: len(bench.records) >= seen + 20)
    bench.settle()
    (failed,) = bench.failures
    assert failed.kind == "refused"
    assert "nothing.txt: does not exist" in failed.sentence
    assert len(bench.starts) == 1
    assert bench.updates == list(range(1, len(bench.records) + 1))


def test_divergence_pauses_and_says_what_is_not_finite(bench):
    bench.begin(**DIVERGING)
    bench.control.run()
    bench.wait_for(lambda: bench.failures)
    bench.settle()
    (failed,) = bench.failures
    assert failed.kind == "diverged"
    assert failed.sentence.startswith(f"Update {len(bench.records) + 1}: ")


def test_after_divergence_the_same_update_can_be_tried_again_or_a_new_run_begun(bench):
    bench.begin(**DIVERGING)
    bench.control.run()
    bench.wait_for(lambda: len(bench.failures) == 1)
    bench.control.step()
    bench.wait_for(lambda: len(bench.failures) == 2)
    assert bench.failures[0].sentence == bench.failures[1].sentence
    bench.begin()
    seen = len(bench.records)
    bench.train(3)
    assert bench.updates[seen:] == [1, 2, 3]


def test_an_exception_in_an_update_is_shown_and_training_pauses(bench, monkeypatch):
    def fail(_trainer):
        raise RuntimeError("the numbers ran away")

    bench.begin()
    bench.train(2)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "update", fail)
        bench.control.run()
        bench.wait_for(lambda: bench.failures)
        bench.settle()
    (failed,) = bench.failures
    assert failed.kind == "crashed"
    assert failed.sentence == "Training stopped with RuntimeError: the numbers ran away"
    assert "Traceback" in failed.details
    assert "in fail" in failed.details
    bench.begin()
    bench.train(3)
    assert bench.updates == [1, 2, 1, 2, 3]


def test_an_exception_while_a_run_is_built_leaves_the_old_one_in_place(bench, monkeypatch):
    def fail(*_):
        raise MemoryError("no room for so many weights")

    bench.begin()
    bench.train(2)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "__init__", fail)
        bench.begin(hidden=7)
    (failed,) = bench.failures
    assert (failed.kind, "no room for so many weights" in failed.sentence) == ("crashed", True)
    bench.train(2)
    assert bench.updates == [1, 2, 3, 4]


def test_an_exception_while_a_trace_is_made_does_not_end_the_worker(bench, monkeypatch):
    def fail(_trainer):
        raise ZeroDivisionError("nothing to divide by")

    bench.begin()
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "trace", fail)
        bench.control.step()
        bench.wait_for(lambda: bench.failures)
    bench.train(1)
    assert bench.updates == [1, 2]


def test_without_torch_the_window_is_told_and_the_worker_ends(monkeypatch):
    def fail():
        raise ImportError("libtorch.so is missing")

    monkeypatch.setattr("rnnviz.training.runner._import_torch", fail)
    bench = Bench()
    bench.runner.start()
    bench.wait_for(lambda: bench.failures)
    bench.runner.close()
    assert bench.failures[0].sentence == "Training stopped with ImportError: libtorch.so is missing"


def test_going_back_continues_the_run_as_it_was_left(bench):
    bench.begin(seed=1)
    bench.train(4)
    bench.begin(seed=2)
    bench.train(3)
    bench.control.go_back()
    bench.wait_for(lambda: len(bench.starts) == 3)
    bench.train(2)
    assert [started.run for started in bench.starts] == [1, 2, 1]
    assert bench.updates == [1, 2, 3, 4, 1, 2, 3, 5, 6]
    assert bench.records[-2:] == list(trainer(seed=1).updates(6))[-2:]


def test_going_back_twice_is_where_one_was(bench):
    bench.begin(seed=1)
    bench.begin(seed=2)
    bench.train(2)
    for count in (3, 4):
        bench.control.go_back()
        bench.wait_for(lambda count=count: len(bench.starts) == count)
    bench.train(1)
    assert bench.starts[-1].config.seed == 2
    assert bench.updates == [1, 2, 3]


def test_going_back_shows_the_run_at_once(bench):
    bench.begin(hidden=5)
    bench.train(2)
    bench.begin(hidden=7)
    bench.control.go_back()
    bench.wait_for(lambda: len(bench.starts) == 3)
    bench.settle()
    assert bench.traces[-1].layers[0].hidden.shape[1] == 5
    assert bench.traces[-1].update == 2


def test_where_there_is_no_run_before_going_back_does_nothing(bench):
    bench.begin()
    bench.control.go_back()
    bench.train(1)
    assert (len(bench.starts), bench.failures) == (1, [])


def test_a_refused_run_is_not_one_to_go_back_to(bench, tmp_path):
    bench.begin(seed=1)
    bench.begin(seed=2)
    bench.begin(task="text", file=tmp_path / "nothing.txt")
    bench.control.go_back()
    bench.wait_for(lambda: len(bench.starts) == 3)
    assert bench.starts[-1].config.seed == 1


def test_a_step_shows_exactly_its_own_update(bench):
    bench.begin()
    for update in (1, 2, 3):
        bench.control.step()
        bench.wait_for(lambda update=update: bench.traces[-1].update == update)
        assert bench.updates[-1] == update
    assert [trace.update for trace in bench.traces] == [None, 1, 2, 3]


def test_the_last_of_several_updates_is_shown(bench):
    bench.begin()
    bench.control.run(7)
    bench.wait_for(lambda: bench.traces and bench.traces[-1].update == 7)


def test_at_full_speed_nothing_is_traced_that_nobody_asked_for(bench):
    bench.begin()
    bench.control.run()
    bench.wait_for(lambda: len(bench.records) >= 50)
    bench.settle()
    assert {trace.update for trace in bench.traces} <= {None, bench.updates[-1]}


def test_a_trace_that_was_asked_for_belongs_to_a_record_before_it(bench):
    bench.begin()
    bench.control.run()
    bench.wait_for(lambda: len(bench.records) >= 10)
    bench.mailbox.request_trace()
    bench.wait_for(lambda: len(bench.traces) == 2)
    log, trace = bench.mailbox.log, bench.traces[1]
    assert trace.update in [record.update for record in log[: log.index(trace)] if isinstance(record, UpdateRecord)]
    assert trace.update >= 10


def test_what_is_looked_at_was_checked(bench):
    bench.begin()
    bench.control.step()
    bench.wait_for(lambda: bench.traces[-1].update == 1)
    assert bench.traces[-1].check.update == 1
    assert bench.traces[-1].check.passed


def test_a_setting_changes_from_the_next_update_on(bench):
    bench.begin()
    bench.train(2)
    bench.control.change(rate=0.125, clip="off")
    bench.train(2)
    assert [(record.rate, record.clip) for record in bench.records] == [(0.01, "norm")] * 2 + [(0.125, "off")] * 2
    assert bench.changes[-1].config == config(rate=0.125, clip="off")


def test_a_change_that_is_not_possible_is_refused_in_words(bench):
    bench.begin()
    bench.control.change(rate=-1.0)
    bench.wait_for(lambda: bench.failures)
    assert [failed.kind for failed in bench.failures] == ["refused"]
    assert "rate" in bench.failures[0].sentence
    bench.train(1)
    assert bench.records[0].rate == 0.01


def test_a_refusal_is_a_sentence_for_people_and_not_pydantics_own_report(bench):
    bench.begin()
    bench.control.change(rate=-1.0)
    bench.wait_for(lambda: bench.failures)
    assert "\n" not in bench.failures[0].sentence
    assert "pydantic" not in bench.failures[0].sentence


def test_another_sequence_is_shown_at_once(bench):
    bench.begin()
    bench.train(1)
    bench.settle()
    seen = len(bench.traces)
    bench.control.change(shown="batch")
    bench.wait_for(lambda: len(bench.traces) == seen + 1)


def test_before_the_first_run_changes_and_updates_do_nothing(bench):
    bench.control.change(rate=0.5)
    bench.control.run(3)
    bench.begin()
    bench.train(2)
    assert bench.updates == [1, 2]
    assert bench.records[0].rate == 0.01


def test_after_a_first_run_that_was_refused_another_can_be_trained(bench, tmp_path):
    bench.control.run()
    bench.begin(task="text", file=tmp_path / "nothing.txt")
    bench.begin()
    bench.train(2)
    assert [failed.kind for failed in bench.failures] == ["refused"]
    assert bench.updates[:2] == [1, 2]


def test_closing_waits_for_the_update_under_way(monkeypatch):
    bench, under_way, closing = Bench(), threading.Event(), threading.Event()
    update, close = Trainer.update, bench.control.close

    def slow_update(trainer):
        under_way.set()
        assert closing.wait(60)
        return update(trainer)

    def close_now():
        close()
        closing.set()

    monkeypatch.setattr(Trainer, "update", slow_update)
    monkeypatch.setattr(bench.control, "close", close_now)
    bench.runner.start()
    bench.begin()
    bench.control.run()
    assert under_way.wait(60)
    bench.runner.close()
    assert not bench.runner._thread.is_alive()
    assert bench.updates == [1]


def test_closing_a_runner_that_never_started_does_nothing():
    Bench().runner.close()


def test_closing_twice_does_no_harm():
    bench = Bench()
    bench.runner.start()
    bench.runner.close()
    bench.runner.close()
    assert not bench.runner._thread.is_alive()


def test_a_runner_that_was_closed_before_its_start_ends_at_once():
    bench = Bench()
    bench.control.run()
    bench.runner.close()
    bench.runner.start()
    bench.runner._thread.join(60)
    assert not bench.runner._thread.is_alive()
    assert bench.mailbox.log == []


def test_pausing_shows_the_newest_update(bench):
    bench.begin()
    bench.control.run()
    bench.wait_for(lambda: len(bench.records) >= 20)
    bench.control.pause()
    bench.wait_for(lambda: bench.traces[-1].update == bench.updates[-1])


def test_a_run_that_is_begun_in_order_to_be_trained_is_trained(bench):
    bench.control.begin(config(), train=True)
    bench.wait_for(lambda: len(bench.records) >= 5)
    assert bench.starts[0].train


def test_a_refused_run_that_was_to_be_trained_leaves_the_old_one_standing(bench, tmp_path):
    bench.begin()
    bench.train(2)
    bench.control.begin(config(task="text", file=tmp_path / "nothing.txt"), train=True)
    bench.wait_for(lambda: bench.failures)
    bench.settle()
    assert bench.updates == [1, 2]
