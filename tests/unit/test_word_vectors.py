"""Files of word vectors: what is found, and what is said of every line that cannot be used."""

import os
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.files import word_vectors
from rnnviz.files.errors import BadFileError
from rnnviz.files.word_vectors import read_word_vectors
from tests.builders import vectors_file


@pytest.fixture
def read(tmp_path):
    """Write a file and look words up in it."""

    def read(data, *words):
        path = tmp_path / "vectors.txt"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read_word_vectors(path, words)

    return read


@pytest.fixture
def refused(read):
    """Write a file that cannot be used; return what is said of it after its name."""

    def refused(data, *words):
        with pytest.raises(BadFileError) as caught:
            read(data, *(words or ("the",)))
        assert re.match(r".*/vectors\.txt: ", str(caught.value))
        return str(caught.value).split("vectors.txt: ", 1)[1]

    return refused


def listed(found):
    return {word: vector.tolist() for word, vector in found.items()}


def test_glove_has_a_word_and_its_numbers_in_each_line(read):
    found = read("the 0.5 -1 2e-1\ncat 1 2 3\n", "cat", "the", "dog")
    assert found.dimension == 3
    assert listed(found.exact) == {"the": [0.5, -1, np.float32(0.2)], "cat": [1, 2, 3]}
    assert all(vector.dtype == np.float32 for vector in found.exact.values())
    assert found.folded == {}


@pytest.mark.parametrize("ending", ["\n", "\r\n", " \n", ""])
def test_word2vec_has_count_and_dimension_before(read, ending):
    found = read(f"2 3{ending or chr(10)}the 1 2 3{ending or chr(10)}cat 4 5 6{ending}", "cat")
    assert (found.dimension, listed(found.exact)) == (3, {"cat": [4, 5, 6]})


def test_a_word_in_another_case_is_taken_only_where_the_word_itself_is_missing(read):
    found = read("Paris 1\nPARIS 2\nThe 3\nthe 4\n", "paris", "the", "The")
    assert (listed(found.exact), listed(found.folded)) == ({"the": [4], "The": [3]}, {"paris": [1]})


def test_of_a_word_that_comes_twice_the_first_counts(read):
    assert listed(read("the 1 2\nthe 3 4\ncat 5 6\n", "the", "dog").exact) == {"the": [1, 2]}


@pytest.mark.parametrize("text", ["the 1 2\n\n \ncat 3 4\n\n", "\ufeffthe 1 2\ncat 3 4", "the\t1\t2\ncat\t3\t4\n"])
def test_blank_lines_tabs_and_a_byte_order_mark_do_not_matter(read, text):
    assert listed(read(text, "the", "cat").exact) == {"the": [1, 2], "cat": [3, 4]}


def test_a_word_may_have_spaces_in_it_as_in_the_largest_glove(read):
    found = read("the 1 2 3\n. . . 4 5 6\nat name@domain.com 7 8 9\ncat 1 1 1", ". . .", "cat", "dog")
    assert listed(found.exact) == {". . .": [4, 5, 6], "cat": [1, 1, 1]}


def test_other_white_space_is_part_of_a_word(read):
    assert listed(read("new\u00a0york 1 2\n\u3000 3 4\n", "new\u00a0york", "\u3000").exact) == {
        "new\u00a0york": [1, 2],
        "\u3000": [3, 4],
    }


