"""Jigs in ABC: bars of six eighths, parts that are repeated, and what the last symbol tells of the next."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from rnnviz.tasks import TASKS, music
from rnnviz.tasks.jigs import tune
from rnnviz.tasks.task import best

LENGTH = 40


def some(count=60):
    random = np.random.default_rng(7)
    return [tune(random) for _ in range(count)]


def bars(tokens):
    """Lists of notes between bar lines."""
    assert tokens[-1] == "|]"
    return [bar.split() for bar in " ".join(tokens[:-1]).split("|")]


def eighths(token):
    return int(token[1:] or 1)


def test_every_bar_has_exactly_six_eighths_in_two_beats_of_three():
    for tokens in some():
        for bar in bars(tokens):
            ends = np.cumsum([eighths(token) for token in bar]).tolist()
            assert ends[-1] == 6
            assert 3 in ends


def test_a_tune_has_32_bars_and_repeats_each_part_word_for_word():
    for tokens in some():
        found = bars(tokens)
        assert len(found) == 32
        assert found[:8] == found[8:16]
        assert found[16:24] == found[24:]
        assert found[4:6] == found[:2]
        assert found[7][-1] == found[31][-1] == "G3"
        assert found[3][-1] in {"D3", "F3", "A3", "d3", "f3"}


def test_tunes_differ_and_melodies_go_by_small_steps():
    tunes = some()
    assert len({tuple(tokens) for tokens in tunes}) == len(tunes)
    scale = "DEFGABcdefg"
    steps = [
        abs(scale.index(after[0]) - scale.index(before[0]))
        for tokens in tunes
        for notes in [[token for token in tokens if token[0] != "|"]]
        for before, after in itertools.pairwise(notes)
    ]
    assert np.mean(np.array(steps) <= 2) > 0.8


def test_held_out_tunes_are_not_among_those_to_train_on():
    task = TASKS["music"].open(None, LENGTH)

    def split(symbols):
        text = " ".join(music.VOCABULARY[symbol] for symbol in symbols)
        return [piece for piece in text.split("|]") if piece.strip()]

    training, held_out = split(task._training), split(task._held_out)
    assert (len(training), len(held_out)) == (music.TUNES, music.HELD_OUT_TUNES)
    assert not set(training) & set(held_out)


def test_windows_begin_with_a_bar_and_ask_for_the_next_symbol():
    task = TASKS["music"].open(None, LENGTH)
    text = task._training.tolist()
    inputs, targets = task.batch(np.random.default_rng(0), 50, LENGTH)
    np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])
    joined = ",".join(map(str, text))
    for row in inputs.tolist():
        first_bar = row[: next(place for place, symbol in enumerate(row) if symbol < 2)]
        assert sum(eighths(task.vocabulary[symbol]) for symbol in first_bar) == 6
        assert ",".join(map(str, row)) in joined


def test_the_shown_sequence_is_the_beginning_of_a_tune():
    task = TASKS["music"].open(None, LENGTH)
    np.testing.assert_array_equal(task.displayed(LENGTH).inputs[0], task._held_out[:LENGTH])


def test_the_line_is_a_table_of_what_follows_what_counted_over_the_training_tunes():
    task = TASKS["music"].open(None, LENGTH)
    followers = defaultdict(Counter)
    symbols = task._training.tolist()
    for before, after in itertools.pairwise(symbols):
        followers[before][after] += 1
    losses = [
        -math.log((followers[before][after] + 0.01) / (followers[before].total() + 0.01 * len(task.vocabulary)))
        for reads, wants in zip(*(part.tolist() for part in task.held_out(LENGTH)), strict=True)
        for before, after in zip(reads, wants, strict=True)
    ]
    assert best(task).loss == pytest.approx(np.mean(losses), rel=1e-9)


def test_a_length_beyond_all_tunes_held_out_is_refused():
    with pytest.raises(ValueError, match=r"length is 100000, expected a length below \d+, the symbols held out"):
        TASKS["music"].open(None, 100_000)
