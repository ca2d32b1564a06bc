"""Reading a table of texts and labels: either rows, or a sentence that names the file, the line and the expectation."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.files.errors import BadFileError
from rnnviz.files.labelled import EXPECTED, Labelled, read_labelled


def written(folder, data):
    path = folder / "table.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def refusal(path):
    with pytest.raises(BadFileError) as refused:
        read_labelled(path)
    assert str(refused.value).startswith(f"{path}: ")
    return str(refused.value).removeprefix(f"{path}: ")


ROWS = [Labelled("fine, really", "1"), Labelled("dull", "0")]


@pytest.mark.parametrize(
    "data",
    [
        '"fine, really",1\ndull,0\n',
        'text,label\n"fine, really",1\ndull,0\n',
        'Sentiment,Review\n1,"fine, really"\n0,dull\n',
        "fine, really;1\ndull;0\n",
        "fine, really\t1\r\ndull\t0\r\n",
        "fine, really|1\n\n  \ndull|0",
        b"\xef\xbb\xbftext;label\nfine, really;1\ndull;0",
        '"fine, really",1 \n dull , 0 \n',
    ],
    ids=["comma", "header", "label first", "semicolon", "tab", "bar and empty lines", "byte order mark", "spaces"],
)
def test_delimiter_header_and_order_are_found(tmp_path, data):
    assert read_labelled(written(tmp_path, data)) == ROWS


def test_a_line_separator_of_unicode_is_no_end_of_a_row(tmp_path):
    assert read_labelled(written(tmp_path, "one\u2028two,a\nb,c\n"))[0] == Labelled("one\u2028two", "a")


def test_a_text_may_go_over_lines(tmp_path):
    assert read_labelled(written(tmp_path, '"one\ntwo ""so""",a\nb,c\n'))[0] == Labelled('one\ntwo "so"', "a")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("good,1\nbad,0\nit was, well, bad,0\n", f"line 3 has 4 columns, {EXPECTED}"),
        ("good,1\nbad\n", f"line 2 has 1 column, {EXPECTED}"),
        ("just words\nand more words\n", f"line 1 has 1 column, {EXPECTED}"),
        ("good,1\n\n,0\n", "line 3: the text is empty, expected a text and its label"),
        ("good,1\nbad, \n", "line 2: the label is empty, expected a text and its label"),
        ("text,label\n", f"no row below the header, {EXPECTED}"),
        ('good,1\n"bad,0\n', f"line 2: not CSV (unexpected end of data), {EXPECTED}"),
        ("", "the file is empty, expected UTF-8 text"),
        (b"good\xe9\x01,1\n", "byte 4 (0xe9) is not UTF-8, expected UTF-8 text; save the file as UTF-8"),
        (b"good\0,1\n", "byte 4 is zero, so this is a binary file, expected UTF-8 text"),
    ],
)
def test_what_is_no_such_table_is_refused_with_a_sentence(tmp_path, data, sentence):
    assert refusal(written(tmp_path, data)) == sentence


def test_a_field_that_is_too_long_is_refused_with_its_line(tmp_path):
    data = "good,1\n" + "a" * (csv.field_size_limit() + 1) + ",0\n"
    assert refusal(written(tmp_path, data)).startswith("line 2: not CSV (field larger than field limit")


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=12).filter(str.strip)


@given(st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_what_the_csv_module_wrote_is_read_back_when_the_delimiter_can_be_told(tmp_path_factory, rows, delimiter):
    rows = [(f"a first one{delimiter}", "label"), *rows]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    path = written(tmp_path_factory.getbasetemp(), out.getvalue())
    assert read_labelled(path) == [(text.strip(), label.strip()) for text, label in rows]


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_file_is_either_rows_or_a_sentence(tmp_path_factory, data):
    path = written(tmp_path_factory.getbasetemp(), data.encode("utf-8", "replace") if isinstance(data, str) else data)
    try:
        rows = read_labelled(path)
    except BadFileError as error:
        assert "expected" in str(error)  # noqa: PT017  # either outcome is right
    else:
        assert all(row.text and row.label for row in rows)


def test_json_lines_are_read_under_the_usual_names(tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "good, really", "label": 1}\n\n{"Label": "no", "TEXT": " bad "}\n')
    assert read_labelled(path) == [("good, really", "1"), ("bad", "no")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"text": "a"', "line 2: not JSON"),
        ('{"text": "a"}', "line 2: no text and label in"),
        ("[1]", "line 2: no text and label in"),
        ('{"text": "", "label": "x"}', "line 2: the text is empty"),
        ("[" * 30_000, "line 2: not JSON"),
    ],
)
def test_a_line_that_is_no_such_object_is_named(tmp_path, line, sentence):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "good", "label": "yes"}\n' + line)
    with pytest.raises(BadFileError, match=sentence):
        read_labelled(path)
