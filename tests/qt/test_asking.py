"""Where to write: the name gets its suffix, and nothing that is there is overwritten unasked."""

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QToolButton

from rnnviz.app.asking import Asker
from rnnviz.drawing.theme import DARK

DIALOG = "rnnviz.app.asking.QFileDialog.getSaveFileName"
QUESTION = "rnnviz.app.asking.QMessageBox.question"


@pytest.fixture
def where(qtbot, qapp, monkeypatch):
    """Ask for a file to write, with what the user types and answers."""

    def ask(typed, suffix, overwrite=None):
        asked = []
        monkeypatch.setattr(DIALOG, lambda *_: (str(typed), ""))
        answer = QMessageBox.StandardButton.Yes if overwrite else QMessageBox.StandardButton.No
        monkeypatch.setattr(QUESTION, lambda *given: asked.append(given[2]) or answer)
        return Asker(None).where("Write to", f"x.{suffix}", suffix), asked

    return ask


@pytest.mark.parametrize("typed", ["picture", "version.2", "picture.svg"])
def test_a_file_always_gets_the_suffix_of_what_is_in_it(where, tmp_path, typed):
    assert where(tmp_path / typed, "png") == (tmp_path / f"{typed}.png", [])


def test_a_name_with_its_suffix_stays_and_is_left_to_qt_to_ask_about(where, tmp_path):
    (tmp_path / "picture.PNG").touch()
    assert where(tmp_path / "picture.PNG", "png") == (tmp_path / "picture.PNG", [])


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_only_the_added_suffix_meets_is_asked_about(where, tmp_path, overwrite):
    there = tmp_path / "mine.rnnviz-session"
    there.touch()
    path, asked = where(tmp_path / "mine", "rnnviz-session", overwrite)
    assert path == (there if overwrite else None)
    assert "mine.rnnviz-session" in asked[0]


def test_the_signs_on_the_buttons_of_a_file_dialog_can_be_seen(qtbot, application, tmp_path):
    dialog = QFileDialog(None, "Save", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setStyleSheet(DARK.style_sheet())
    qtbot.addWidget(dialog)
    dialog.show()
    for name in ("toParentButton", "newFolderButton", "listModeButton", "detailModeButton"):
        button = dialog.findChild(QToolButton, name)
        middle = button.grab(button.rect().adjusted(3, 3, -3, -3)).toImage()
        places = [(x, y) for x in range(middle.width()) for y in range(middle.height())]
        signs = sum(middle.pixelColor(x, y) != middle.pixelColor(0, 0) for x, y in places)
        assert signs > 30, name
