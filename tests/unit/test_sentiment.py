"""Reviews from the grammar: the rule is never wrong, and the best that counting words can do."""

import math
from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.files.errors import BadFileError
from rnnviz.tasks import TASKS
from rnnviz.tasks.sentiment import BLAME, NEGATIONS, PRAISE, review
from rnnviz.tasks.task import NO_TARGET, chance
from tests.builders import table_file


def by_the_rule(words):
    """What follows “but” counts, “not” turns over; clauses joined by “and” agree."""
    said = words[len(words) - words[::-1].index("but") :] if "but" in words else words
    answers, clause = set(), []
    for word in [*said, "and"]:
        if word == "and":
            negated = bool(set(NEGATIONS) & set(clause))
            answers.add((clause[-1] in PRAISE) != negated)
            assert clause[-1] in PRAISE + BLAME
            clause = []
        else:
            clause.append(word)
    (answer,) = answers
    return answer


@given(st.integers(0, 2**32), st.booleans())
def test_the_rule_is_never_wrong(seed, liked):
    words = review(np.random.default_rng(seed), liked)
    assert by_the_rule(words) == liked
    assert 4 <= len(words) <= 23


def test_targets_stand_at_the_last_word():
    task = TASKS["sentiment"].open(None, 1)
    for row, wanted in zip(*task.batch(np.random.default_rng(0), 200, 1), strict=True):
        (end,) = np.flatnonzero(wanted != NO_TARGET)
        words = [task.reads.labels[code] for code in row[: end + 1]]
        assert "−+"[by_the_rule(words)] == task.predicts.labels[wanted[end]]
        assert (row[end + 1 :] == 0).all()


def all_reviews():
    """Every review in outline, (words, liked, probability): parts and single words are left out."""
    for liked in (False, True):
        groups = {}
        for good in (liked, not liked):
            clauses = [("not", "blame" if good else "praise"), ("praise" if good else "blame",)]
            pairs = [(first + second + ("and",), 1 / 8) for first, second in product(clauses, repeat=2)]
            groups[good] = [(clause, 1 / 4) for clause in clauses] + pairs
        for said, likely in groups[liked]:
            yield said, liked, likely / 4
            for before, first in groups[not liked]:
                yield (*before, "but", *said), liked, likely * first / 4


def test_who_counts_words_cannot_get_below_the_line():
    """Entropy of the answer given the bag of words, over all outlines of reviews."""
    bags = defaultdict(lambda: [0.0, 0.0])
    for words, liked, likely in all_reviews():
        bags[tuple(sorted(words))][liked] += likely
    assert sum(map(sum, bags.values())) == pytest.approx(1)
    loss = -sum(part * math.log(part / sum(pair)) for pair in bags.values() for part in pair if part)
    assert TASKS["sentiment"].open(None, 1).best.loss == pytest.approx(loss, rel=1e-12)


def test_the_line_holds_of_whole_words_in_drawn_reviews():
    """With the parts and words themselves in the bag, a bag is new nearly every time: count what makes it undecided."""
    random = np.random.default_rng(3)
    undecided = 0
    for k in range(20_000):
        words = review(random, bool(k % 2))
        clauses = words.count("was")
        negations = sum(word in NEGATIONS for word in words)
        undecided += "but" in words or (clauses == 2 and negations == 1)
    assert undecided / 20_000 == pytest.approx(0.625, abs=0.015)


def table(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")
    return path


def test_own_texts_and_labels_are_read_with_every_tenth_row_held_out(tmp_path):
    task = TASKS["sentiment_csv"].open(table_file(tmp_path, 40), 20)
    assert task.predicts.labels == ("no", "yes")
    held_out = task.held_out(20)
    rows = [[task.reads.labels[code] for code in row] for row in held_out.inputs]
    assert [row[-1] for row in rows] == ["good"] * 4
    assert [row[1] for row in rows] == ["…", "…", "…", "…"]  # 9, 19, 29, 39 are in no row that is trained on
    assert set(held_out.targets[:, -1].tolist()) == {1}
    assert task.note.startswith("table.csv: 36 texts with one of 2 labels to train on, every 10th row held out, 4 in")


def test_the_blind_guess_of_labels_is_their_entropy(tmp_path):
    rows = "".join(f"text number {k},{'a' if k % 4 else 'b'}\n" for k in range(41))
    task = TASKS["sentiment_csv"].open(table(tmp_path, rows), 20)
    counts = Counter("a" if k % 4 else "b" for k in range(41) if k % 10 != 9)
    shares = [count / counts.total() for count in counts.values()]
    assert chance(task, 20).loss == pytest.approx(-sum(share * math.log(share) for share in shares))


def test_of_a_longer_text_the_first_words_are_read(tmp_path):
    rows = "".join(f"{'word ' * k}end,{k % 3}\n" for k in range(1, 31))
    task = TASKS["sentiment_csv"].open(table(tmp_path, rows), 5)
    inputs, targets = task.batch(np.random.default_rng(0), 200, 5)
    assert inputs.shape == (200, 5)
    assert ((targets != NO_TARGET).sum(axis=1) == 1).all()


def test_a_text_without_words_is_one_rare_word(tmp_path):
    rows = "".join(f"{'***' if k == 9 else 'fine'},{k % 2}\n" for k in range(30))
    task = TASKS["sentiment_csv"].open(table(tmp_path, rows), 5)
    assert task.reads.labels[task.held_out(5).inputs[0, 0]] == "…"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("good,1\nbad,0\n", "2 rows of text and label, expected at least 20"),
        ("good,1\n" * 30, "every label is '1', expected 2 to 100 different ones"),
        ("".join(f"good,{k}\n" for k in range(101)), "101 different labels, expected 2 to 100 different ones"),
    ],
    ids=["few rows", "one label", "many labels"],
)
def test_a_table_that_teaches_nothing_is_refused_with_a_sentence(tmp_path, text, sentence):
    path = table(tmp_path, text)
    with pytest.raises(BadFileError) as refused:
        TASKS["sentiment_csv"].open(path, 20)
    assert str(refused.value) == f"{path}: {sentence}"


def test_own_texts_and_labels_need_a_file():
    with pytest.raises(ValueError, match="expected the path of a CSV table for the task 'sentiment_csv'"):
        TASKS["sentiment_csv"].open(None, 20)
