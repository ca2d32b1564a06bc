"""A film is made while training goes on; it can be given up, and ends with a run that diverges."""

import pytest
from PIL import Image
from PySide6.QtWidgets import QDialogButtonBox

from rnnviz.app import filming as filming_module
from rnnviz.app.filming import FilmDialog, Wanted
from tests.qt.driving import a_small_run


def filming(driven):
    return driven.window.take_away.filming


def test_a_film_has_as_many_pictures_as_were_wanted(driven, monkeypatch, tmp_path):
    monkeypatch.setattr("rnnviz.app.asking.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "f"), ""))
    filming(driven).ask()
    (dialog,) = driven.window.findChildren(FilmDialog)
    dialog._boxes["pictures"].setValue(4)
    dialog._boxes["every"].setValue(3)
    dialog._boxes["width"].setValue(321)
    dialog.findChild(QDialogButtonBox).accepted.emit()
    driven.until(lambda: driven.session.running)
    assert filming(driven).bar.isVisible()
    driven.until(lambda: "4 pictures" in driven.window.notice.text)
    assert not filming(driven).bar.isVisible()
    with Image.open(tmp_path / "f.gif") as made:
        assert (made.size[0], made.n_frames) == (320, 4)
    assert driven.updates >= 9


def test_every_picture_of_a_film_is_of_one_update_in_all_its_parts(driven, monkeypatch, tmp_path):
    seen = []

    def take(window, *_):
        shown = window.score.picture
        seen.append((driven.session.trace.update, shown and shown.trace.update))
        return real(window, *_)

    real = filming_module._pixels
    monkeypatch.setattr(filming_module, "_pixels", take)
    filming(driven).start(tmp_path / "f.gif", Wanted(pictures=5, every=3, width=320))
    driven.until(lambda: len(seen) == 5)
    assert [drawn for _, drawn in seen] == [newest for newest, _ in seen]
    driven.until(lambda: "5 pictures" in driven.window.notice.text)


def test_a_film_can_be_given_up(driven, tmp_path):
    filming(driven).start(tmp_path / "f.gif", Wanted(pictures=100, width=320))
    driven.until(lambda: filming(driven).bar.progress.value() >= 2)
    filming(driven).bar.cancel.click()
    assert not filming(driven).bar.isVisible()
    driven.until(lambda: filming(driven)._film is None)
    assert not list(tmp_path.iterdir())
    assert driven.session.running


def test_a_window_that_is_closed_leaves_no_half_film(driven, tmp_path):
    filming(driven).start(tmp_path / "f.gif", Wanted(pictures=100, width=320))
    driven.until(lambda: filming(driven).bar.progress.value() >= 1)
    driven.close()
    assert not list(tmp_path.iterdir())


def test_a_film_ends_with_a_run_that_diverges(start, tmp_path):
    wild = {"cell": "rnn_relu", "optimizer": "sgd", "rate": 1000.0, "clip": "off", "init": "gaussian", "gain": 50.0}
    driven = start(a_small_run(**wild))
    filming(driven).start(tmp_path / "f.gif", Wanted(pictures=50, width=320))
    driven.until(lambda: not filming(driven).bar.isVisible())
    assert filming(driven)._film is None


@pytest.mark.parametrize("form", ["mp4"])
def test_without_ffmpeg_no_mp4_is_begun(driven, monkeypatch, tmp_path, form):
    monkeypatch.setattr("rnnviz.app.filming.missing_for", lambda _: "MP4 needs imageio-ffmpeg")
    filming(driven)._ask_where(Wanted(form))
    assert driven.window.notice.text == "MP4 needs imageio-ffmpeg"
    filming(driven).start(tmp_path / "nowhere" / "f.gif", Wanted())
    assert "cannot be written" in driven.window.notice.text
