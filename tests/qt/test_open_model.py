"""A model of the user's own in the window."""

from rnnviz.app import open_model
from rnnviz.app.model_dialog import COLUMNS, ModelDialog
from rnnviz.checkpoints import inspect, open_checkpoint
from rnnviz.domain.checkpoint import ModelChoice
from tests.unit.foreign import parallel, plain, whole_dict


def dialog_for(path, qtbot):
    dialog = ModelDialog(inspect(open_checkpoint(path)))
    qtbot.addWidget(dialog)
    return dialog


def cells_of(table, row):
    return dict(zip(COLUMNS, (table.item(row, column).text() for column in range(table.columnCount())), strict=True))


def test_the_dialog_shows_what_was_found(application, qtbot, tmp_path):
    dialog = dialog_for(plain(tmp_path).path, qtbot)
    assert cells_of(dialog.table, 0) == {
        "Name": "rnn",
        "Made of": "nn.GRU",
        "Cell": "GRU or GRU (textbook)",
        "Layers": "2",
        "Directions": "both",
        "Reads": "6",
        "Units": "5",
        "Gate order": "r, z, n",
        "Biases": "yes",
    }


def test_the_dialog_proposes_embedding_read_out_and_the_loss(application, qtbot, tmp_path):
    written = plain(tmp_path)
    ends = {"embedding": "embed.weight", "readout": "head.weight"}
    wanted = ModelChoice(written.path, "rnn", cell="gru", scalar="next", **ends)
    assert dialog_for(written.path, qtbot).choice == wanted


def test_another_row_of_the_table_is_another_stack(application, qtbot, tmp_path):
    dialog = dialog_for(parallel(tmp_path).path, qtbot)
    assert dialog.choice.stack == "cells.0 … cells.1"
    dialog.table.setCurrentCell(2, 0)
    assert dialog.choice.stack == "cells.1"
    assert "Random numbers, 5 a token" in dialog.preview.text()


def test_data_that_does_not_fit_are_told_before_they_are_used(application, qtbot, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("abc")
    dialog = dialog_for(plain(tmp_path).path, qtbot)
    dialog.choices.data.set_path(text)
    assert "vocabulary is not set" in dialog.preview.text()
    assert not dialog.open_button.isEnabled()
    vocabulary = tmp_path / "v.json"
    vocabulary.write_text('{"a": 0, "b": 1, "c": 2}')
    dialog.choices.vocabulary.set_path(vocabulary)
    assert dialog.open_button.isEnabled()
    assert dialog.preview.text().endswith("a b c …")


def test_one_unit_is_chosen_by_its_number(application, qtbot, tmp_path):
    dialog = dialog_for(whole_dict(tmp_path).path, qtbot)
    scalar = dialog.choices.scalar
    assert not dialog.choices.place.isEnabled()
    scalar.setCurrentIndex(scalar.findData("unit"))
    scalar.activated.emit(scalar.currentIndex())
    dialog.choices.place.setValue(99)
    assert (dialog.choice.scalar, dialog.choice.place) == ("unit", 6)


def test_a_model_is_opened_looked_at_and_left_again(driven, tmp_path):
    window, session = driven.window, driven.session
    open_model.open_path(window, parallel(tmp_path).path)
    asker = window.findChild(open_model.ModelAsker)
    driven.until(lambda: asker.dialog is not None)
    asker.dialog.open_button.click()
    driven.until(lambda: session.fixed and session.trace is not None)
    assert len(session.trace.layers) == 2
    window.selection.choose(unit=4)
    window.selection.move(layers=1)  # it has 4 units, the one below 5
    assert window.selection.cursor.unit == 3
    driven.until(lambda: "as in the file" in window.transport._place.text())
    session.toggle()
    assert not session.running
    assert "is not trained" in window.notice.text
    session.go_back()
    driven.until(lambda: not session.fixed)
    driven.train(2)
    assert len(session.history) == 2


def test_a_file_that_cannot_be_opened_is_told_and_the_run_goes_on(driven, tmp_path):
    bad = tmp_path / "bad.pt"
    bad.write_bytes(b"PK\x03\x04")
    open_model.open_path(driven.window, bad)
    driven.until(driven.window.notice.isVisible)
    assert "bad.pt: " in driven.window.notice.text
    driven.train(2)


def test_weights_are_recognised_by_their_names(tmp_path):
    assert [open_model.recognises(tmp_path / name) for name in ("a.PT", "a.safetensors", "a.txt")] == [
        True,
        True,
        False,
    ]
