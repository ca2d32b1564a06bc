"""Reading a column of a user's CSV file: either numbers, or a sentence that names the line and the expectation."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.files.columns import columns_of, read_column
from rnnviz.files.errors import BadFileError
from tests.builders import csv_file


def refusal(path):
    """The sentence with which ``path`` is refused, without the path that it begins with."""
    with pytest.raises(BadFileError) as refused:
        read_column(path)
    assert str(refused.value).startswith(f"{path}: ")
    return str(refused.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "name", "numbers", "note"),
    [
        ("1\n2.5\n-3e2\n", "column 1", [1, 2.5, -300], "the only column; no header; decimal point"),
        ("y\n1\n2\n", "y", [1, 2], "the only column; the first line is a header; decimal point"),
        ("Preis\n1,5\n2,25\n", "Preis", [1.5, 2.25], "the only column; the first line is a header; decimal comma"),
        (
            "a,b\nx,1\ny,2\n",
            "b",
            [1, 2],
            "column 2 of 2, separated by commas; the first line is a header; decimal point",
        ),
        ("1;1,5\n2;,5\n", "column 2", [1.5, 0.5], "column 2 of 2, separated by semicolons; no header; decimal comma"),
        ("1;1.5\n2;2.5\n", "column 2", [1.5, 2.5], "column 2 of 2, separated by semicolons; no header; decimal point"),
        ("1\tx\n2\ty\n", "column 1", [1, 2], "column 1 of 2, separated by tabs; no header; decimal point"),
        (
            '"a;b",n\n"c\nd",1\ne,"2"\n',
            "n",
            [1, 2],
            "column 2 of 2, separated by commas; the first line is a header; decimal point",
        ),
        (
            "\n\nn, m\n\n1, 2\n3, 4\n\n",
            "m",
            [2, 4],
            "column 2 of 2, separated by commas; the first line is a header; decimal point",
        ),
    ],
    ids=["plain", "header", "one comma column", "text beside", "semicolons", "points", "tabs", "quotes", "blank lines"],
)
def test_delimiter_header_and_decimal_comma_are_found(text, name, numbers, note, tmp_path):
    column = read_column(csv_file(tmp_path, text))
    assert (column.name, column.numbers.tolist(), column.note) == (name, numbers, note)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("n\n1\n2\nn/a\n4\n", "line 4: column 1 is 'n/a', expected a number as in the other lines"),
        ("a,n\n\nx,1\ny,\nz,3\n", "line 4: column 2 is '', expected a number as in the other lines"),
        ("1\n2\nnan\n", "line 3: column 1 is 'nan', expected a number as in the other lines"),
        ("1\n2\n1e999\n", "line 3: column 1 is '1e999', expected a number as in the other lines"),
        ("1\n2\n1_0\n", "line 3: column 1 is '1_0', expected a number as in the other lines"),
        ("1,2\n3,4\n5\n", "line 3 has 1 cell, expected 2 as line 1 has"),
        ("1,2\n3,4,5\n", "line 2 has 3 cells, expected 2 as line 1 has"),
        ("a,b\nc,d\n", "line 2: 'd' is not a number, expected a column of numbers"),
        ("only words\n", "line 1: 'only words' is not a number, expected a column of numbers"),
        (";;\n;\n", "line 2: every cell is empty, expected a column of numbers"),
        ('1\n"2\n', "line 2: unexpected end of data, expected CSV with matching quotes"),
    ],
    ids=[
        "text",
        "empty",
        "nan",
        "infinite",
        "underscore",
        "short row",
        "long row",
        "words",
        "one line",
        "empty cells",
        "quote",
    ],
)
def test_what_is_no_column_of_numbers_is_refused_with_its_line(text, sentence, tmp_path):
    assert refusal(csv_file(tmp_path, text)) == sentence


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_bytes(b"PK\x00\x01")
    assert refusal(path) == "byte 2 is zero, so this is a binary file, expected UTF-8 text"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(numbers=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), comma=st.booleans())
def test_numbers_that_are_written_are_read_back(numbers, comma, tmp_path):
    rows = [f"day {k};{number!r}" for k, number in enumerate(numbers)]
    text = "\n".join(row.replace(".", ",") if comma else row for row in rows)
    assert read_column(csv_file(tmp_path, text)).numbers.tolist() == numbers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(text=st.text(alphabet='1,;.\t\n"a -e\x1f', max_size=30))
def test_anything_else_gives_a_sentence_and_no_other_error(text, tmp_path):
    path = csv_file(tmp_path, text)
    try:
        assert len(read_column(path).numbers) > 0
    except BadFileError:
        assert "expected" in refusal(path)


# A column that is asked for.

SALES = "month,sold,price,sold\nMay,1,10,7\nJune,2,20,8\nJuly,3,30,9\n"


@pytest.mark.parametrize(
    ("column", "numbers"), [(None, [7, 8, 9]), ("sold", [1, 2, 3]), ("price", [10, 20, 30]), ("column 4", [7, 8, 9])]
)
def test_a_column_is_read_by_its_name(tmp_path, column, numbers):
    found = read_column(csv_file(tmp_path, SALES), column)
    assert found.numbers.tolist() == numbers
    assert found.name == (column or "column 4")


def test_columns_of_numbers_are_named_with_the_one_that_is_usually_read(tmp_path):
    assert columns_of(csv_file(tmp_path, SALES)) == (("sold", "price", "column 4"), "column 4")
    assert columns_of(csv_file(tmp_path, "1;a;2,5\n3;b;4,5\n")) == (("column 1", "column 3"), "column 3")


@pytest.mark.parametrize("text", [SALES, "1;a;2,5\n3;b;4,5\n", "a,b\n1,2\n3,4\n", "7\n8\n", '"x, y",z\n1,2\n3,4\n'])
def test_every_column_that_is_named_can_be_read_and_the_usual_one_is_the_default(tmp_path, text):
    path = csv_file(tmp_path, text)
    found = columns_of(path)
    assert found.usual in found.names
    for name in found.names:
        assert read_column(path, name).name == name
    default, usual = read_column(path), read_column(path, found.usual)
    assert (default.name, default.numbers.tolist(), default.note) == (usual.name, usual.numbers.tolist(), usual.note)


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("sales", "no column is called 'sales', expected one of 'sold', 'price', 'column 4'"),
        ("", "no column is called '', expected one of 'sold', 'price', 'column 4'"),
        (
            "month",
            "the column 'month' has no numbers in 3 rows, expected a column of numbers, one of 'sold', 'price', ",
        ),
    ],
)
def test_a_column_that_is_not_there_or_not_numeric_is_refused(tmp_path, column, sentence):
    with pytest.raises(BadFileError) as refused:
        read_column(csv_file(tmp_path, SALES), column)
    assert sentence in str(refused.value)


def test_a_cell_that_is_no_number_in_a_column_that_is_asked_for_is_named_by_its_line(tmp_path):
    path = csv_file(tmp_path, "a,b\n1,2\nx,3\n5,4\n")
    with pytest.raises(BadFileError, match="line 3: column 1 is 'x', expected a number as in the other lines"):
        read_column(path, "a")


def json_lines(folder, text):
    path = folder / "sales.jsonl"
    path.write_text(text, "utf-8")
    return path


def test_numbers_of_json_lines_are_columns(tmp_path):
    path = json_lines(tmp_path, '{"day": "Mo", "sold": 1, "price": 1e-05}\n\n{"price": 2.5, "sold": 3, "day": "Tu"}\n')
    assert columns_of(path) == (("sold", "price"), "price")
    assert read_column(path).numbers.tolist() == [1e-05, 2.5]
    found = read_column(path, "sold")
    assert (found.name, found.numbers.tolist()) == ("sold", [1, 3])
    assert found.note == "2 of 3 in each object; JSON lines; decimal point"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1}\n[2]\n', "line 2 is '[2]', expected an object such as"),
        ('{"a": 1}\n{"a": \n', "line 2: not JSON"),
        ('{"a": 1}\n{"a": 2}\n{"b": 3}\n', "line 3: column 1 is '', expected a number as in the other lines"),
        ('{"a": 1}\n{"a": NaN}\n', "line 2: column 1 is 'NaN', expected a number"),
        ('{"a": true}\n{"a": false}\n', "is not a number, expected a column of numbers"),
        ("{}\n{}\n", "line 1 is '{}', expected an object such as"),
    ],
)
def test_json_lines_without_a_column_of_numbers_are_refused(tmp_path, text, sentence):
    with pytest.raises(BadFileError) as refused:
        read_column(json_lines(tmp_path, text))
    assert sentence in str(refused.value)


def test_columns_of_an_array_are_read_by_their_place(tmp_path):
    numbers = np.random.default_rng(0).normal(size=(12, 3))
    np.savez(tmp_path / "a.npz", x=numbers)
    np.save(tmp_path / "b.npy", numbers[:, 0].astype(np.float32))
    assert columns_of(tmp_path / "a.npz") == (("column 1", "column 2", "column 3"), "column 3")
    np.testing.assert_array_equal(read_column(tmp_path / "a.npz").numbers, numbers[:, 2])
    np.testing.assert_array_equal(read_column(tmp_path / "a.npz", "column 2").numbers, numbers[:, 1])
    np.testing.assert_array_equal(read_column(tmp_path / "b.npy").numbers, numbers[:, 0].astype(np.float32))


@pytest.mark.parametrize(
    ("array", "column", "sentence"),
    [
        (np.zeros((2, 2, 2)), None, "the array is (2, 2, 2), expected (T,) or (T, D) with at most 100 columns"),
        (np.zeros((2, 101)), None, "the array is (2, 101), expected"),
        (np.zeros(0), None, "the array is (0,), expected"),
        (np.array([[1, 2], [3, np.inf]]), None, "row 1 of column 2 is inf, expected finite numbers"),
        (np.zeros((2, 2)), "column 3", "no column is called 'column 3', expected one of 'column 1', 'column 2'"),
    ],
)
def test_an_array_without_such_a_column_is_refused(tmp_path, array, column, sentence):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(BadFileError) as refused:
        read_column(tmp_path / "a.npy", column)
    assert sentence in str(refused.value)
