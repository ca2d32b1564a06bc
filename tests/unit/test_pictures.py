"""Tasks that show pictures: films of a moving shape, and digits with a phrase about them."""

import itertools
import math

import numpy as np
import pytest

from rnnviz.tasks import TASKS, captions, motion
from rnnviz.tasks.task import NO_TARGET, best, chance


def films(size=200, length=6):
    return motion.MotionTask(length).batch(np.random.default_rng(0), size, length)


def still(monkeypatch, module):
    """Leave the noise out."""
    monkeypatch.setattr(module, "NOISE", 0.0)


def test_a_film_shows_its_shape_one_pixel_farther_in_every_frame(monkeypatch):
    """Pixel by pixel, with the edges joined."""
    task = motion.MotionTask(6)
    still(monkeypatch, motion)
    inputs, targets = task.batch(np.random.default_rng(0), 100, 6)
    for film, way in zip(inputs.reshape(-1, 6, 8, 8), targets[:, -1], strict=True):
        down, right = motion.WAYS[task.predicts.labels[way]]
        for time, row, column in itertools.product(range(5), range(8), range(8)):
            assert film[time + 1, (row + down) % 8, (column + right) % 8] == film[time, row, column]


def test_the_last_frame_alone_asks_for_one_of_eight_equally_likely_ways():
    targets = films(8000).targets
    assert (targets[:, :-1] == NO_TARGET).all()
    shares = np.bincount(targets[:, -1], minlength=8) / 8000
    np.testing.assert_allclose(shares, 1 / 8, atol=4 * math.sqrt(7 / 64 / 8000))
    assert len(set(motion.WAYS.values())) == 8


def test_shapes_differ_and_look_different_after_every_motion():
    """Otherwise the way could not be told, whatever is remembered."""
    frames = motion.placed().reshape(-1, 64)
    assert len(np.unique(frames, axis=0)) == len(frames) == 5 * 64


def test_one_frame_says_nothing_about_the_motion():
    inputs, targets = films()
    np.testing.assert_allclose(motion.log_posterior(inputs[:, -1:], targets[:, -1:]), -math.log(8), atol=1e-12)


@pytest.mark.parametrize("length", [2, 3])
def test_the_probability_of_a_way_is_bayes_rule_over_every_film(length):
    """The density of all 8 · 320 films without noise, one by one."""
    inputs, targets = films(3, length)
    found = []
    for film, way in zip(inputs.astype(np.float64), targets[:, -1], strict=True):
        likelihoods = np.zeros(8)
        for guess, (down, right) in enumerate(motion.WAYS.values()):
            for first in motion.placed():
                true = [np.roll(first, (down * time, right * time), (0, 1)).ravel() for time in range(length)]
                likelihoods[guess] += np.exp(-np.sum((film - true) ** 2) / (2 * motion.NOISE**2))
        found.append(math.log(likelihoods[way] / likelihoods.sum()))
    np.testing.assert_allclose(motion.log_posterior(inputs, targets), found, rtol=1e-9, atol=1e-12)


def test_longer_films_can_be_told_better_and_two_frames_are_a_line_worth_beating():
    inputs, targets = films(500)
    losses = [-motion.log_posterior(inputs[:, -last:], targets[:, -last:]).mean() for last in (1, 2, 3, 6)]
    assert losses == sorted(losses, reverse=True)
    line = best(TASKS["motion"].open(None, 6))
    assert line.loss == pytest.approx(losses[1], rel=0.4)
    assert line.loss < math.log(8) / 5


def phrases(size=300):
    task = TASKS["captions"].open(None, 1)
    inputs, targets = task.batch(np.random.default_rng(0), size, 1)
    return inputs, [" ".join(task.predicts.labels[word] for word in row) for row in targets]


def test_after_the_picture_come_five_tokens_that_say_no_more_than_go_on():
    inputs, _ = phrases()
    assert inputs.shape == (300, 6, 64)
    assert (inputs[:, 0, -1] == 0).all()
    assert (inputs[:, 1:, -1] == 1).all()
    assert (inputs[:, 1:, :-1] == 0).all()


def test_the_phrase_says_size_digit_and_place_of_the_ink(monkeypatch):
    """Each picture without noise is the bitmap that its phrase names, in a place that it names."""
    still(monkeypatch, captions)
    inputs, said = phrases()
    for picture, phrase in zip(inputs[:, 0, :-1].reshape(-1, 9, 7), said, strict=True):
        _, size, digit, *where = phrase.split()
        bitmap = captions.FONTS[size == "large"][captions.DIGITS.index(digit)]
        rows, columns = bitmap.shape
        middle = (7 - columns) // 2
        lefts = {
            "on the left": range(middle),
            "in the middle": [middle],
            "on the right": range(middle + 1, 8 - columns),
        }
        assert any(
            np.array_equal(picture, np.pad(bitmap, ((top, 9 - rows - top), (left, 7 - columns - left))))
            for top in range(10 - rows)
            for left in lefts[" ".join(where)]
        )


def test_all_sixty_phrases_are_equally_likely():
    _, said = phrases(12_000)
    counts = {phrase: said.count(phrase) for phrase in set(said)}
    assert len(counts) == 60
    assert max(abs(count - 200) for count in counts.values()) < 4.5 * math.sqrt(200)


def test_the_line_of_the_unseen_phrase_is_its_entropy_word_by_word():
    """From how often a word follows what stands before it, over all sixty phrases."""
    all_of_them = sorted(set(phrases(6000)[1]))
    total = 0.0
    for phrase, place in itertools.product(all_of_them, range(6)):
        words = phrase.split()
        alike = [other.split() for other in all_of_them if other.split()[:place] == words[:place]]
        total -= math.log(sum(other[place] == words[place] for other in alike) / len(alike)) / 60
    assert best(TASKS["captions"].open(None, 1)).loss == pytest.approx(total / 6, rel=1e-12)
    assert chance(TASKS["captions"].open(None, 1), 1).loss == pytest.approx(math.log(19))


def test_digits_have_bitmaps_of_their_own():
    for font, (rows, columns) in zip(captions.FONTS, ((5, 3), (7, 5)), strict=True):
        assert font.shape == (10, rows, columns)
        assert len(np.unique(font.reshape(10, -1), axis=0)) == 10
        assert font.any(axis=2).all()
