"""`rnnviz train` and `rnnviz info`: what they write, what they say, how they end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import rnnviz
from rnnviz import cli
from rnnviz.config import RunConfig
from rnnviz.files.errors import BadFileError
from rnnviz.lessons import LESSONS
from tests.builders import config, text_file
from tests.unit.loops import trained

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path):
    """A file with settings."""

    def write(**changes):
        path = tmp_path / "settings.json"
        path.write_text(config(**changes).model_dump_json())
        return path

    return write


def train(tmp_path, what, *more) -> int:
    return cli.main(["train", str(what), "--quiet", "--out", str(tmp_path / "run.rnnviz"), *more])


def test_train_records_every_update_and_the_last_trace(tmp_path, settings, capsys):
    assert train(tmp_path, settings(task="hello"), "--updates", "7") == 0
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.counts == (7, 7)
        assert recording.traces()[-1] == 7
        assert recording.standing.ended
        assert RunConfig(**recording.facts.config) == config(task="hello")
    assert f"{tmp_path / 'run.rnnviz'}: 7 updates" in capsys.readouterr().err


def test_train_takes_a_lag_out_of_the_file(tmp_path, settings):
    given = {"task": "look_ahead", "length": 9, "lag": 2}
    assert train(tmp_path, settings(**given), "--updates", "2") == 0
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert RunConfig(**recording.facts.config) == config(**given)
        reading = recording.trace(2).reading
    assert reading.targets == (*reading.tokens[2:], None, None)


def test_train_tells_programs_what_was_recorded(tmp_path, settings, capsys):
    assert train(tmp_path, settings(task="hello"), "--updates", "3", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        loss = recording.records()[-1].loss
    assert told == {"out": str(tmp_path / "run.rnnviz"), "updates": 3, "loss": loss, "code": 0}


def test_train_takes_the_name_of_a_lesson(tmp_path):
    name = next(iter(LESSONS))
    assert train(tmp_path, name, "--updates", "2") == 0
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert RunConfig(**recording.facts.config) == LESSONS[name].configs[0]


def test_a_training_that_diverges_keeps_what_was_recorded_and_ends_with_5(tmp_path, settings, capsys):
    diverging = {
        "cell": "rnn_relu",
        "optimizer": "sgd",
        "rate": 1000.0,
        "clip": "off",
        "init": "gaussian",
        "gain": 50.0,
    }
    assert train(tmp_path, settings(**diverging)) == 5
    assert "The weights are still those of update" in capsys.readouterr().err
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.standing.ended


def recorded(path) -> int:
    """How many updates can be read by now."""
    try:
        with rnnviz.Recording(path) as recording:
            return recording.counts[0]
    except BadFileError:  # it is being made
        return 0


def test_ctrl_c_keeps_what_was_recorded_and_ends_with_130(tmp_path, settings):
    path = tmp_path / "run.rnnviz"
    program = [sys.executable, "-m", "rnnviz", "train", settings(), "--quiet", "--updates", "10000000", "--out", path]
    with subprocess.Popen(program, cwd=ROOT, stderr=subprocess.PIPE) as running:  # noqa: S603  # this very program
        until = time.monotonic() + 60
        while recorded(path) < 20 and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=60)[1].decode()
    assert running.returncode == 130
    assert "updates" in said
    with rnnviz.Recording(path) as recording:
        assert recording.standing.ended
        assert recording.counts[0] == recording.counts[1] >= 20


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (None, 3, "is no file, and no lesson; expected a file or one of"),
        ("{", 3, "expected a JSON object"),
        ('{"hidden": 0}', 3, "hidden is 0"),
        ('{"colour": 1}', 3, "'colour' is not a setting"),
        ('{"task": "look_ahead", "lag": 20}', 3, "lag is 20, expected 1 to 19 for 20 tokens"),
        ('{"task": "text", "file": "gone.txt"}', 3, "gone.txt: does not exist"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_a_sentence(tmp_path, capsys, content, code, words):
    path = tmp_path / "settings.json"
    if content is not None:
        path.write_text(content)
    assert train(tmp_path, path) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "run.rnnviz").exists()


def test_what_train_cannot_do_is_refused(tmp_path, settings, capsys):
    assert train(tmp_path, settings(), "--updates", "0") == 2
    assert train(tmp_path, settings(), "--every", "-1") == 2
    assert cli.main(["train", str(settings()), "--out", str(tmp_path / "no" / "run.rnnviz")]) == 4
    assert "cannot be written" in capsys.readouterr().err


def test_info_says_what_a_recording_is(tmp_path, capsys):
    trained("gru, both ways, deep, ends", tmp_path / "run.rnnviz")
    assert cli.main(["info", str(tmp_path / "run.rnnviz")]) == 0
    said = capsys.readouterr().out
    assert "recurrent      rnn: GRU 3 → 5, 3 layers, both ways" in said
    assert "state          ended" in said
    assert cli.main(["info", str(tmp_path / "run.rnnviz"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["updates"], found["traces"], found["newest update"]) == ("recording", 4, 4, 4)


def test_info_refuses_other_files(tmp_path, capsys):
    assert cli.main(["info", str(text_file(tmp_path))]) == 3
    assert "is not of a kind that rnnviz knows, expected one of: recording" in capsys.readouterr().err
    assert cli.main(["info", str(tmp_path / "gone")]) == 3
    trained("rnn", tmp_path / "run.rnnviz", updates=1)
    damaged = (tmp_path / "run.rnnviz").read_bytes()[:9000]
    (tmp_path / "run.rnnviz").write_bytes(damaged)
    assert cli.main(["info", str(tmp_path / "run.rnnviz")]) == 3
    assert "run.rnnviz: " in capsys.readouterr().err


def test_the_window_opens_a_recording_shows_a_text_or_learns_from_it(tmp_path, monkeypatch, capsys):
    opened = []

    def run_window(run, *, theme, **more):
        opened.append((run.task, more))
        return 0

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr("rnnviz.app.main.run_window", run_window)
    trained("rnn", tmp_path / "run.rnnviz", updates=1)
    assert cli.main([str(tmp_path / "run.rnnviz")]) == 0
    text = text_file(tmp_path)
    assert cli.main([str(text)]) == 0
    assert cli.main(["--text", str(text)]) == 0
    assert opened == [
        ("python", {"opened": tmp_path / "run.rnnviz", "beside": False}),
        ("python", {"opened": text, "beside": True}),
        ("text", {}),
    ]
    assert cli.main([str(tmp_path / "gone.rnnviz")]) == 3
    assert "does not exist, expected a recording" in capsys.readouterr().err
    assert os.environ["OMP_NUM_THREADS"]


def test_info_tells_weights_in_words_and_not_as_python(tmp_path, capsys):
    path = tmp_path / "a.pt"
    torch.save(torch.nn.LSTM(3, 4).state_dict(), path)
    assert cli.main(["info", str(path)]) == 0
    told = capsys.readouterr().out
    assert "made of nn.LSTM, cell lstm" in told
    assert "layers 1" in told
    assert "bias yes" in told
    assert not set("{}'") & set(told)
