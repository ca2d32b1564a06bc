"""Vocabularies, arrays and sequences of the user's own."""

import io
import json
import zipfile

import numpy as np
import pytest

from rnnviz.files.arrays import read_arrays
from rnnviz.files.columns import read_table
from rnnviz.files.errors import BadFileError
from rnnviz.files.sequence import Source, read_sequence
from rnnviz.files.vocabulary import read_vocabulary
from tests.builders import csv_file

MUTATIONS = 500


@pytest.mark.parametrize(
    ("name", "content", "tokens"),
    [
        ("v.txt", "a\nb\n \n", ("a", "b", " ")),
        ("v.json", '["a", "b"]', ("a", "b")),
        ("v.json", '{"b": 1, "a": 0, "d": 3}', ("a", "b", "#2", "d")),
        ("v.json", '{"0": "a", "1": "b"}', ("a", "b")),
        ("v.json", '{"model": {"x": 1}, "vocab": {"a": 0, "b": 1}}', ("a", "b")),
    ],
)
def test_a_vocabulary_is_lines_or_json(tmp_path, name, content, tokens):
    path = tmp_path / name
    path.write_text(content)
    assert read_vocabulary(path) == tokens


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('["a", "a"]', "the token 'a' is there twice"),
        ('{"a": 0, "b": 0}', "the index of 'b' is 0, expected each a number of its own"),
        ('{"a": 0, "b": 99999999999}', "the index of 'b' is 99999999999"),
        ("[1, 2]", "neither a list of texts nor"),
        ('["a"', "not JSON"),
        ("[" * 50_000, "not JSON"),
        ('["a"]', "1 tokens, expected 2 to 2,000,000"),
    ],
)
def test_what_is_no_vocabulary_is_told(tmp_path, content, sentence):
    path = tmp_path / "v.json"
    path.write_text(content)
    with pytest.raises(BadFileError, match=sentence):
        read_vocabulary(path)


def source(tmp_path, text, vocabulary, **parts):
    (tmp_path / "t.txt").write_text(text)
    (tmp_path / "v.json").write_text(json.dumps(vocabulary))
    given = {"labels": True, "size": len(vocabulary)} | parts
    return Source(tmp_path / "t.txt", tmp_path / "v.json", **given)


def test_words_are_looked_up_as_they_are_then_in_lower_case_then_as_unknown(tmp_path):
    read = read_sequence(source(tmp_path, "The cat saw THE Dog.", ["<unk>", "the", "cat", "Dog", "."]))
    assert read.values.tolist() == [1, 2, 0, 1, 3, 4]
    assert "by word" in read.note


def test_letters_are_read_one_by_one_and_one_more_than_asked_is_what_comes_next(tmp_path):
    read = read_sequence(source(tmp_path, "abcabc", ["a", "b", "c"], start=1, length=3))
    assert read.values.tolist() == [1, 2, 0, 1]
    assert read.tokens == 3


def test_a_token_that_is_not_known_is_told(tmp_path):
    with pytest.raises(BadFileError, match=r"'x' \(number 2 in the text\) is not in the vocabulary"):
        read_sequence(source(tmp_path, "ax", ["a", "b"]))


def test_columns_of_numbers_are_rows_of_a_sequence(tmp_path):
    path = csv_file(tmp_path, "day;a;b\nMon;1,5;2\nTue;2,5;3\n")
    table = read_table(path)
    assert table.names == ("a", "b")
    assert table.numbers.tolist() == [[1.5, 2], [2.5, 3]]
    assert table.note == (
        "3 columns, separated by semicolons; the first line is a header; decimal comma; 1 without numbers left out"
    )
    read = read_sequence(Source(path, None, labels=False, size=2))
    assert read.values.tolist() == table.numbers.tolist()
    assert read.kind.names == ("a", "b")


def test_indices_may_stand_in_an_array(tmp_path):
    np.save(tmp_path / "i.npy", np.array([[3, 1, 2]]))
    read = read_sequence(Source(tmp_path / "i.npy", None, labels=True, size=4))
    assert read.values.tolist() == [3, 1, 2]
    with pytest.raises(BadFileError, match="indices run from 1 to 3, expected 0 to 2"):
        read_sequence(Source(tmp_path / "i.npy", None, labels=True, size=3))


def test_rows_of_another_width_are_told(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((5, 2)))
    with pytest.raises(BadFileError, match="2 numbers a row, expected 3, which the model reads"):
        read_sequence(Source(tmp_path / "x.npy", None, labels=False, size=3))


def bytes_of(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def test_arrays_come_by_name(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(bytes_of(x=np.arange(6).reshape(2, 3).astype(">f4"), y=np.array([1, 2])))
    found = read_arrays(path)
    assert found["x"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["x"].dtype == np.float32
    assert list(found) == ["x", "y"]


class Harm:
    """Opened as a pickle it would make a folder."""

    def __reduce__(self):
        import os  # noqa: PLC0415

        return os.mkdir, ("harm",)


def test_objects_are_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "o.npy", np.array([Harm()], dtype=object), allow_pickle=True)
    with pytest.raises(BadFileError, match="its entries are object, expected numbers; objects are never opened"):
        read_arrays(tmp_path / "o.npy")
    assert not (tmp_path / "harm").exists()


def test_a_bomb_of_zeros_is_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.npy", b"\0" * 50_000_000)
    with pytest.raises(BadFileError, match="its entries claim 50,000,000 bytes of a file of"):
        read_arrays(path)


def test_a_header_that_claims_more_than_the_file_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(10))
    path.write_bytes(path.read_bytes().replace(b"(10,), ", b"(99999999,)"[:7].ljust(7)))
    with pytest.raises(BadFileError, match="expected"):
        read_arrays(path)


@pytest.mark.parametrize("kind", ["npy", "npz"])
@pytest.mark.parametrize("harm", ["flipped", "cut"])
def test_damaged_arrays_open_or_end_in_a_sentence(tmp_path, kind, harm):
    if kind == "npz":
        whole = bytes_of(x=np.random.default_rng(1).normal(size=(4, 3)), y=np.arange(3))
    else:
        np.save(tmp_path / "whole.npy", np.random.default_rng(1).normal(size=(4, 3)))
        whole = (tmp_path / "whole.npy").read_bytes()
    random, path, refused = np.random.default_rng(2), tmp_path / f"a.{kind}", 0
    for number in range(MUTATIONS):
        content = bytearray(whole[: number * len(whole) // MUTATIONS] if harm == "cut" else whole)
        for place in random.integers(0, len(whole), 3) if harm == "flipped" else ():
            content[place] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        try:
            read_arrays(path)
        except BadFileError:
            refused += 1
    assert refused == MUTATIONS if harm == "cut" else refused > MUTATIONS // 4
