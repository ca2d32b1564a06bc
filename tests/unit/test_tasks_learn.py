"""Every small real task is learned: a short training on fresh sequences beats chance on those that are held out."""

import pytest

from tests.builders import file_for, trainer

# Task, settings, updates (a multiple of 50), and the share of the loss by chance that has to be reached: a good
# deal above what seed 0 reaches.
LEARNED = [
    pytest.param("airline", {"length": 24}, 300, 0.03, id="airline"),
    pytest.param("mackey_glass", {}, 300, 0.01, id="mackey_glass"),
    pytest.param("sines", {}, 300, 0.16, id="sines"),
    pytest.param("motion", {"length": 6, "rate": 0.005, "hidden": 48}, 600, 0.5, id="motion"),
    pytest.param("captions", {}, 400, 0.15, id="captions"),
    pytest.param("speech", {"batch": 32}, 150, 0.15, id="speech"),
    pytest.param("music", {"length": 40}, 250, 0.65, id="music"),
    pytest.param("series_csv", {}, 300, 0.2, id="series_csv"),
]


@pytest.mark.parametrize(("name", "settings", "updates", "share"), LEARNED)
def test_a_short_training_beats_chance_on_what_is_held_out(name, settings, updates, share, tmp_path):
    usual = {"cell": "gru", "hidden": 24, "length": 20, "batch": 16, "rate": 0.01, "file": file_for(name, tmp_path)}
    run = trainer(task=name, **{**usual, **settings})
    *_, last = run.updates(updates)
    assert last.validation_loss < share * run.facts.chance_loss
