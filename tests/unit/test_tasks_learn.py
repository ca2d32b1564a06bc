"""Every small real task is learned: a short training on fresh sequences beats chance on those that are held out."""

import pytest

from rnnviz.tasks import TASKS
from tests.builders import file_for, trainer

# Task, settings, updates (a multiple of 50), and the share of the loss by chance that has to be reached: about 1.2
# times what seed 0 reaches.
LEARNED = [
    pytest.param("airline", {"length": 24}, 300, 0.8, id="airline"),
    pytest.param("mackey_glass", {}, 300, 0.05, id="mackey_glass"),
    pytest.param("sines", {}, 300, 0.2, id="sines"),
    pytest.param("series_csv", {}, 300, 0.2, id="series_csv"),
]


@pytest.mark.parametrize(("name", "settings", "updates", "share"), LEARNED)
def test_a_short_training_beats_chance_on_what_is_held_out(name, settings, updates, share, tmp_path):
    usual = {"cell": "gru", "hidden": 24, "length": 20, "batch": 16, "rate": 0.01, "file": file_for(name, tmp_path)}
    run = trainer(task=name, **{**usual, **settings})
    *_, last = run.updates(updates)
    assert last.validation_loss < share * run.facts.chance_loss


def test_every_task_here_says_what_its_sequences_are():
    for name in (param.values[0] for param in LEARNED):
        assert TASKS[name].about[0].islower()
