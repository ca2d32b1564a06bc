"""The worker with a recording in place of a run."""

import json

import numpy as np
import pytest

import rnnviz
from rnnviz.domain.trace import Trace
from rnnviz.exchange.messages import Past, Recorded, Showing
from rnnviz.exchange.orders import Branch, ForkRun, Intervene, Show, Watch
from rnnviz.recording.trained import TrainingRecorder
from tests.builders import file_for, relative_errors, trainer
from tests.unit.bench import Bench
from tests.unit.loops import batch, trained


@pytest.fixture
def recording(tmp_path):
    """A recording of six updates that has ended."""
    path = tmp_path / "run.rnnviz"
    trained("gru, no bias", path, updates=6)
    return path


def opened(bench: Bench, path) -> None:
    bench.control.open(path)
    bench.wait_for(lambda: any(failed.kind == "ended" for failed in bench.failures))
    bench.stand()


def messages(bench: Bench, kind: type) -> list:
    return [entry for entry in bench.mailbox.log if isinstance(entry, kind)]


def test_opening_shows_every_record_and_the_newest_trace(bench, recording):
    opened(bench, recording)
    (started,) = bench.starts
    assert started.facts.recording
    assert started.config.cell == "gru"
    assert bench.updates == [1, 2, 3, 4, 5, 6]
    assert bench.traces[-1].update == 6
    rows = dict(messages(bench, Recorded)[-1].rows)
    assert rows["state"] == "ended"
    assert (rows["updates"], rows["traces"]) == ("6", "6")
    assert rows["recurrent"] == "rnn: GRU 3 → 5"


def test_the_map_of_the_whole_recording_is_filled_in(bench, recording):
    opened(bench, recording)
    assert {past.trace.update for past in messages(bench, Past)} == {1, 2, 3, 4, 5, 6}


def test_any_traced_update_can_be_shown_and_played_from(bench, recording):
    opened(bench, recording)
    bench.wish(Show(update=2))
    assert bench.traces[-1].update == 2
    assert messages(bench, Showing)[-1].record.update == 2
    seen = len(bench.traces)
    bench.control.run()
    bench.wait_for(lambda: len(bench.traces) >= seen + 5)
    assert [trace.update for trace in bench.traces[seen : seen + 5]] == [3, 4, 5, 6, 6]
    assert messages(bench, Showing)[-1].update is None


def test_an_update_without_a_trace_is_refused(bench, recording):
    opened(bench, recording)
    bench.wish(Show(update=77))
    assert "update 77 was not traced" in bench.failures[-1].sentence


@pytest.mark.parametrize("wish", [ForkRun({"rate": 1.0}), Branch(1, {}), Intervene(())])
def test_what_needs_a_trainer_is_refused_with_a_sentence(bench, recording, wish):
    opened(bench, recording)
    bench.wish(wish)
    assert bench.failures[-1].kind == "refused"
    assert bench.failures[-1].sentence.startswith("This is a recording: nothing of it can be trained")


def test_studies_are_made_of_the_update_that_is_shown(bench, recording):
    opened(bench, recording)
    bench.wish(Watch(frozenset({"influence", "spectrum", "anatomy"})))
    studies = bench.mailbox.collect().studies
    assert studies["influence"].update == 6
    assert len(studies["spectrum"].layers) == 1
    assert studies["anatomy"] is None


def test_a_recording_is_followed_while_it_is_written(bench, tmp_path):
    model, _, _ = trained("lstm", None, updates=1)
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz", every=0)

    def update(number):
        loss = model(batch(number))
        loss.backward()
        watch.update(loss)

    update(1)
    bench.control.open(tmp_path / "run.rnnviz")
    bench.wait_for(lambda: bench.updates == [1])
    for number in range(2, 6):
        bench.mailbox.request_trace()
        update(number)
    bench.wait_for(lambda: bench.updates == [1, 2, 3, 4, 5])
    bench.mailbox.request_trace()
    bench.wait_for(lambda: bench.traces and bench.traces[-1].update == 5)
    assert dict(messages(bench, Recorded)[-1].rows)["state"] == "being written"
    watch.close()
    bench.wait_for(lambda: any(failed.kind == "ended" for failed in bench.failures))


def test_a_file_that_is_no_recording_leaves_the_run_as_it_is(bench, tmp_path):
    bench.begin()
    (tmp_path / "run.rnnviz").write_text("no")
    bench.control.open(tmp_path / "run.rnnviz")
    bench.wait_for(lambda: bench.failures)
    assert "is not a recording" in bench.failures[-1].sentence
    bench.train(2)
    assert bench.updates == [1, 2]


