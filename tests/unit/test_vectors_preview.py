"""What a file of word vectors is, from its first lines."""

import numpy as np
import pytest

from rnnviz.files import vectors_preview
from rnnviz.files.errors import BadFileError
from rnnviz.files.vectors_preview import is_vectors, look_at_vectors, preview_of
from rnnviz.files.word_vectors import read_word_vectors
from tests.builders import vectors_file

GLOVE = "the 0.1 -0.25 1e-3\ncat 1 2 3\nMat 4 5 6\n"


def written(folder, text, name="a.txt"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [GLOVE, f"3 3\n{GLOVE}", GLOVE.replace("\n", "\r\n"), f"\n{GLOVE}", "2 2\na 1 2\n", "7 1 2\nseven 2 3\n"],
)
def test_a_text_of_words_with_equally_many_numbers_looks_like_vectors(tmp_path, text):
    assert is_vectors(written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the cat sat on the mat\n",
        "one line 1 2\n",
        "a 1 2\n",
        "a 1\nb 2\n",
        "a 1 2\nb 1 2 3\n",
        "a 1 2\nb 1 nan\n",
        "a 1 2\nb 1 inf\n",
        "a 1_0 2\nb 1 2\n",
        "1 2 3\n4 5 6\n",
        "3 3\n",
        "a 1 2\nb 1 2\nand so on\n",
    ],
)
def test_any_other_text_does_not(tmp_path, text):
    assert not is_vectors(written(tmp_path, text))


def test_only_a_text_is_looked_into(tmp_path):
    assert is_vectors(written(tmp_path, "no vectors", "a.VEC"))
    assert not is_vectors(written(tmp_path, GLOVE, "a.md"))
    assert not is_vectors(tmp_path / "missing.txt")
    assert not is_vectors(tmp_path)


def test_lines_longer_than_what_is_looked_at_first_are_not_taken_for_vectors(tmp_path):
    assert not is_vectors(written(tmp_path, "word " + "1 " * 40_000))


def test_words_numbers_and_first_rows_are_told(tmp_path):
    found = preview_of(look_at_vectors(written(tmp_path, GLOVE), ["cat", "mat", "dog"]))
    assert dict(found.facts) == {
        "Form": "GloVe’s text: in each line a word and its numbers",
        "Words": "3",
        "Numbers each": "3",
        "Size": "39 bytes",
        "Tokens of this run": "2 of 3 found, 1 of them in another case",
    }
    assert found.header == ("word", "1", "2", "3")
    assert found.rows == (("the", "0.1", "-0.25", "1e-3"), ("cat", "1", "2", "3"), ("Mat", "4", "5", "6"))


def test_without_tokens_nothing_is_said_of_them(tmp_path):
    assert "Tokens of this run" not in dict(preview_of(look_at_vectors(written(tmp_path, GLOVE), ())).facts)


@pytest.mark.parametrize(("head", "words"), [("", "about 40,000, by the size"), ("90000 10\n", "90,000, as the first")])
def test_of_a_long_file_the_beginning_is_looked_at(tmp_path, monkeypatch, head, words):
    path = written(tmp_path, head + "".join(f"w{k:05} " + "0.5 " * 10 + "\n" for k in range(40_000)))
    monkeypatch.setattr(vectors_preview, "LOOKED_AT", 100_000)
    look = look_at_vectors(path, ["w00001", "w39999"])
    facts = dict(preview_of(look).facts)
    assert facts["Words"].startswith(words)
    assert facts["Size"] == "1.9 MB"
    assert facts["Tokens of this run"] == f"1 of 2 found among the first {look.beginning.words:,} words"
    assert 2000 < look.beginning.words < 2200


def test_what_is_found_in_a_short_file_is_what_a_run_finds(tmp_path):
    path, words = vectors_file(tmp_path), ["h", "e", "E", "x"]
    look, read = look_at_vectors(path, words).beginning.found, read_word_vectors(path, words)
    assert look.dimension == read.dimension
    for ours, theirs in ((look.exact, read.exact), (look.folded, read.folded)):
        assert ours.keys() == theirs.keys()
        for word in ours:
            np.testing.assert_array_equal(ours[word], theirs[word])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file is empty"),
        ("2 3\n", "nothing follows the first line"),
        ("a 1 2\nb 1\n", "line 2: has 1 number, expected 2 after the word"),
        ("a 1 2\nb 1 c\n", "line 2: 'c' is not a number"),
        ("5 2\na 1 2\n", "1 words, expected 5 as line 1 says"),
        ("a\0b 1 2\n", "line 1: has a zero byte"),
    ],
)
def test_what_is_wrong_in_the_first_lines_is_told(tmp_path, text, sentence):
    with pytest.raises(BadFileError, match=sentence):
        look_at_vectors(written(tmp_path, text, "a.vec"), ["a"])


def test_of_a_long_file_only_a_line_that_was_looked_at_is_told(tmp_path, monkeypatch):
    path = written(tmp_path, "9 2\n" + "word 1 2\n" * 50 + "word 1\n")
    monkeypatch.setattr(vectors_preview, "LOOKED_AT", 300)
    assert look_at_vectors(path, ["word"]).beginning.words == 32


def test_a_line_longer_than_what_is_looked_at_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors_preview, "LOOKED_AT", 150_000)
    with pytest.raises(BadFileError, match="line 1: is longer than 100,000 bytes"):
        look_at_vectors(written(tmp_path, "word " + "1 " * 100_000), ["word"])
