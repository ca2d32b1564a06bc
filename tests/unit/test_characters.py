"""Characters as numbers, and windows into a text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.characters import HELD_OUT_SEQUENCES, OTHER, CharacterTask, encode, split, vocabulary_of

# Lone surrogates are characters of Python strings too.
TEXTS = st.text(st.characters(codec=None), max_size=60)


def decode(codes, vocabulary):
    return "".join(vocabulary[code] for code in codes)


def numbered(length):
    """A text in which no two windows are alike."""
    return "".join(chr(ord("a") + k % 26) if k % 2 else chr(0x4E00 + k) for k in range(length))


@given(TEXTS)
def test_a_text_survives_being_encoded(text):
    vocabulary = vocabulary_of(text)
    codes = encode(text, vocabulary)
    assert decode(codes, vocabulary) == text
    assert codes.dtype == np.int64


@given(TEXTS)
def test_a_vocabulary_lists_every_character_once_in_order(text):
    assert vocabulary_of(text) == tuple(sorted(set(text)))


@given(TEXTS, st.sets(st.characters(), min_size=1, max_size=8))
def test_a_character_outside_the_vocabulary_becomes_the_last_label(text, letters):
    vocabulary = (*sorted(letters - {OTHER}), OTHER)
    expected = "".join(character if character in vocabulary else OTHER for character in text)
    assert decode(encode(text, vocabulary), vocabulary) == expected


def test_where_characters_are_too_many_the_rarest_become_one():
    common = "".join(chr(0x4E00 + k) for k in range(255))
    rare = "".join(chr(0x5E00 + k) for k in range(10))
    vocabulary = vocabulary_of(common * 2 + rare)
    assert vocabulary == (*sorted(common), OTHER)
    assert decode(encode(common + rare, vocabulary), vocabulary) == common + OTHER * 10


def test_two_hundred_and_fifty_six_characters_are_not_too_many():
    text = "".join(chr(0x4E00 + k) for k in range(256))
    assert vocabulary_of(text) == tuple(sorted(text))


def test_the_sign_for_other_characters_is_listed_once_where_the_text_has_it():
    text = OTHER * 5 + "".join(chr(0x4E00 + k) for k in range(300))
    vocabulary = vocabulary_of(text)
    assert vocabulary.count(OTHER) == 1
    assert vocabulary[-1] == OTHER
    assert len(vocabulary) <= 256


def test_targets_are_the_inputs_one_character_later():
    text = numbered(200)
    task = CharacterTask(text, "", 10, "")
    inputs, targets = task.batch(np.random.default_rng(0), 5, 10)
    assert inputs.shape == targets.shape == (5, 10)
    for row in range(5):
        place = text.index(decode(inputs[row], task.vocabulary))
        assert decode(targets[row], task.vocabulary) == text[place + 1 : place + 11]


def test_windows_reach_both_ends_of_the_text():
    text = numbered(14)
    task = CharacterTask(text, "", 10, "")
    inputs, _ = task.batch(np.random.default_rng(0), 100, 10)
    assert {text.index(decode(row, task.vocabulary)) for row in inputs} == {0, 1, 2, 3}


def test_a_text_one_character_longer_than_a_window_gives_one_window():
    task = CharacterTask(numbered(11), "", 10, "")
    inputs, targets = task.batch(np.random.default_rng(0), 2, 10)
    assert decode(inputs[0], task.vocabulary) == numbered(11)[:10]
    assert decode(targets[1], task.vocabulary) == numbered(11)[1:]


def test_held_out_windows_are_spread_over_the_held_out_text():
    text = numbered(400)
    task = CharacterTask(text[:200], text[200:], 10, "")
    inputs, targets = task.held_out(10)
    places = [text.index(decode(row, task.vocabulary)) for row in inputs]
    assert len(places) == HELD_OUT_SEQUENCES
    assert places[0] == 200
    assert decode(targets[-1], task.vocabulary) == text[390:]
    assert max(np.diff(places)) - min(np.diff(places)) <= 1


def test_a_short_held_out_text_gives_fewer_windows_and_none_twice():
    text = numbered(113)
    inputs, _ = CharacterTask(text[:100], text[100:], 10, "").held_out(10)
    assert len(inputs) == len(np.unique(inputs, axis=0)) == 3


@pytest.mark.parametrize("held_out", ["", "abc", "abcdefghij"])
def test_a_held_out_text_without_room_for_a_window_is_not_used(held_out):
    assert CharacterTask(numbered(200), held_out, 10, "").held_out(10) is None


def test_the_displayed_window_begins_with_a_line_of_the_held_out_text():
    held_out = "first line of text\nsecond line of text\n  an indented line\nthird line of text\nthe end"
    task = CharacterTask("any training text at all\n", held_out, 10, "")
    inputs, targets = task.displayed(10)
    assert decode(inputs[0], task.vocabulary) == "third line"
    assert decode(targets[0], task.vocabulary) == "hird line "
    assert inputs.shape == (1, 10)


def test_the_displayed_window_of_a_text_without_lines_is_its_beginning():
    text = numbered(50)
    task = CharacterTask(text, "", 10, "")
    assert decode(task.displayed(10).inputs[0], task.vocabulary) == text[:10]


@pytest.mark.parametrize("size", [2, 10])
def test_a_text_shorter_than_a_window_is_refused(size):
    with pytest.raises(ValueError, match=f"length is 10, but the text has {size} characters to train on; expected"):
        CharacterTask(numbered(size), "", 10, "")


def test_a_text_of_one_letter_is_refused():
    with pytest.raises(ValueError, match="the text has only the character 'a', expected at least two different ones"):
        CharacterTask("a" * 50, "", 10, "")


@given(TEXTS)
def test_the_held_out_part_is_the_last_tenth(text):
    training, held_out = split(text)
    assert training + held_out == text
    assert len(held_out) == len(text) // 10
