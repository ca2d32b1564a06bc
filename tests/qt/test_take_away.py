"""What is taken away: every view's picture and numbers, sessions saved, opened, kept and recovered."""

import csv
import io
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main_window import SMALLEST
from rnnviz.app.open_session import SUFFIX, open_path, recognises
from rnnviz.app.views import FORMATS, shown_views, window_painting
from rnnviz.domain.notebook import arrays_of
from rnnviz.drawing.pictures import image_of, pdf
from rnnviz.panels import PANELS
from rnnviz.tracks import TRACKS
from tests.qt.driving import a_small_run

EVERYTHING = WindowLayout(width=1100, height=700, side="all")


@pytest.fixture
def full(start):
    """A window that shows everything there is."""
    driven = start(layout=EVERYTHING)
    driven.train(60)
    studies = lambda: driven.session.studies  # noqa: E731  # read anew each time
    wanted = driven.window.column.wants
    driven.until(lambda: all(getattr(studies(), name) is not None for name in wanted))
    driven.window.show_latest()
    driven.window.selection.choose(token=5, unit=2)
    return driven


def views(driven):
    return {view.name: view for view in shown_views(driven.window.score, driven.window.column)}


def expected_numbers(driven):
    """One column of every view, and what it has to equal."""
    session, cursor = driven.session, driven.window.selection.cursor
    layer, studies, history = session.trace.layers[0], session.studies, session.history
    spectrum = studies.spectrum.layers[0]
    return {
        "unfolded_row": ("loss", session.trace.losses),
        "hidden_state_row": ("h 3", layer.hidden[:, 3]),
        "cell_state_row": ("c 3", layer.cell_state[:, 3]),
        "gates_row": ("forget 1", layer.gates["forget"][:, 1]),
        "gradient_row": ("‖∂L/∂h‖₂ total", np.log10(np.linalg.norm(layer.hidden_grads.astype(float), axis=1))),
        "influence_row": ("‖∂ℓ/∂h‖₂ loss of token 5", studies.influence.log10_norms[0][5]),
        "cell": ("value", [layer.hidden[5, 2]]),
        "loss": ("loss", history.column("loss")),
        "gradient_norm": ("‖gradient‖₂ after clipping", history.column("grad_norm_clipped")),
        "comparison": ("weights", [session.facts.parameters]),
        "anatomy": ("‖raw gradient‖₂", [studies.anatomy.raw]),
        "influence": ("‖∂ℓ/∂h‖₂ state 2", studies.influence.log10_norms[0][:, 2]),
        "memory": ("‖∂ℓ/∂h‖₂ loss of token 5", studies.influence.log10_norms[0][5, 5::-1]),
        "spectrum": ("largest singular value", spectrum.log10_norm),
        "eigenvalues": ("Re λ", np.concatenate([block.real for block in spectrum.eigenvalues.values()])),
        "saturation": ("share of tokens high", np.concatenate([b[1] for b in spectrum.saturation.values()])),
        "embedding": ("principal component 1", studies.embedding.places[:, 0]),
        "sampling": ("probability at temperature 1", studies.sampling.chances),
        "next_token": ("probability", session.trace.reading.probabilities[cursor.token]),
    }


def test_every_track_and_panel_tells_the_numbers_that_it_shows(full):
    shown, expected = views(full), expected_numbers(full)
    assert (
        set(shown)
        == set(expected)
        == {f"{track.name}_row" for track in TRACKS} | {panel.name for panel in PANELS if full.applies(panel.name)}
    )
    for name, (column, values) in expected.items():
        found = np.array(shown[name].numbers().column(column)[: len(values)], float)
        np.testing.assert_array_equal(found, np.asarray(values, float), err_msg=name)


def test_the_csv_gives_back_the_numbers_exactly(full):
    for name, view in views(full).items():
        table, text = view.numbers(), view.written("csv").decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(text))
        assert head == [column.heading for column in table.columns]
        assert len(rows) == len(table), name
        for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
            if isinstance(column.values, np.ndarray):
                np.testing.assert_array_equal(np.array(cells, float), column.values.astype(float), err_msg=name)


def test_every_view_is_drawn_in_every_format(full):
    for name, view in views(full).items():
        made = {form: view.written(form) for form in FORMATS}
        picture = QImage.fromData(made["png"])
        assert picture.size() == (view.painting().size * 2).toSize(), name
        assert ink(picture) > 3, name
        renderer = QSvgRenderer(QByteArray(made["svg"]))
        assert renderer.defaultSize() == view.painting().size.toSize(), name
        drawn = QImage(picture.size(), QImage.Format.Format_RGB32)
        painter = QPainter(drawn)
        renderer.render(painter)
        painter.end()
        assert difference(drawn, picture) < 12, name
        assert made["pdf"].startswith(b"%PDF-")


