"""What may go wrong around a watch, and that the training never feels it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from torch import nn

import rnnviz
from rnnviz.recording.capture import Capture
from rnnviz.recording.limits import Limits
from rnnviz.recording.store import Store
from tests.unit.loops import batch, trained

ROOT = Path(__file__).resolve().parents[2]


def stepped(model, watch, update=0):
    """One update."""
    loss = model(batch(update))
    loss.backward()
    watch.update(loss)
    return loss


@pytest.fixture
def model():
    made, _, _ = trained("lstm", None, updates=1)
    return made


def is_recorded(path):
    """Whether something of the loop can be read: how soon the first is written depends on the machine."""
    with rnnviz.Recording(path) as recording:
        return bool(recording.records()) and bool(recording.traces())


def test_all_but_the_last_moment_can_be_read_after_a_kill(tmp_path):
    path = tmp_path / "run.rnnviz"
    program = [sys.executable, "-m", "tests.unit.killed", str(path)]
    with subprocess.Popen(  # noqa: S603  # this very interpreter
        program, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as loop:
        seen = 0
        while seen < 150 or not is_recorded(path):
            seen = int(loop.stdout.readline())
        os.kill(loop.pid, signal.SIGKILL)
    with rnnviz.Recording(path) as recording:
        records, traces, standing = recording.records(), recording.traces(), recording.standing
        assert [record.update for record in records] == list(range(1, len(records) + 1))
        assert len(records) > 0
        assert all(recording.rebuilt(update).difference < 1e-6 for update in traces)
    assert traces
    assert not standing.ended


def test_a_file_that_cannot_be_made_is_logged_and_nothing_is_recorded(tmp_path, model, caplog):
    watch = rnnviz.watch(model, tmp_path / "no" / "folder" / "run.rnnviz")
    stepped(model, watch)
    watch.close()
    assert (watch.path, watch.recording) == (None, False)
    assert "so nothing is recorded; the training goes on" in caplog.text


@pytest.mark.parametrize("fault", [RuntimeError("boom"), MemoryError("none left")])
def test_a_fault_in_the_loop_is_logged_once_and_the_training_goes_on(tmp_path, model, caplog, monkeypatch, fault):
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz", every=0)
    stepped(model, watch)

    def fail(*_):
        raise fault

    monkeypatch.setattr(watch._norms, "measured", fail)
    for update in range(3):
        stepped(model, watch, update)
    watch.close()
    assert not watch.recording
    assert caplog.text.count(str(fault)) == 1
    assert not model.rnn._forward_hooks
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.counts == (1, 1)


def test_a_fault_inside_a_hook_does_not_reach_the_forward_pass(tmp_path, model, caplog, monkeypatch):
    def fail(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr("rnnviz.recording.hooks.Takings.take", fail)
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz")
    assert torch.isfinite(stepped(model, watch))
    watch.close()
    assert caplog.text.count("boom") == 1


def test_a_full_disk_ends_the_recording_and_not_the_training(tmp_path, model, caplog):
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz", every=0)
    watch._writer._store._connection.execute("PRAGMA max_page_count = 12")
    for update in range(60):
        stepped(model, watch, update)
    watch._writer._thread.join(10)
    stepped(model, watch)
    assert not watch.recording
    assert "the recording stopped with OperationalError: database or disk is full" in caplog.text
    watch.close()


def test_what_the_writer_cannot_keep_up_with_is_dropped_and_counted(tmp_path, model):
    gate = threading.Event()
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz", every=0, limits=Limits(waiting_updates=5, waiting=8000))
    store = watch._writer._store
    begin = store.begin
    store.begin = lambda: (gate.wait(10), begin())
    for update in range(20):
        stepped(model, watch, update)
    gate.set()
    watch.close()
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        standing, (count, _) = recording.standing, recording.counts
    assert standing.dropped_updates + count == 20
    assert standing.dropped_updates >= 5
    assert standing.dropped_traces > 0
    assert "updates and" not in standing.in_words
    assert "dropped" in standing.in_words


def test_an_update_after_the_step_is_noticed_and_not_traced(tmp_path, model, caplog):
    steps = torch.optim.SGD(model.parameters(), 0.1)
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz")
    loss = model(batch(0))
    loss.backward()
    steps.step()
    watch.update(loss)
    watch.close()
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.traces() == ()
        assert "call it before" in recording.standing.remark
    assert "call it before" in caplog.text


def test_a_state_that_is_changed_between_single_steps_is_no_sequence(tmp_path, caplog):
    cell = nn.GRUCell(3, 4)
    with rnnviz.watch(cell, tmp_path / "run.rnnviz") as watch:
        h = torch.zeros(4, 4)
        for x in batch(0).unbind(1):
            h = cell(x, h) * 0.9
        loss = h.sum()
        loss.backward()
        watch.update(loss)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.traces() == ()
        assert recording.counts == (1, 1)
        assert "the state is changed between two calls" in recording.standing.remark


def test_a_model_without_recurrent_layers_has_its_norms_recorded(tmp_path):
    model = nn.Linear(3, 2)
    with rnnviz.watch(model, tmp_path / "run.rnnviz") as watch:
        stepped(lambda x: model(x).sum(), watch)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        (record,) = recording.records()
    assert record.grad_norm > 0


def test_a_forked_process_writes_nothing(tmp_path, model, monkeypatch):
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz")
    monkeypatch.setattr(os, "getpid", lambda: -1)
    stepped(model, watch)
    monkeypatch.undo()
    watch.close()
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.counts == (0, 0)


@pytest.fixture
def distributed(tmp_path):
    """A group of one process."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/group", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_under_distributed_data_parallel_rank_0_records_the_models_own_names(tmp_path, model, distributed):
    parallel = nn.parallel.DistributedDataParallel(model)
    with rnnviz.watch(parallel, tmp_path / "run.rnnviz") as watch:
        stepped(parallel, watch)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.facts.parts[0].name == "rnn"
        assert recording.facts.model == "Sequences"
        assert recording.facts.parameter_names[0] == "rnn.weight_ih_l0"
        assert recording.rebuilt(1).difference < 1e-6


