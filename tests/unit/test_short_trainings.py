"""Every task is learned a little in seconds: what is held out ends below the line that is told, with a fixed seed."""

import math

import pytest

from rnnviz.config import RunConfig
from rnnviz.tasks import TASKS
from rnnviz.training.trainer import Trainer
from tests.builders import file_for

SMALL = RunConfig(cell="gru", hidden=32, batch=16, rate=0.01, seed=0)
BY_HEART = {"trigrams", "noise"}  # which have nothing else to be learned
# Task: settings, updates, and a share of the chance line that the loss has to be below: well above what is reached.
TRAININGS = {
    "hello": ({"length": 12}, 50, 0.3),
    "python": ({"length": 20}, 100, 0.75),
    "text": ({"length": 20}, 100, 0.8),
    "temporal_order": ({"length": 10}, 200, 0.5),
    "look_ahead": ({"length": 12, "cell": "lstm", "hidden": 16, "bidirectional": True}, 300, 0.5),
    "adding": ({"length": 10, "batch": 32}, 350, 0.18),
    "delayed_bit": ({"cell": "lstm", "length": 10, "hidden": 16, "batch": 32}, 200, 0.14),
    "mapping": ({"cell": "rnn_tanh", "batch": 32, "rate": 0.02}, 400, 0.1),
    "airline": ({"hidden": 24, "length": 24}, 300, 0.03),
    "mackey_glass": ({"hidden": 24}, 300, 0.01),
    "sines": ({"hidden": 24}, 300, 0.16),
    "motion": ({"length": 6, "rate": 0.005, "hidden": 48}, 600, 0.5),
    "captions": ({"hidden": 24}, 400, 0.2),
    "speech": ({"hidden": 24, "batch": 32}, 150, 0.15),
    "music": ({"hidden": 24, "length": 40}, 250, 0.65),
    "series_csv": ({"hidden": 24}, 300, 0.2),
    "copy": ({"length": 24}, 200, 0.6),
    "parity": ({"length": 10}, 600, 0.1),
    "multiplication": ({"length": 8}, 200, 0.3),
    "reber": ({}, 200, 0.25),
    "reversal": ({"length": 8}, 300, 0.5),
    "dates": ({}, 150, 0.5),
    "words": ({"length": 10}, 200, 0.95),
    "text_words": ({"length": 10}, 60, 0.8),
    "sentiment": ({}, 200, 0.3),
    "sentiment_csv": ({"length": 10}, 60, 0.3),
    "own_arrays": ({}, 60, 0.5),
    "speech_wav": ({}, 60, 0.5),
}


def lowest_loss(task, folder, changes, updates):
    trainer = Trainer(SMALL.changed(task=task, file=file_for(task, folder), **changes))
    records = list(trainer.updates(updates))
    held_out = [record.validation_loss for record in records if record.validation_loss is not None]
    return trainer, min(held_out) if held_out else records[-1].loss


def test_every_task_of_the_catalogue_is_among_them():
    assert TRAININGS.keys() | BY_HEART == set(TASKS)


@pytest.mark.parametrize("task", TRAININGS)
def test_a_short_training_beats_chance(task, tmp_path):
    changes, updates, share = TRAININGS[task]
    trainer, loss = lowest_loss(task, tmp_path, changes, updates)
    assert loss < share * trainer.facts.chance.loss
    assert trainer.trace().losses is not None


@pytest.mark.parametrize(("task", "updates"), [("multiplication", 400), ("sentiment", 400), ("dates", 200)])
def test_a_few_updates_more_beat_the_simple_rule(task, updates, tmp_path):
    trainer, loss = lowest_loss(task, tmp_path, TRAININGS[task][0], updates)
    assert loss < trainer.facts.best.loss


def test_a_network_that_remembers_the_second_symbol_of_a_reber_string_gets_to_the_optimum(tmp_path):
    _, loss = lowest_loss("reber", tmp_path, {}, 400)
    assert loss == pytest.approx(7 * math.log(2) / 11, abs=0.02)


def test_trigrams_are_learned_by_heart_and_no_other_words():
    trainer = Trainer(SMALL.changed(task="trigrams"))
    records = list(trainer.updates(200))
    assert sum(record.loss for record in records[-20:]) / 20 < 0.15 * trainer.facts.chance.loss
    assert records[-1].validation_loss is None or records[-1].validation_loss > math.log(88)


def test_noise_is_learned_by_heart_and_fresh_noise_is_not():
    trainer = Trainer(SMALL.changed(task="noise", length=4, batch=64))
    records = list(trainer.updates(600))
    held_out = [record.validation_loss for record in records if record.validation_loss is not None]
    assert sum(record.loss for record in records[-20:]) / 20 < 0.8 / 12
    assert min(held_out) > 0.98 / 12
    assert held_out[-1] > 1.05 / 12


@pytest.mark.slow
def test_copying_gets_below_the_line_of_who_has_no_memory(tmp_path):
    """The published check: T = 20 blanks, LSTM of 64 units."""
    trainer, loss = lowest_loss("copy", tmp_path, {"length": 40, "cell": "lstm", "hidden": 64, "rate": 0.003}, 3000)
    assert loss < 0.95 * trainer.facts.best.loss
