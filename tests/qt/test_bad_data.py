"""Bad data of every kind: a sentence that names the file, the line and what was expected, and the old run goes on."""

import pytest

BAD = {
    "ragged CSV": ("series_csv", "1,2\n3,4\n5,6,7\n", "line 3 has 3 cells, expected 2 as line 1 has"),
    "text in a number column": (
        "series_csv",
        "month,sold\nJan,20\nFeb,many\nMar,21\nApr,22\n",
        "line 3: column 2 is 'many', expected a number as in the other lines",
    ),
    "one number": ("series_csv", "5\n", "numbers in the column: 1, expected 3 at least: one is held out"),
    "ragged table": (
        "sentiment_csv",
        "text,label\ngood,yes\nbad,really,no\n",
        "line 3 has 3 columns, expected two columns, a text and its label; put quotes around a text",
    ),
    "one label": (
        "sentiment_csv",
        "text,label\n" + "good,yes\n" * 20,
        "every label is 'yes', expected 2 to 100 different ones",
    ),
    "one token": ("text", "a", "the text has only the character 'a', expected at least two different ones"),
    "one letter": ("text", "a" * 400, "the text has only the character 'a', expected at least two different ones"),
    "one word": ("text_words", "no " * 90, "the text has only the word 'no', expected at least two different ones"),
}


@pytest.mark.parametrize(("task", "text", "sentence"), BAD.values(), ids=BAD)
def test_bad_data_are_refused_with_a_sentence_and_the_old_run_goes_on(driven, tmp_path, task, text, sentence):
    path = tmp_path / "data.csv"
    path.write_text(text, "utf-8")
    driven.session.run()
    driven.until(lambda: driven.updates >= 3)
    old = driven.session.config
    driven.window.form.edit("task", task)
    driven.window.form.edit("file", path)
    driven.window.form.start()
    driven.until(driven.window.notice.isVisible)
    assert driven.window.notice.text.startswith(f"{path}: {sentence}")
    before = driven.updates
    driven.until(lambda: driven.updates >= before + 10)
    driven.session.pause()
    driven.settle()
    assert driven.session.history.column("update").tolist() == list(range(1, driven.updates + 1))
    assert set(old.difference(driven.session.config)) <= {"rate"}  # by which `settle` waits
