"""What a file of the user's own is, before it is used."""

import numpy as np
import pytest

from rnnviz.files.errors import BadFileError
from rnnviz.files.preview import preview
from rnnviz.tasks import TASKS
from tests.builders import arrays_file, csv_file, table_file, text_file


def test_a_text_is_shown_by_its_lines(tmp_path):
    found = preview(text_file(tmp_path))
    assert dict(found.facts) == {"Encoding": "UTF-8", "Size": "720 characters, 8 lines"}
    assert found.rows[0][0].startswith("the cat sat on the mat")
    assert found.tasks == ("text", "text_words")


def test_a_guessed_encoding_is_shown_as_one(tmp_path):
    path = tmp_path / "old.txt"
    path.write_bytes("Käse und Brot ".encode("cp1252") * 9)
    assert dict(preview(path).facts)["Encoding"] == "Windows-1252 (a guess: nothing in the file says so)"


def test_separator_header_and_numbers_of_a_table_are_told(tmp_path):
    path = csv_file(tmp_path, "Tag;Preis\n" + "".join(f"T{k};{k},5\n" for k in range(30)))
    found = preview(path)
    facts = dict(found.facts)
    assert (facts["Separator"], facts["Header"]) == ("semicolons", "the first line")
    assert "decimal comma" in facts["Numbers"]
    assert found.header == ("Tag", "Preis")
    assert found.rows[1] == ("T1", "1,5")
    assert found.tasks[0] == "series_csv"


def test_texts_and_labels_are_recognised(tmp_path):
    found = preview(table_file(tmp_path))
    assert (found.tasks[0], found.header, len(found.rows)) == ("sentiment_csv", ("text", "label"), 8)


def test_json_lines_are_recognised(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "good", "label": "yes"}\n' * 3)
    found = preview(path)
    assert dict(found.facts)["Form"] == "JSON lines"
    assert found.rows == (("good", "yes"),) * 3


def test_of_json_lines_the_line_that_is_none_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n{"a":\n')
    with pytest.raises(BadFileError, match="line 2: not JSON"):
        preview(path)


def test_arrays_are_told_by_their_shape(tmp_path):
    facts = dict(preview(arrays_file(tmp_path)).facts)
    assert facts["Sequences"] == "30 sequences of 6 to 12 tokens, 2 numbers each, with their lengths"
    assert facts["Answers y"] == "(30,), int64"


@pytest.mark.parametrize("make", [text_file, table_file, arrays_file])
def test_the_first_task_that_is_proposed_can_read_the_file(tmp_path, make):
    path = make(tmp_path)
    assert TASKS[preview(path).tasks[0]].open(path, 10).note


def test_what_cannot_be_read_is_told(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((1, 2, 3, 4)))
    with pytest.raises(BadFileError, match=r"the sequences are \(1, 2, 3, 4\), expected"):
        preview(path)
    with pytest.raises(BadFileError, match="does not exist"):
        preview(tmp_path / "none.txt")


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".jsonl"])
def test_any_bytes_are_shown_or_end_in_a_sentence(tmp_path, suffix):
    random, path, shown = np.random.default_rng(1), tmp_path / f"a{suffix}", 0
    whole = bytearray(b'{"text": "t", "label": 1}\n' if suffix == ".jsonl" else b'name,"a, b",label\nx,1.5,"yes"\n') * 3
    for number in range(500):
        content = whole[: int(random.integers(len(whole)))] if number % 2 else bytearray(whole)
        for place in random.integers(0, len(content), 1) if content else ():
            content[place] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        try:
            shown += bool(preview(path).tasks)
        except BadFileError as error:
            assert "expected" in str(error)  # noqa: PT017  # either outcome is right
    assert shown > 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_of_a_long_text_the_beginning_is_looked_at(tmp_path, encoding):
    path = tmp_path / "long.csv"
    path.write_bytes("".join(f"ä{k};{k}.5\n" for k in range(120_000)).encode(encoding))
    found = preview(path)
    facts = dict(found.facts)
    assert found.path == path
    assert facts["Looked at"].startswith("the first 250 kB of ")
    assert facts["Encoding"].startswith({"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}[encoding])
    assert (found.rows[0], found.tasks[0]) == (("ä0", "0.5"), "series_csv")


def test_a_long_file_that_is_no_text_is_told_by_its_own_name(tmp_path):
    path = tmp_path / "long.txt"
    path.write_bytes(b"\0" * 2_000_000)
    with pytest.raises(BadFileError, match=r"^.*long\.txt: byte 0 is zero") as caught:
        preview(path)
    assert caught.value.path == path


def test_columns_of_numbers_are_told_where_one_of_them_can_be_learned(tmp_path):
    found = preview(csv_file(tmp_path, "day,sold,price\nMo,1,2\nTu,3,4\n"))
    assert found.columns == {"series_csv": (("sold", "price"), "price")}
    assert not preview(text_file(tmp_path)).columns
    assert "series_csv" not in preview(table_file(tmp_path)).columns


def test_json_lines_of_numbers_are_shown_by_their_names(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"day": "Mo", "sold": 1, "price": 2.5}\n' * 12)
    found = preview(path)
    assert (found.header, found.rows[7], len(found.rows)) == (("day", "sold", "price"), ("Mo", "1", "2.5"), 8)
    assert (found.tasks, found.columns) == (("series_csv", "text"), {"series_csv": (("sold", "price"), "price")})


def test_a_row_of_numbers_is_a_series(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(30) ** 2)
    found = preview(path)
    assert (found.tasks, found.columns) == (("series_csv",), {"series_csv": (("column 1",), "column 1")})
    assert (dict(found.facts)["Numbers"], found.rows[3]) == ("30 rows of 1", ("9",))


def test_a_table_of_numbers_is_sequences_or_has_a_column_that_is_a_series(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(120).reshape(30, 4))
    found = preview(path)
    assert (found.header, found.rows[1]) == (("column 1", "column 2", "column 3", "column 4"), ("4", "5", "6", "7"))
    assert found.tasks == ("own_arrays", "series_csv")
    assert found.columns == {"series_csv": (("column 1", "column 2", "column 3", "column 4"), "column 4")}
    assert not preview(arrays_file(tmp_path)).columns


def test_bars_separate_cells(tmp_path):
    found = preview(csv_file(tmp_path, "a|b\n" + "".join(f"{k}|{k / 3:.2f}\n" for k in range(30))))
    assert dict(found.facts)["Separator"] == "bars"
    assert (found.header, found.tasks[0]) == (("a", "b"), "series_csv")


def test_what_keeps_a_csv_file_from_being_a_table_is_told(tmp_path):
    found = preview(csv_file(tmp_path, "a,b\n1,2\n3\n"))
    assert dict(found.facts)["No table"] == "line 3 has 1 cell, expected 2 as line 1 has"
    assert found.tasks == ("text", "text_words")


def test_of_several_arrays_the_one_that_is_read_is_told(tmp_path):
    np.savez(tmp_path / "a.npz", alpha=np.ones((60, 2)), beta=np.ones(7))
    assert dict(preview(tmp_path / "a.npz").facts)["Array"] == "“alpha”; not read: beta"
    np.savez(tmp_path / "b.npz", alpha=np.ones((60, 2)))
    assert "Array" not in dict(preview(tmp_path / "b.npz").facts)