def ink(picture):
    """How many different colours there are."""
    return len(np.unique(pixels(picture).reshape(-1, 3), axis=0))


def difference(one, other):
    """Mean difference of what the eye sees from some distance, out of 255."""
    size = QSize(80, 60)
    small = [pixels(p.scaled(size, mode=Qt.TransformationMode.SmoothTransformation)).astype(int) for p in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


def pixels(picture):
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4)[..., :3].copy()


def test_an_svg_has_letters_and_nothing_beyond_its_edge(full):
    for name, view in views(full).items():
        svg = view.written("svg").decode()
        assert "<text" in svg, name
        assert svg.count("<image") <= 4, name  # pictures of one byte a cell, no text kept as a picture
        assert "e+09" not in svg


def test_what_was_kept_as_a_picture_is_kept_so_again(full):
    scene = full.window.score.scene()
    before = [item.cacheMode() for item in scene.items()]
    seen = [item.isVisible() for item in scene.items()]
    for view in views(full).values():
        view.written("svg")
    assert [item.cacheMode() for item in scene.items()] == before
    assert [item.isVisible() for item in scene.items()] == seen
    curve = full.window.column.panels["loss"]._plot._curves["train"]
    assert len(curve.getOriginalDataset()[0]) == 60


def test_the_window_is_a_picture_and_a_page(full):
    painting = window_painting(full.window, full.window.score)
    assert image_of(painting, 1).size() == full.window.size()
    page = pdf(painting)
    assert page.startswith(b"%PDF-")
    assert page.count(b"/Type /Page\n") == 1


def entries(menu):
    """All words of a menu and of those in it."""
    found = []
    for action in menu.actions():
        found += entries(action.menu()) if action.menu() else [action.text()]
    return found


def opened_menu(driven):
    return next(menu for menu in driven.window.findChildren(QMenu) if menu.isVisible())


TAKEN = ["Copy picture", "PNG …", "SVG …", "PDF …", "", "Numbers as CSV …"]


def test_a_right_click_on_a_row_offers_interventions_and_pictures(full):
    score = full.window.score
    row = next(row for row in score._rows if row.track.name == "hidden_state")
    for x, offers in ((score._axis.middle(3), 4), (20.0, 0)):
        place = score.mapFromScene(QPointF(x, row.track.root.y() + row.height / 2))
        score.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, score.mapToGlobal(place)))
        menu = opened_menu(full)
        assert entries(menu)[-6:] == TAKEN
        assert len(entries(menu)) == 6 + offers + bool(offers)
        menu.close()


@pytest.mark.parametrize("name", ["loss", "influence", "comparison"])
def test_a_right_click_on_a_panel_offers_pictures(full, name):
    full.window.column.panels[name].customContextMenuRequested.emit(QPoint(5, 5))
    menu = opened_menu(full)
    assert entries(menu) == TAKEN
    menu.actions()[0].trigger()
    assert not QGuiApplication.clipboard().image().isNull()
    menu.close()


def test_the_menu_of_views_has_one_menu_for_each(full):
    views_menu = full.window.take_away._views
    for _ in range(2):
        views_menu.aboutToShow.emit()
    assert [action.text() for action in views_menu.actions()] == [view.title for view in views(full).values()]
    assert entries(views_menu)[:6] == TAKEN


