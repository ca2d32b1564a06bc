"""The three textbook programs: their sizes, and what is said of what they learn."""

import math

import pytest

from rnnviz.lessons.textbook import TEXTBOOK_HELLO, TEXTBOOK_NOISE, TEXTBOOK_TRIGRAMS
from rnnviz.training.trainer import Trainer

BIGRAM_FLOOR = 0.4682


@pytest.mark.parametrize(
    ("lesson", "recurrent", "keras", "total"),
    [(TEXTBOOK_HELLO, 1344, 1312, 1672), (TEXTBOOK_TRIGRAMS, 12400, 12200, 17768), (TEXTBOOK_NOISE, 2112, 2080, 2145)],
    ids=["hello", "trigrams", "noise"],
)
def test_the_sizes_are_those_of_the_keras_programs_and_a_second_bias(lesson, recurrent, keras, total):
    trainer = Trainer(lesson.configs[0])
    (layer,) = trainer.network.layers
    assert sum(part.numel() for part in layer.parameters()) == recurrent
    assert recurrent - layer.bias_hh_l0.numel() == keras
    assert trainer.facts.parameters == total


def test_hello_world_is_learned_below_the_bigram_floor_in_a_hundred_epochs():
    records = list(Trainer(TEXTBOOK_HELLO.configs[0]).updates(TEXTBOOK_HELLO.updates))
    assert records[-1].loss == pytest.approx(0.33, abs=0.02)
    assert records[-1].loss < BIGRAM_FLOOR
    assert records[-1].accuracy == 1


def test_the_trigrams_are_learned_by_heart_while_others_get_worse():
    records = list(Trainer(TEXTBOOK_TRIGRAMS.configs[0]).updates(TEXTBOOK_TRIGRAMS.updates))
    held_out = [record.validation_loss for record in records if record.validation_loss is not None]
    assert held_out[0] == pytest.approx(4.5, abs=0.15)
    assert held_out[-1] > 7.5 > math.log(88)
    assert sum(record.accuracy for record in records[-50:]) / 50 > 0.85


@pytest.mark.slow
def test_random_numbers_are_learned_by_heart_and_fresh_ones_get_worse():
    records = list(Trainer(TEXTBOOK_NOISE.configs[0]).updates(2 * TEXTBOOK_NOISE.updates))
    held_out = [record.validation_loss for record in records if record.validation_loss is not None]
    assert sum(record.loss for record in records[288:320]) / 32 < 1 / 12
    assert min(held_out) > 1 / 12
    assert held_out[-1] > 1.2 / 12
