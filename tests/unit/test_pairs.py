"""Tables with more columns than a text and its label."""

import json

import pytest

from rnnviz.files.errors import BadFileError
from rnnviz.files.labelled import Labelled
from rnnviz.files.pairs import pairs_of, read_texts
from rnnviz.files.preview import preview
from rnnviz.tasks import TASKS
from tests.builders import csv_file, table_file, trainer

HEADER = "id,Stars,remark,review,shop\n"
ROWS = [
    f'{k},{k % 5 + 1},not seen by {"abcdefghijklmnopqrstuvwxyz"[k]},"good, number {k}, really good",{"AB"[k % 2]}\n'
    for k in range(20)
]
WIDE = HEADER + "".join(ROWS)


def refusal(path, pair=None):
    with pytest.raises(BadFileError) as refused:
        read_texts(path, pair)
    return str(refused.value).removeprefix(f"{path}: ")


def test_the_usual_pair_has_the_usual_names(tmp_path):
    path = csv_file(tmp_path, WIDE)
    assert pairs_of(path).usual == "review → Stars"
    assert read_texts(path)[3] == Labelled("good, number 3, really good", "4")
    assert len(read_texts(path)) == 20


def test_every_text_goes_with_every_label(tmp_path):
    names = ("remark → Stars", "remark → shop", "review → Stars", "review → shop")
    assert pairs_of(csv_file(tmp_path, WIDE)).names == names


def test_the_pair_that_is_asked_for_is_read(tmp_path):
    assert read_texts(csv_file(tmp_path, WIDE), "remark → shop")[1] == Labelled("not seen by b", "B")


def test_a_pair_that_nobody_would_guess_is_read_all_the_same(tmp_path):
    assert read_texts(csv_file(tmp_path, WIDE), "shop → id")[1] == Labelled("B", "1")


def test_without_a_header_columns_have_their_places(tmp_path):
    path = csv_file(tmp_path, "".join(ROWS))
    assert pairs_of(path).names[0] == "column 3 → column 2"
    assert pairs_of(path).usual == "column 4 → column 5"  # the longest texts, the last labels
    assert len(read_texts(path)) == 20


def test_a_header_without_usual_names_is_known_by_no_row_having_such_a_label(tmp_path):
    path = csv_file(tmp_path, WIDE.replace("Stars", "how").replace("review", "words"))
    assert pairs_of(path).usual == "words → shop"
    assert len(read_texts(path)) == 20


def test_json_lines_have_pairs_too(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [{"id": k, "message": f"so it is {k}", "kind": "ab"[k % 2], "when": f"2026-11-{k}"} for k in range(12)]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert pairs_of(path).names == ("message → kind",)
    assert read_texts(path)[1] == Labelled("so it is 1", "b")
    found = preview(path)
    assert found.tasks == ("sentiment_csv", "series_csv", "text")
    assert (found.header, found.rows[1]) == (("id", "message", "kind", "when"), ("1", "so it is 1", "b", "2026-11-1"))


def test_a_table_of_two_columns_is_read_as_before(tmp_path):
    path = table_file(tmp_path)
    assert len(pairs_of(path).names) <= 1
    assert read_texts(path)[0].label


@pytest.mark.parametrize(
    ("content", "pair", "sentence"),
    [
        (
            WIDE,
            "review",
            "no two columns are called 'review', expected one of 'remark → Stars', 'remark → shop', 'review →",
        ),
        (WIDE, "review → ", "no two columns are called 'review → ', expected one of"),
        (WIDE + "21,3,,,A\n", None, "line 22: the text is empty, expected a text and its label"),
        (WIDE + "21,,x,y,A\n", None, "line 22: the label is empty"),
        (WIDE + "21,3\n", "review → Stars", "line 22 has 2 cells, expected 5 as line 1 has"),
        ("a,b,c\n1,2,3\n2,3,4\n", "x → y", "no column of 3 is one of texts, expected a table with a column of texts"),
    ],
)
def test_what_is_no_such_table_or_pair_is_told(tmp_path, content, pair, sentence):
    assert refusal(csv_file(tmp_path, content), pair).startswith(sentence)


def test_a_wide_table_is_learned_from(tmp_path):
    path = csv_file(tmp_path, WIDE)
    assert preview(path).tasks[0] == "sentiment_csv"
    assert "review → shop" in TASKS["sentiment_csv"].open(path, 10, column="review → shop").note
    run = trainer(task="sentiment_csv", file=path, column="remark → shop", length=6)
    assert run.facts.predicts.labels == ("A", "B")
    assert next(iter(run.updates(1))).loss > 0


def test_dates_and_names_are_no_texts(tmp_path):
    rows = "".join(f"2026-11-{k:02},shop {k},{'AB'[k % 2]},{k}.5\n" for k in range(1, 21))
    assert preview(csv_file(tmp_path, f"day,name,kind,sold\n{rows}")).tasks == ("series_csv", "text", "text_words")
