"""Word vectors that are dropped on the window are shown, then the next run begins with them."""

import pytest
from PySide6.QtCore import QTimer

from rnnviz.app import main
from rnnviz.app.data_dialog import DataDialog
from rnnviz.app.opening import open_file
from tests.builders import config, text_file, vectors_file


def asked(driven, path):
    open_file(driven.window, path)
    (dialog,) = driven.window.findChildren(DataDialog)
    return dialog


def vec_file(folder, text="e 1 0 0\nh 0 1 0\nl 0 0 1\no 1 1 0\n"):
    return vectors_file(folder, text).rename(folder / "a.vec")


def begins_with(driven, path):
    driven.until(lambda: driven.session.config.vectors == "file" and driven.session.trace is not None)
    return driven.session.config.vectors_file == path


def test_the_next_run_begins_with_vectors_that_are_accepted(driven, tmp_path):
    path = vec_file(tmp_path)
    dialog = asked(driven, path)
    assert dialog.table.item(1, 0).text() == "h"
    assert "begins, with 3 numbers a token, from the file" in dialog.said.text()
    assert driven.session.config.vectors == "random"
    dialog.use_button.click()
    assert begins_with(driven, path)
    assert driven.session.config.embedding == 3
    assert set(driven.session.facts.missing) == set(driven.session.facts.vocabulary) - set("ehlo")
    assert driven.window.form.pending == {}


def test_other_settings_that_are_pending_come_along(driven, tmp_path):
    driven.window.form.edit("hidden", 9)
    asked(driven, vec_file(tmp_path)).use_button.click()
    assert begins_with(driven, tmp_path / "a.vec")
    assert driven.session.config.hidden == 9


def test_vectors_that_are_in_force_begin_the_run_anew(start, tmp_path):
    path, started = vec_file(tmp_path), []
    driven = start(config(task="hello", vectors="file", vectors_file=path))
    driven.session.run_started.connect(started.append)
    asked(driven, path).use_button.click()
    driven.until(lambda: started)
    assert begins_with(driven, path)


def test_a_run_without_an_embedding_gets_one(start, tmp_path):
    driven = start(config(task="hello", embedding=0))
    asked(driven, vec_file(tmp_path)).use_button.click()
    assert begins_with(driven, tmp_path / "a.vec")
    assert driven.session.config.embedding == 3


def test_a_task_that_reads_numbers_is_told_that_it_has_no_tokens(start, tmp_path):
    driven = start(config(task="adding", length=10))
    dialog = asked(driven, vec_file(tmp_path))
    assert "The task “Adding” reads numbers as they are: there are no tokens to embed." in dialog.said.text()
    assert not dialog.use_button.isEnabled()


def test_a_file_with_none_of_the_tokens_is_refused_before_a_run_is_begun(driven, tmp_path):
    dialog = asked(driven, vec_file(tmp_path, "foo 1 2\nbar 3 4\n"))
    assert "None of the 8 tokens of the task “hello world” is in the file" in dialog.said.text()
    assert not dialog.use_button.isEnabled()


def test_a_text_that_looks_like_vectors_can_be_learned_as_a_text(driven, tmp_path):
    path = text_file(tmp_path, "".join(f"{word} 0.5 0.25 0.125\n" for word in ["hello", "world", "low", "rod"] * 9))
    dialog = asked(driven, path)
    assert [choice.name for choice in dialog._choices] == ["vectors", "text", "text_words"]
    dialog.task.setCurrentIndex(1)
    assert "characters to train on" in dialog.said.text()
    dialog.use_button.click()
    driven.until(lambda: driven.session.config.task == "text" and driven.session.trace is not None)
    assert (driven.session.config.file, driven.session.config.vectors) == (path, "random")


def test_a_text_that_does_not_is_shown_as_one(driven, tmp_path):
    assert asked(driven, text_file(tmp_path)).choice.name == "text"


@pytest.mark.parametrize(("name", "words"), [("a.vec", "line 2: has 1 number, expected 2"), ("b.w2v", "line 2: has 1")])
def test_bad_vectors_are_told_in_the_window(driven, tmp_path, name, words):
    path = tmp_path / name
    path.write_text("a 1 2\nb 1\n")
    open_file(driven.window, path)
    assert words in driven.window.notice.text
    assert not driven.window.findChildren(DataDialog)


def test_vectors_from_the_command_line_are_asked_about_when_the_run_has_begun(application, programs, tmp_path):
    seen = []

    def look():
        window = programs[-1].window
        for dialog in window.findChildren(DataDialog)[:1]:
            timer.stop()
            seen.append((window.session.config.task, dialog.said.text()))
            dialog.reject()
            application.exit(0)  # closing the window here, too, would end the loops of later tests

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    path = vec_file(tmp_path)
    assert main.run_window(config(task="hello"), tmp_path / "layout.json", opened=path, beside=True) == 0
    assert [task for task, _ in seen] == ["hello"]
    assert "A new run of the task “hello world” begins" in seen[0][1]