def answer(monkeypatch, path):
    monkeypatch.setattr("rnnviz.app.asking.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr("rnnviz.app.asking.QFileDialog.getOpenFileName", lambda *_: (str(path), ""))


def test_files_are_written_where_the_user_says(full, monkeypatch, tmp_path):
    export = full.window.take_away.export
    answer(monkeypatch, tmp_path / "numbers")
    export.ask_and_write(views(full)["gates_row"], "csv")
    assert (tmp_path / "numbers.csv").read_text("utf-8-sig").startswith("token [1],input 0 [1],")
    answer(monkeypatch, tmp_path / "all.npz")
    export.ask_for_trace()
    with np.load(tmp_path / "all.npz", allow_pickle=False) as read:
        arrays = arrays_of(full.session.trace)
        assert set(read) == set(arrays)
        assert all(np.array_equal(read[name], array) for name, array in arrays.items())
    answer(monkeypatch, tmp_path / "window.pdf")
    export.ask_for_window("pdf")
    assert (tmp_path / "window.pdf").stat().st_size > 10_000
    answer(monkeypatch, tmp_path / "nowhere.txt" / "x.png")
    (tmp_path / "nowhere.txt").write_text("a file")
    export.ask_for_window("png")
    assert "cannot be written" in full.window.notice.text


def test_without_an_answer_nothing_is_written(full, monkeypatch, tmp_path):
    answer(monkeypatch, "")
    full.window.take_away.export.ask_for_window("png")
    full.window.take_away.keeping.ask_for_session()
    full.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not list(tmp_path.iterdir())


def test_a_session_that_is_opened_elsewhere_shows_the_same_picture(start, monkeypatch, tmp_path):
    here = start(layout=EVERYTHING)
    here.train(12)
    here.window.selection.choose(token=4, unit=3)
    here.window._view_menu._actions["track", "gates"].setChecked(False)
    answer(monkeypatch, tmp_path / "mine")
    here.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    path = tmp_path / f"mine{SUFFIX}"
    here.until(lambda: here.window.windowTitle() == f"{path.name} – rnnviz")
    there = start(a_small_run(hidden=4))
    assert recognises(path)
    open_path(there.window, path)
    there.until(lambda: there.session.trace is not None and there.session.trace.update == 12)
    assert there.cursor == (4, 0, 3)
    assert there.window.column.side == "all"
    assert [t.name for t in there.window.score.shown_tracks] == [t.name for t in here.window.score.shown_tracks]
    ours, theirs = (arrays_of(window.session.trace) for window in (here, there))
    assert all(array.tobytes() == theirs[name].tobytes() for name, array in ours.items())
    assert np.array_equal(there.session.history.column("loss"), here.session.history.column("loss"))
    assert np.array_equal(there.session.flow_map.norms, here.session.flow_map.norms)
    assert there.session.kept == here.session.kept
    for window in (here, there):
        window.train(5)
    assert np.array_equal(there.session.history.column("loss"), here.session.history.column("loss"))
    there.session.go_back()
    there.until(lambda: there.session.config.hidden == 4)


def test_a_file_that_is_no_session_leaves_the_run_as_it_is(full, tmp_path):
    path = tmp_path / f"bad{SUFFIX}"
    path.write_bytes(b"PK nothing")
    trace = full.session.trace
    full.window.take_away.keeping.open(path)
    full.until(lambda: str(path) in full.window.notice.text)
    assert full.session.trace is trace
    full.train(1)


CRASHING = """
import os, signal, sys
from pathlib import Path
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main_window import SMALLEST
from rnnviz.app.main import Program, make_application
from tests.qt.driving import a_small_run
from PySide6.QtCore import QEventLoop
application, loop = make_application(), QEventLoop()
program = Program(WindowLayout(), Path(sys.argv[1]) / "layout.json")
with program:
    program.session.written.connect(lambda _: os.kill(os.getpid(), signal.SIGKILL))
    def look():
        last = program.session.history.last
        if last is not None and last.update == 7:
            program.window.take_away.keeping.autosave()
    program.session.refreshed.connect(look)
    program.window.show()
    program.session.open(a_small_run())
    program.session.run_for(7)
    loop.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills the process with a signal")
def test_what_a_crash_left_behind_is_offered_and_recovered(start, tmp_path):
    done = subprocess.run([sys.executable, "-c", CRASHING, str(tmp_path)], check=False, timeout=120)  # noqa: S603
    assert done.returncode == -9
    driven = start(save_to=tmp_path / "layout.json")
    assert driven.window.take_away.keeping.bar.isVisible()
    second = start(save_to=tmp_path / "layout.json")
    assert not second.window.take_away.keeping.bar.isVisible()  # one program offers it
    driven.window.take_away.keeping.bar.recover.click()
    driven.until(lambda: driven.session.trace is not None and driven.session.trace.update == 7)
    assert len(driven.session.history) == 7
    driven.until(lambda: "recovered" in driven.window.notice.text)
    second.close()
    driven.close()
    assert not list((tmp_path / "autosave").iterdir())


def test_a_program_that_is_closed_leaves_nothing_to_recover(start, tmp_path):
    driven = start(save_to=tmp_path / "layout.json")
    driven.train(3)
    driven.window.take_away.keeping.autosave()
    driven.until(lambda: list((tmp_path / "autosave").glob(f"*{SUFFIX}")))
    driven.close()
    assert not list((tmp_path / "autosave").iterdir())


def test_recent_sessions_are_listed(start, monkeypatch, tmp_path):
    driven = start(save_to=tmp_path / "layout.json")
    keeping = driven.window.take_away.keeping
    for name in ("one", "two"):
        answer(monkeypatch, tmp_path / name)
        keeping.save_as()
        driven.until(lambda name=name: driven.window.windowTitle().startswith(name))
    (tmp_path / f"one{SUFFIX}").unlink()
    assert [path.name for path in keeping.recent] == [f"two{SUFFIX}"]
    driven.window.take_away._list_recent()
    driven.window.take_away._recent.actions()[0].trigger()
    driven.until(lambda: driven.window.windowTitle() == f"two{SUFFIX} – rnnviz")


def test_the_toolbar_fits_the_smallest_window(driven):
    assert driven.window.toolbar.minimumSizeHint().width() <= SMALLEST[0]
