"""A recording in the window: opened, scrubbed, followed, and nothing of it changed."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

import rnnviz
from rnnviz.app import opening
from rnnviz.app.data_dialog import DataDialog
from rnnviz.app.opening import OPENERS, dropped_file, opener_of
from tests.builders import text_file
from tests.unit.loops import batch, trained

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "run.rnnviz"
    trained("lstm", path, updates=6)
    return path


@pytest.fixture
def watching(driven, recording):
    """The window with a recording in place of its run."""
    driven.window.open_file(recording)
    driven.until(lambda: driven.session.facts.recording and driven.session.trace and driven.window.notice.isVisible())
    return driven


def test_the_same_score_and_panels_show_a_recording(watching):
    window = watching.window
    assert watching.updates == 6
    assert watching.session.trace.update == 6
    assert "state: ended" in window.card.text
    assert "recurrent: rnn: LSTM 3 → 5" in window.card.text
    assert window.card.isVisible()
    assert not window.form.isVisible()
    assert "The recording ends here" in window.notice.text
    assert not watching.session.running
    watching.key(Qt.Key.Key_Right)
    assert watching.cursor[0] == 1


def test_the_history_goes_through_what_was_recorded(watching):
    watching.until(lambda: watching.session.kept == (1, 2, 3, 4, 5, 6))
    watching.key(Qt.Key.Key_BracketLeft)
    watching.until(lambda: watching.session.trace.update == 5)
    assert watching.session.showing.update == 5
    watching.key(Qt.Key.Key_Space)
    watching.until(lambda: watching.session.trace.update == 6 and watching.session.showing.update is None)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (Qt.Key.Key_R, "cannot be begun anew"),
        (Qt.Key.Key_F, "no network here that could be trained"),
        (Qt.Key.Key_B, "no network here that could be trained"),
        (Qt.Key.Key_C, None),
        (Qt.Key.Key_I, "nothing inside its passes can be changed"),
    ],
)
def test_what_would_need_a_network_says_so(watching, key, words):
    before = watching.session.config
    watching.key(key)
    if words is not None:
        watching.until(lambda: words in watching.window.notice.text)
    assert watching.session.config == before
    assert watching.session.facts.recording


def test_going_on_from_a_recorded_update_is_refused(watching):
    watching.key(Qt.Key.Key_BracketLeft)
    watching.until(lambda: watching.session.showing.update == 5)
    assert not watching.window.laboratory.history._branch.isEnabled()
    watching.key(Qt.Key.Key_G)
    watching.until(lambda: "This is a recording: nothing of it can be trained" in watching.window.notice.text)


def test_one_goes_back_to_the_run_before_and_its_settings(watching):
    watching.key(Qt.Key.Key_Z, CTRL)
    watching.until(lambda: not watching.session.facts.recording)
    assert watching.window.form.isVisible()
    assert not watching.window.card.isVisible()
    watching.train(2)


def test_a_recording_is_followed_live(driven, tmp_path):
    model, _, _ = trained("gru, no bias", None, updates=1)
    watch = rnnviz.watch(model, tmp_path / "run.rnnviz", every=0)

    def update(number):
        loss = model(batch(number))
        loss.backward()
        watch.update(loss)

    driven.window.open_file(tmp_path / "run.rnnviz")
    driven.until(lambda: driven.session.facts.recording)
    for number in range(5):
        update(number)
    driven.until(lambda: driven.updates == 5 and driven.session.trace is not None and driven.session.trace.update == 5)
    assert "state: being written" in driven.window.card.text
    assert driven.session.running
    watch.close()
    driven.until(lambda: "state: ended" in driven.window.card.text)
    assert not driven.session.running


def test_a_recording_without_a_trace_shows_what_it_has(driven, tmp_path):
    path = tmp_path / "run.rnnviz"
    trained("rnn", path, updates=3, layers=[])
    driven.window.open_file(path)
    driven.until(lambda: driven.session.facts.recording and driven.updates == 3)
    driven.until(driven.window.notice.isVisible)
    assert driven.session.trace is None
    assert "recurrent: none was found" in driven.window.card.text


def test_a_damaged_recording_is_refused_and_the_run_goes_on(driven, recording):
    recording.write_bytes(recording.read_bytes()[:5000])
    driven.window.open_file(recording)
    driven.until(driven.window.notice.isVisible)
    assert driven.window.notice.text.startswith(f"{recording}: ")
    assert not driven.session.facts.recording
    driven.train(2)


def drop(path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_file_can_be_dropped_on_the_window(driven, recording, tmp_path):
    data = drop(recording)
    none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
    driven.window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, *none))
    driven.until(lambda: driven.session.facts.recording)
    two = QMimeData()
    two.setUrls([QUrl.fromLocalFile("a"), QUrl.fromLocalFile("b")])
    assert dropped_file(two) is None
    assert dropped_file(QMimeData()) is None


def test_each_kind_of_file_has_its_opener(recording, tmp_path):
    assert opener_of(recording) is OPENERS[0]
    renamed = recording.rename(tmp_path / "renamed.bin")
    assert opener_of(renamed) is OPENERS[0]
    assert opener_of(tmp_path / "gone.rnnviz") is OPENERS[0]  # which says what is wrong with it
    assert opener_of(text_file(tmp_path)) is OPENERS[-1]


def test_ctrl_o_asks_for_a_file_of_any_kind(driven, recording, tmp_path, monkeypatch):
    asked = []

    def choose(window, title, folder, kinds):
        asked.append(kinds)
        return str(text_file(tmp_path)), ""

    monkeypatch.setattr(opening.QFileDialog, "getOpenFileName", choose)
    driven.key(Qt.Key.Key_O, CTRL)
    assert "*.rnnviz" in asked[0]
    assert "*.txt" in asked[0]
    (dialog,) = driven.window.findChildren(DataDialog)
    dialog.close()