def test_other_ranks_record_nothing(tmp_path, model, distributed, monkeypatch):
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
    with rnnviz.watch(model, tmp_path / "run.rnnviz") as watch:
        stepped(model, watch)
    assert not (tmp_path / "run.rnnviz").exists()


def test_of_two_ranks_that_train_together_the_first_records_and_neither_trains_otherwise(tmp_path):
    programs = [
        subprocess.Popen(  # noqa: S603  # this very interpreter
            [sys.executable, "-m", "tests.unit.two_ranks", rank, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )
        for rank in "01"
    ]
    first, second = (json.loads(program.communicate(timeout=100)[0]) for program in programs)
    for told in (first, second):
        assert told["watched"] == told["plain"] == first["plain"]
    assert not (tmp_path / "rank-1.rnnviz").exists()
    with rnnviz.Recording(tmp_path / "rank-0.rnnviz") as recording:
        assert [record.grad_norm for record in recording.records()] == pytest.approx(first["norms"], rel=1e-12)
        assert recording.rebuilt(1).difference < 1e-6


def test_disk_space_is_bounded_and_thins_out_the_old(tmp_path, model):
    facts_from = rnnviz.watch(model, tmp_path / "first.rnnviz")
    stepped(model, facts_from)
    facts_from.close()
    with rnnviz.Recording(tmp_path / "first.rnnviz") as recording:
        facts, (record,) = recording.facts, recording.records()
    limits = Limits(disk=400_000)
    store = Store(tmp_path / "run.rnnviz", facts, limits)
    blob = torch.zeros(10_000).numpy()
    for update in range(1, 501):
        store.begin()
        store.add_updates([rnnviz.UpdateRecord(**{**_fields(record), "update": update})])
        if update % 5 == 0:
            store.add_trace(Capture(update, blob.nbytes, lambda: {(0, "x"): blob}))
        store.commit()
    store.close()
    assert (tmp_path / "run.rnnviz").stat().st_size < 1.3 * limits.disk
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        traces, updates, standing = recording.traces(), [r.update for r in recording.records()], recording.standing
    assert traces[0] == 5
    assert traces[-1] == 500
    assert len(traces) == 7
    assert updates[0] == 1
    assert updates[-1] == 500
    assert standing.thinned_traces == 93
    assert standing.thinned_updates == 500 - len(updates) > 0


def _fields(record):
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def test_a_recording_is_a_database_that_sqlite_finds_whole(tmp_path):
    trained("gru, no bias", tmp_path / "run.rnnviz")
    with sqlite3.connect(tmp_path / "run.rnnviz") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert not (tmp_path / "run.rnnviz-wal").exists()