def test_reading_ends_when_every_word_is_found(read):
    assert listed(read("the 1 2\ncat 3 4\nbroken line\n", "the", "cat").exact) == {"the": [1, 2], "cat": [3, 4]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a 1 2\nb 1\n", "line 2: has 1 number, expected 2 after the word, as the first line says"),
        ("a 1 2\nb 1 2 3\n", "line 2: has 3 numbers, expected 2 after the word, as the first line says"),
        ("2 3\na 1 2\n", "line 2: has 2 numbers, expected 3 after the word, as the first line says"),
        ("a 1 2\nlonely\n", "line 2: has 0 numbers, expected 2 after the word, as the first line says"),
        ("a 1 2\nthe 1 x\n", "line 2: 'x' is not a number, expected a word and its numbers, separated by spaces"),
        ("a 1 2\nthe 1 1_0\n", "line 2: '1_0' is not a number, expected a word and its numbers, separated by spaces"),
        ("it was night\n", "line 1: 'was' is not a number, expected a word and its numbers, separated by spaces"),
        ("a 1 2\nthe 1 nan\n", "line 2: number 2 is nan, expected numbers that are finite in 32 bits"),
        ("a 1 2\nthe -inf 1\n", "line 2: number 1 is -inf, expected numbers that are finite in 32 bits"),
        ("a 1 2\nthe 1 1e39\n", "line 2: number 2 is 1e39, expected numbers that are finite in 32 bits"),
        ("word\n", "line 1: has 0 numbers a word, expected 1 to 1024"),
        ("5 0\na\n", "line 1: has 0 numbers a word, expected 1 to 1024"),
        ("5 2000\na 1\n", "line 1: has 2000 numbers a word, expected 1 to 1024"),
        ("", "the file is empty, expected in each line a word and its numbers, separated by spaces"),
        (" \n\n", "the file has only white space, expected in each line a word and its numbers, separated by spaces"),
        ("2 3\n", "nothing follows the first line, expected in each line a word and its numbers, separated by spaces"),
        ("4000 1\na 1\nb 2\n", "2 words, expected 4,000 as line 1 says; is a part of it missing?"),
        ("1 1\na 1\nb 2\n", "2 words, expected 1 as line 1 says; is a part of it missing?"),
        (b"a 1\n\xffb 2\n", "line 2: the word '\\\\xffb' is not UTF-8, expected UTF-8 text; save the file as UTF-8"),
        (
            b"3 4\na \x00\x12\x00\x00\n",
            "line 2: has a zero byte, so this is a binary file, expected text; word2vec can write that, too",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(refused, text, sentence):
    assert refused(text) == sentence


def test_a_line_without_an_end_is_not_read_into_memory(refused, monkeypatch):
    monkeypatch.setattr(word_vectors, "LONGEST_LINE", 50)
    sentence = "line 2: is longer than 50 bytes, expected in each line a word and its numbers, separated by spaces"
    assert refused("a 1 2\n" + "b" * 51) == sentence


def test_a_file_that_is_too_large_is_refused_before_it_is_read(refused, monkeypatch):
    monkeypatch.setattr(word_vectors, "LARGEST_BYTES", 10)
    assert refused("a 1 2 3 4 5\n").startswith(
        "larger than 1e-08 GB, expected at most that; its first lines alone will"
    )


@pytest.mark.parametrize(("name", "finding"), [(".", "is a folder"), ("none.txt", "does not exist")])
def test_what_is_no_file_is_refused(tmp_path, name, finding):
    with pytest.raises(BadFileError, match=f"{finding}, expected a text file of word vectors"):
        read_word_vectors(tmp_path / name, ["a"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadFileError, match="is not a file, expected a text file of word vectors"):
        read_word_vectors(tmp_path / "pipe", ["a"])


def test_a_file_that_cannot_be_opened_is_refused(tmp_path, monkeypatch):
    def shut(*_):
        raise PermissionError(13, "Permission denied")

    path = vectors_file(tmp_path)
    monkeypatch.setattr(type(path), "open", shut)
    with pytest.raises(BadFileError, match=r"vectors\.txt: cannot be read: Permission denied"):
        read_word_vectors(path, ["a"])


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=6).filter(
    lambda word: not any(mark.isspace() for mark in word)
)
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw):
    """Words without duplicates in any case, and numbers for each."""
    dimension = draw(st.integers(1, 5))
    words = draw(st.lists(WORDS, min_size=1, max_size=8, unique_by=str.casefold))
    return {word: draw(st.lists(NUMBERS, min_size=dimension, max_size=dimension)) for word in words}


@settings(deadline=None, max_examples=150)
@given(tables(), st.booleans(), st.sets(WORDS, max_size=3), st.data())
def test_what_was_written_is_read(tmp_path_factory, table, header, strange, data):
    path = tmp_path_factory.getbasetemp() / "table.txt"
    lines = [f"{word} {' '.join(map(repr, numbers))}\n" for word, numbers in table.items()]
    dimension = len(next(iter(table.values())))
    head = f"{len(table)} {dimension}\n"
    ambiguous = len(lines[0].split()) == 2 and all(field.isdigit() for field in lines[0].encode().split())
    path.write_text((head if header or ambiguous else "") + "".join(lines), "utf-8", newline="")
    asked = {*data.draw(st.sets(st.sampled_from(sorted(table)))), *strange} | {"never asked for"}
    found = read_word_vectors(path, asked)
    assert found.dimension == dimension
    assert listed(found.exact) == {word: np.float32(table[word]).tolist() for word in asked & table.keys()}
    folds = {word.casefold(): numbers for word, numbers in table.items()}
    others = {word for word in asked - table.keys() if word.casefold() in folds}
    assert listed(found.folded) == {word: np.float32(folds[word.casefold()]).tolist() for word in others}


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60) | st.text("ab 01.-e\n\t", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes.txt"
    path.write_bytes(data)
    try:
        found = read_word_vectors(path, ["a", "b", "0"])
    except BadFileError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017  # refusing is one of two right answers
    else:
        vectors = [*found.exact.values(), *found.folded.values()]
        assert all(vector.shape == (found.dimension,) and np.isfinite(vector).all() for vector in vectors)
