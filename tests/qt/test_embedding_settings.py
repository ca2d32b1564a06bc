"""The settings of the embedding in the form: greyed out with a reason, the file's own dialog, and what follows it."""

import pytest
from PySide6.QtCore import Qt

from rnnviz.app.relevance import without_effect
from rnnviz.app.run_form import RunForm
from rnnviz.config import RunConfig
from tests.builders import config, vectors_file
from tests.qt.driving import a_small_run

OF_THE_EMBEDDING = ("vectors", "vectors_file", "frozen")


@pytest.fixture
def form(qtbot):
    form = RunForm()
    qtbot.addWidget(form)
    form.resize(260, 700)
    form.show()
    form.show_config(config())
    return form


def greyed(form):
    return {name for name, editor in form._editors.items() if not editor.isEnabled()}


def test_where_tokens_are_embedded_all_settings_of_it_are_open(form):
    assert not greyed(form) & {"embedding", *OF_THE_EMBEDDING}


@pytest.mark.parametrize(
    ("name", "value", "shut", "reason"),
    [
        ("task", "adding", ("embedding", *OF_THE_EMBEDDING), "This task reads numbers as they are"),
        ("embedding", 0, OF_THE_EMBEDDING, "There is no embedding: “Embedding” is 0."),
        ("vectors", "file", ("embedding",), "The file of vectors decides how many numbers"),
        ("cell", "gru", ("forget_bias",), "GRU has no forget gate."),
        ("task", "sentiment", ("length",), "The sequences of this task are as long as they are."),
    ],
)
def test_what_has_no_effect_is_greyed_out_and_says_why(form, name, value, shut, reason):
    before = greyed(form)
    form.edit(name, value)
    assert greyed(form) - before == set(shut)
    for editor in (form._editors[entry] for entry in shut):
        assert reason in editor.toolTip()
    form.undo()
    assert greyed(form) == before
    assert all(reason not in editor.toolTip() for editor in form._editors.values())


@pytest.mark.parametrize("changes", [{}, {"init": "orthogonal"}, {"cell": "gru"}, {"vectors": "counted"}])
def test_reasons_are_sentences_about_settings_that_exist(changes):
    found = without_effect(config(**changes).model_dump())
    assert found.keys() <= RunConfig.model_fields.keys()
    assert all(reason.endswith(".") for reason in found.values())
    assert ("gain" in found) == ("init" not in changes)


def test_the_file_of_vectors_is_chosen_in_a_dialog_of_its_own(form, monkeypatch, tmp_path):
    asked = []

    def answer(_parent, title, _folder, kinds):
        asked.append((title, kinds))
        return str(tmp_path / "glove.txt"), ""

    monkeypatch.setattr("rnnviz.app.editors.QFileDialog.getOpenFileName", answer)
    form._editors["vectors_file"]._button.click()
    assert asked == [("File of word vectors", "Text (*.txt *.vec *.glove *.w2v);;All files (*)")]
    assert form.pending == {"vectors": "file", "vectors_file": tmp_path / "glove.txt"}
    assert form._editors["vectors"]._box.currentData() == "file"
    assert form._editors["vectors_file"]._button.text() == "glove.txt"
    assert form._editors["file"]._button.text() == "choose …"


def test_a_file_that_is_not_chosen_yet_is_asked_for_beside_the_field(form):
    form.edit("vectors", "file")
    assert form._notice_text.text().startswith("vectors_file is not set, expected the path of a GloVe or word2vec")
    assert not form._start.isEnabled()
    form.edit("vectors", "random")
    assert form.pending == {}


def test_the_size_that_a_file_decided_is_not_pending_any_more(form, tmp_path):
    form.edit("embedding", 30)
    form.edit("vectors_file", tmp_path / "glove.txt")
    assert form.pending["embedding"] == 30
    form.show_config(config(embedding=50, vectors="file", vectors_file=tmp_path / "glove.txt"))
    assert form.pending == {}
    assert form._editors["embedding"]._box.value() == 50
    form.edit("vectors", "counted")
    form.edit("embedding", 20)
    form.show_config(config(embedding=50, vectors="file", vectors_file=tmp_path / "glove.txt", rate=0.5))
    assert form.pending == {"vectors": "counted", "embedding": 20}


def test_the_window_begins_with_the_vectors_of_a_file_and_tells_what_was_missing(start, tmp_path):
    driven = start(a_small_run())
    form = driven.window.form
    form.edit("vectors_file", vectors_file(tmp_path))
    form.edit("frozen", True)
    told = []  # when the run starts: the first update, which comes at once, writes over it
    driven.session.run_started.connect(lambda _: told.append(driven.window.toolbar._status.text()))
    form.start()
    driven.until(lambda: driven.session.config.vectors == "file")
    assert driven.session.config.embedding == 3
    assert form.pending == {}
    assert "3 numbers each: 4 of 8 tokens found; 4 missing" in form.toolTip()
    assert len(told) == 1
    assert told[0].endswith(" learned\n24 frozen")
    driven.key(Qt.Key.Key_F6)
    driven.session.pause()  # while it trains a panel that is out of sight is told nothing
    panel = driven.window.column.panels["embedding"]
    driven.until(lambda: panel._map is not None and panel._map.missing == frozenset(" drw"))


def test_a_file_that_cannot_be_used_is_refused_and_the_run_goes_on(start, tmp_path):
    driven = start(a_small_run())
    failures = []
    driven.session.failed.connect(failures.append)
    driven.window.form.edit("vectors_file", vectors_file(tmp_path, "e 1 2\nh nan 1\n"))
    driven.window.form.start()
    driven.until(lambda: failures)
    assert failures[0].sentence.endswith(
        "vectors.txt: line 2: number 1 is nan, expected numbers that are finite in 32 bits"
    )
    assert driven.session.config.vectors == "random"
    driven.train(1)
