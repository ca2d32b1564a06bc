"""Next word: how text becomes words, the tables that a network has to beat, and texts of the user's own."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.files.errors import BadFileError
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import NO_TARGET, Batch
from rnnviz.tasks.trigrams import zen
from rnnviz.tasks.word_tables import WordTables
from rnnviz.tasks.word_text import OTHER, WordTask, encode, vocabulary_of, words_of
from tests.builders import LETTERS, text_file

LENGTH = 10
CODES = st.lists(st.integers(0, 4), min_size=3, max_size=40)


def test_words_are_lower_case_and_punctuation_stands_alone():
    read = words_of("Don't stop: it’s 3.5 o'clock, Zoë_2 — “ça va?”")
    assert read == ["don't", "stop", ":", "it’s", "3", ".", "5", "o'clock", ",", "zoë", "2", "ça", "va", "?"]


@given(st.text(max_size=40))
def test_the_label_of_rare_words_is_never_a_word(text):
    assert OTHER not in words_of(text)


def test_the_commonest_words_are_kept_and_one_label_stands_for_the_rest():
    words = ["a"] * 4 + ["b"] * 3 + ["c"] * 2 + ["d"]
    assert vocabulary_of(words, 4) == ("a", "b", "c", "d")
    assert vocabulary_of(words, 3) == ("a", "b", OTHER)
    np.testing.assert_array_equal(encode(["d", "a", "c", "b"], ("a", "b", OTHER)), [2, 0, 2, 1])


@given(CODES, st.lists(st.integers(0, 4), max_size=2))
def test_the_probabilities_after_any_words_add_up_to_one(codes, context):
    tables = WordTables(codes, 5)
    chances = [tables.probability(tuple(context), word) for word in range(5)]
    assert sum(chances) == pytest.approx(1, abs=1e-12)
    assert min(chances) > 0


def test_a_table_smooths_as_witten_and_bell_do_by_hand():
    """In “0 1 0 2 0 1”: after 0 came 1 twice and 2 once; 0 makes up three of six words, of three kinds."""
    tables = WordTables([0, 1, 0, 2, 0, 1], 4)
    single = (2 + 3 / 4) / (6 + 3)
    assert tables.probability((), 1) == pytest.approx(single)
    assert tables.probability((0,), 1) == pytest.approx((2 + 2 * single) / (3 + 2))
    assert tables.probability((3,), 1) == pytest.approx(single)  # never seen
    assert tables.probability((2, 0), 1) == pytest.approx((1 + tables.probability((0,), 1)) / 2)


def test_a_table_knows_no_more_than_what_was_read_of_the_window():
    tables = WordTables([0, 1, 2, 0, 1, 2, 3], 4)
    batch = Batch(np.array([[0, 1, 2]]), np.array([[1, NO_TARGET, 3]]))
    expected = -(math.log(tables.probability((0,), 1)) + math.log(tables.probability((1, 2), 3))) / 2
    assert tables.loss(batch, 3) == pytest.approx(expected)
    singles = -(math.log(tables.probability((), 1)) + math.log(tables.probability((), 3))) / 2
    assert tables.loss(batch, 1) == pytest.approx(singles)


def test_the_lines_of_a_text_are_those_of_its_tables_on_the_windows_held_out():
    task = TASKS["words"].open(None, LENGTH)
    counts = Counter(task._training.tolist())
    total, kinds, size = counts.total(), len(counts), len(task.vocabulary)
    targets = task.held_out(LENGTH).targets.ravel().tolist()
    blind = -np.mean([math.log((counts[word] + kinds / size) / (total + kinds)) for word in targets])
    assert task.chance == pytest.approx(blind, rel=1e-12)
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    assert task.chance == pytest.approx(entropy, rel=0.05)
    assert task.best.loss < task.chance - 0.5


def test_the_handbook_holds_out_topics_and_reads_every_paragraph_once(monkeypatch):
    topics = {f"t{k}": f"word{'abcdefgh'[k]} " * 30 + "\n\nsaid twice in all topics" for k in range(8)}
    monkeypatch.setattr("pydoc_data.topics.topics", topics)
    task = TASKS["words"].open(None, LENGTH)
    held_out = {task.vocabulary[code] for code in task._held_out}
    training = {task.vocabulary[code] for code in task._training}
    assert held_out == {OTHER}  # topics 3 and 7, and what all say: none of it is trained on
    assert training == {f"word{letter}" for letter in "abcefg"}


def test_the_handbook_is_prose():
    task = TASKS["words"].open(None, LENGTH)
    assert len(task.vocabulary) == 500
    assert {"the", ".", "object", OTHER} <= set(task.vocabulary)
    assert len(task._training) > 20_000
    shown = task.displayed(LENGTH)
    np.testing.assert_array_equal(shown.inputs[:, 1:], shown.targets[:, :-1])


def test_an_own_text_by_word_holds_its_last_tenth_out(tmp_path):
    task = TASKS["text_words"].open(text_file(tmp_path, "one two. " * 60 + "three four. " * 6), LENGTH)
    assert task.note == "story.txt: 179 words to train on, 19 held out. 6% are rarer words, all read as …."
    assert task.held_out(LENGTH) is not None
    assert {task.vocabulary[code] for code in task._held_out} <= {"one", "two", ".", OTHER}


def test_a_short_text_by_word_is_trained_on_whole(tmp_path):
    task = TASKS["text_words"].open(text_file(tmp_path, LETTERS), LENGTH)
    assert task.held_out(LENGTH) is None
    assert task.note == "story.txt: 22 words to train on; too short to hold any out. Every word is known."
    assert task.best.loss < task.chance < math.log(len(task.vocabulary))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("one two three", "length is 10, but the text has 3 words to train on; expected a length below 3"),
        ("one " * 40, "the text has only the word 'one', expected at least two different ones"),
        ("one", "the text has only the word 'one', expected at least two different ones"),
        ("— – —", "the text has no word, expected at least two different ones"),
    ],
)
def test_a_text_without_enough_words_is_refused_with_a_sentence(tmp_path, text, sentence):
    path = text_file(tmp_path, text)
    with pytest.raises(BadFileError) as refused:
        TASKS["text_words"].open(path, LENGTH)
    assert str(refused.value) == f"{path}: {sentence}"


def test_an_own_text_by_word_needs_a_file():
    with pytest.raises(ValueError, match="expected the path of a UTF-8 text for the task 'text_words'"):
        TASKS["text_words"].open(None, LENGTH)


def test_words_that_were_never_trained_on_have_a_label_of_their_own():
    task = WordTask(["a", "b"] * 20, ["c"] * 20, LENGTH, "Made up.")
    assert task.vocabulary == ("a", "b", OTHER)
    assert set(task.held_out(LENGTH).inputs.ravel().tolist()) == {2}


def test_trigrams_are_three_words_in_a_row():
    words = words_of(zen())
    assert words[:4] == ["the", "zen", "of", "python"]
    task = TASKS["trigrams"].open(None, LENGTH)
    rows = {tuple(words[place : place + 3]) for place in range(len(words) - 2)}
    for batch in (task.batch(np.random.default_rng(0), 50, LENGTH), task.held_out(LENGTH), task.displayed(LENGTH)):
        for read, wanted in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
            assert wanted[0] == NO_TARGET
            assert tuple(task.vocabulary[code] for code in (*read, wanted[1])) in rows


def test_the_lines_of_trigrams_are_entropies_of_counts():
    task = TASKS["trigrams"].open(None, LENGTH)
    rows = [tuple(row) for row in task._training.tolist()]
    pairs, thirds, triples = Counter(row[:2] for row in rows), Counter(row[2] for row in rows), Counter(rows)
    total = len(rows)
    heart = -sum(count / total * math.log(count / pairs[row[:2]]) for row, count in triples.items())
    assert task.best.loss == pytest.approx(heart, rel=1e-9)
    assert task.chance == pytest.approx(-sum(n / total * math.log(n / total) for n in thirds.values()), rel=1e-9)


def test_the_zen_is_read_without_printing_it(capsys):
    assert "Namespaces are one honking great idea" in zen()
    assert not capsys.readouterr().out