def test_one_can_go_back_to_the_run_before_and_to_the_recording(bench, recording):
    bench.begin(seed=3)
    opened(bench, recording)
    bench.control.go_back()
    bench.wait_for(lambda: len(bench.starts) == 3)
    assert not bench.starts[-1].facts.recording
    bench.control.go_back()
    bench.wait_for(lambda: len(bench.starts) == 4)
    assert bench.starts[-1].run == bench.starts[1].run
    bench.stand()
    assert bench.updates == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "changes",
    [
        {"cell": "gru_textbook", "task": "hello", "layers": 2},
        {"cell": "lstm", "task": "look_ahead", "bidirectional": True},
        {"cell": "rnn_relu", "task": "sines"},
        {"cell": "gru", "task": "hello", "carry": False, "shown": "batch"},
        {"cell": "lstm", "task": "reversal", "decoder": True, "attention": "dot", "layers": 2},
        {"cell": "gru", "task": "sentiment", "attention": "general", "bidirectional": True},
        {"cell": "gru_textbook", "task": "dates", "decoder": True},
    ],
)
def test_a_training_of_rnnviz_is_recorded_with_everything_that_its_window_shows(tmp_path, changes):
    made = trainer(**changes)
    recorder = TrainingRecorder(tmp_path / "run.rnnviz", made, every=0)
    records = []
    for record in made.updates(3):
        recorder.add(record, last=record.update == 3)
        records.append(record)
    expected: Trace = made.trace()
    recorder.close()
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        found = recording.rebuilt(3)
        assert recording.records() == records
    assert found.difference < 1e-6
    assert found.trace.losses == pytest.approx(expected.losses, rel=1e-6)
    ours, theirs = found.trace.reading, expected.reading
    assert (ours.tokens, ours.targets, ours.vocabulary, ours.outputs) == (
        theirs.tokens,
        theirs.targets,
        theirs.vocabulary,
        theirs.outputs,
    )
    assert found.trace.decoded_from == expected.decoded_from
    assert (found.trace.attention is None) == (expected.attention is None)
    if expected.attention is not None:
        assert np.array_equal(found.trace.attention, expected.attention)
    for layer, known in zip(found.trace.layers, expected.layers, strict=True):
        for name in ("hidden", "hidden_grads", "hidden_grads_last", "hidden_grads_direct"):
            assert relative_errors(getattr(layer, name), getattr(known, name)).max() < 1e-5


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "reversal", "length": 12, "attention": "general"},
        {"task": "reversal", "length": 12, "attention": "dot", "layers": 2, "bidirectional": True},
        {"task": "reversal", "length": 12, "decoder": True, "layers": 2},
        {"task": "reversal", "length": 12, "decoder": True, "attention": "additive", "cell": "gru_textbook"},
        {"task": "own_arrays"},
        {"task": "own_arrays", "bidirectional": True},
    ],
)
def test_translators_and_filled_up_sequences_are_recorded_as_they_are(tmp_path, changes):
    made = trainer(**changes, file=file_for(changes["task"], tmp_path))
    recorder = TrainingRecorder(tmp_path / "run.rnnviz", made, every=0)
    for record in made.updates(3):
        recorder.add(record, last=record.update == 3)
    recorder.close()
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        found = recording.rebuilt(3)
    ours, theirs = found.trace, made.trace()
    assert found.difference < 1e-6
    for name in ("padding", "decoded_from", "carried", "written"):
        assert getattr(ours, name) == getattr(theirs, name)
    np.testing.assert_array_equal(ours.attention, theirs.attention)
    assert (found.subject is None) == ("attention" in changes)
    for layer, known in zip(ours.layers, theirs.layers, strict=True):
        assert set(layer.gates) == set(known.gates)
        for name in ("hidden", "hidden_grads", "hidden_grads_last", "hidden_grads_direct", "hidden_grads_first"):
            if getattr(known, name) is None:
                assert getattr(layer, name) is None
            else:
                assert relative_errors(getattr(layer, name), getattr(known, name)).max() < 1e-5


def test_the_window_is_told_the_settings_that_a_training_was_recorded_with(bench, tmp_path):
    made = trainer(task="hello", rate=0.02)
    recorder = TrainingRecorder(tmp_path / "run.rnnviz", made)
    recorder.add(made.update())
    recorder.close()
    opened(bench, tmp_path / "run.rnnviz")
    (started,) = bench.starts
    assert started.config == made.config
    assert (started.facts.chance, started.facts.unit) == (made.facts.chance, "nats")
    assert json.dumps(dict(messages(bench, Recorded)[-1].rows))
