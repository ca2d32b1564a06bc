"""A run as a PyTorch program: it gives the same losses, in another process and without rnnviz."""

import ast
import subprocess
import sys

import numpy as np
import pytest

from rnnviz.exchange.control import Control
from rnnviz.exchange.messages import Written
from rnnviz.exchange.orders import WriteProgram
from rnnviz.training.programs.writing import write_program
from rnnviz.training.run import Run
from rnnviz.training.runner import Runner
from rnnviz.training.trainer import Trainer
from tests.builders import WatchedMailbox, config

UPDATES = 25
RUNS = {
    "lstm": {},
    "rnn_tanh_value_sgd": {"cell": "rnn_tanh", "clip": "value", "threshold": 0.02, "optimizer": "sgd", "rate": 0.1},
    "rnn_relu_off_rmsprop": {"cell": "rnn_relu", "clip": "off", "optimizer": "rmsprop", "embedding": 0},
    "gru_two_both_ways": {"cell": "gru", "layers": 2, "bidirectional": True, "threshold": 0.1},
    "lstm_dropout": {"layers": 2, "dropout": 0.4},
    "textbook_both_ways": {"cell": "gru_textbook", "bidirectional": True, "dropout": 0.2},
    "carried": {"task": "python", "carry": True, "length": 9},
    "carried_gru": {"task": "python", "carry": True, "length": 9, "cell": "gru", "layers": 2},
    "carried_textbook": {"task": "python", "carry": True, "length": 9, "cell": "gru_textbook"},
    "numbers": {"task": "adding", "length": 12},
    "numbers_to_numbers": {"task": "mackey_glass", "length": 12, "cell": "gru"},
    "lengths": {"task": "dates"},
    "one": {"task": "trigrams"},
    "translator": {"task": "reversal", "length": 10, "cell": "gru", "attention": "additive", "decoder": True},
    "lengths_both_ways": {"task": "sentiment", "attention": "general", "bidirectional": True},
    "dates_textbook": {"task": "dates", "cell": "gru_textbook", "attention": "dot", "decoder": True},
    "frozen": {"frozen": True, "threshold": 0.1},
    "lag_both_ways": {"task": "look_ahead", "length": 12, "lag": 3, "bidirectional": True},
    "lag_at_the_end": {"task": "delayed_bit", "length": 12, "lag": 4, "cell": "gru", "bidirectional": True},
}
RUN_THEM = """
import contextlib, io, runpy, sys
for path in sys.argv[1:]:
    said = io.StringIO()
    sys.argv = [path]
    with contextlib.redirect_stdout(said):
        runpy.run_path(path)
    print(said.getvalue().split()[1::2])
assert not any(name.partition(".")[0] == "rnnviz" for name in sys.modules)
"""


def losses_of(*paths):
    """What the programs print, run in one other process."""
    command = [sys.executable, "-I", "-c", RUN_THEM, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return [np.array(ast.literal_eval(line), float) for line in done.stdout.splitlines()]


def trained(run, updates=UPDATES):
    return np.array([run.update().loss for _ in range(updates)])


def test_the_programs_give_the_losses_of_their_runs(tmp_path):
    runs = {name: Run(1, Trainer(config(**changes))) for name, changes in RUNS.items()}
    expected = {name: trained(run) for name, run in runs.items()}
    for name, run in runs.items():
        write_program(tmp_path / f"{name}.py", run, UPDATES)
    found = dict(zip(RUNS, losses_of(*(tmp_path / f"{name}.py" for name in RUNS)), strict=True))
    for name, losses in expected.items():
        np.testing.assert_allclose(found[name], losses, rtol=1e-6, err_msg=name)


def test_what_was_changed_while_it_ran_is_changed_in_the_program(tmp_path):
    run = Run(1, Trainer(config()))
    losses = trained(run, 5)
    run.change({"rate": 0.03, "dropout": 0.3})
    losses = np.concatenate([losses, trained(run, 5)])
    run.change({"clip": "value", "threshold": 0.01, "shown": "batch"})
    run.remember(looked_at=True)
    run = run.branch(2, 10, {"optimizer": "sgd", "forget_bias": 2.0, "rate": 0.2})
    losses = np.concatenate([losses, trained(run, 6)])
    run.change({"dropout": 0.0})
    losses = np.concatenate([losses, trained(run, 4)])
    write_program(tmp_path / "changed.py", run, 20)
    (found,) = losses_of(tmp_path / "changed.py")
    np.testing.assert_allclose(found, losses, rtol=1e-6)


def test_the_program_is_short_and_has_only_what_it_needs(tmp_path):
    write_program(tmp_path / "a.py", Run(1, Trainer(config())), 2)
    text = (tmp_path / "a.py").read_text("utf-8")
    assert len(text.splitlines()) < 90
    assert "dropout" not in text.replace("'dropout': 0.0", "")
    assert "TextbookGRU" not in text
    assert "rnnviz" not in text.partition('"""\n')[2]


def test_a_long_run_has_a_thousand_batches_at_most(tmp_path, monkeypatch):
    run = Run(1, Trainer(config(hidden=2, batch=1, length=4)))
    monkeypatch.setattr(Trainer, "newest", 5000)
    write_program(tmp_path / "a.py", run)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as data:
        assert sum(name.startswith("inputs/") for name in data.files) == 1000
        assert data["inputs/0"].dtype == np.int16


@pytest.mark.parametrize("folder", [True, False])
def test_the_worker_writes_the_program_or_says_why_not(tmp_path, folder):
    control, mailbox = Control(), WatchedMailbox()
    runner = Runner(control, mailbox)
    runner.start()
    try:
        path = tmp_path / ("x.py" if folder else "file/x.py")
        if not folder:
            (tmp_path / "file").write_text("no folder")
        control.begin(config(hidden=2, batch=1))
        mailbox.wait_for(lambda: mailbox.log)
        control.keep(WriteProgram(path))
        mailbox.wait_for(lambda: mailbox.of(Written) or any("cannot be written" in str(entry) for entry in mailbox.log))
    finally:
        runner.close()
    assert path.exists() == folder
