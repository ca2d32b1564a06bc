"""Sides from which a run is looked at: what each shows, and that the rest costs nothing."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QScrollArea

from rnnviz.app.panel_column import ALL, TABS
from rnnviz.cells import CELLS
from rnnviz.panels import PANELS
from rnnviz.tracks import TRACKS
from tests.qt.driving import a_small_run

Key = Qt.Key
KEYS = dict(zip(TABS, (Key.Key_F2, Key.Key_F3, Key.Key_F4, Key.Key_F5, Key.Key_F6, Key.Key_F7), strict=True))
WANTED = {
    "learning": set(),
    "influence": {"influence"},
    "causes": {"spectrum"},
    "clipping": {"anatomy"},
    ALL: {"influence", "spectrum", "anatomy", "embedding", "sampling"},
    "output": {"sampling"},
}


@pytest.fixture
def watched(driven, monkeypatch):
    """What the worker was told to compute, in order."""
    seen, watch = [], driven.session.watch

    def note(wants):
        seen.append(set(wants))
        watch(wants)

    monkeypatch.setattr(driven.session, "watch", note)
    return seen


@pytest.fixture
def posted(driven, monkeypatch):
    """Names of the studies that the worker made."""
    made, post = [], driven.worker.mailbox.post_study

    def note(name, study):
        made.append(name)
        post(name, study)

    monkeypatch.setattr(driven.worker.mailbox, "post_study", note)
    return made


def visible(driven):
    return {name for name, panel in driven.window.column.panels.items() if panel.isVisible()}


@pytest.mark.parametrize("side", TABS)
def test_the_key_shows_the_panels_and_rows_of_its_side(driven, side):
    driven.key(Key.Key_F6 if side != ALL else Key.Key_F2)
    driven.key(KEYS[side])
    assert driven.window.column.side == side
    there = {panel.name for panel in PANELS if side == ALL or side in panel.sides}
    assert visible(driven) == {name for name in there if driven.applies(name)}
    rows = {row.track.name for row in driven.window.score._rows}
    assert rows == {track.name for track in TRACKS if side == ALL or side in track.sides}


def test_a_click_on_the_tab_does_the_same(driven):
    tabs = driven.window.column._tabs
    for place, side in reversed(list(enumerate(TABS))):
        driven.qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(place).center())
        assert driven.window.column.side == side


def test_studies_are_watched_on_their_side_and_nowhere_else(driven, watched):
    for side in ("influence", "causes", "clipping", ALL, "learning"):
        driven.key(KEYS[side])
        assert watched[-1] == WANTED[side], side


def test_on_the_side_of_learning_no_study_is_made(driven, posted):
    driven.train(20)
    driven.settle()
    assert posted == []


@pytest.mark.parametrize("side", ["influence", "causes", "clipping"])
def test_a_study_is_made_of_a_run_that_stands_still(driven, posted, side):
    driven.train(3)
    driven.key(KEYS[side])
    (wanted,) = WANTED[side]
    driven.until(lambda: getattr(driven.session.studies, wanted) is not None)
    assert set(posted) == {wanted}
    assert getattr(driven.session.studies, wanted).update == 3


def test_what_is_hidden_is_told_nothing(driven, monkeypatch):
    told = []
    for name, panel in driven.window.column.panels.items():
        for way in ("show_trace", "show_studies", "show_history"):
            monkeypatch.setattr(panel, way, lambda *_, name=name, **__: told.append(name))
    driven.train(5)
    driven.key(Key.Key_Right)
    driven.window.show_latest()
    assert told
    assert set(told) <= visible(driven)


def test_studies_follow_the_training_and_the_cursor(driven):
    driven.train(2)
    driven.key(Key.Key_F3)
    driven.until(lambda: driven.session.studies.influence is not None)
    for _ in range(5):
        driven.key(Key.Key_Right)
    row = next(row for row in driven.window.score._rows if row.track.name == "influence")
    driven.until(lambda: "the loss at token 5 asks" in row.track.subtitle(driven.window.score._picture))
    driven.train(3)
    driven.until(lambda: driven.session.studies.influence is not None and driven.session.studies.influence.update == 5)


def test_another_run_throws_the_studies_of_the_old_one_away(driven):
    driven.train(2)
    driven.key(Key.Key_F4)
    driven.until(lambda: driven.session.studies.spectrum is not None)
    driven.key("1")
    driven.until(lambda: driven.session.config.cell == "rnn_tanh")
    driven.until(lambda: driven.session.studies.spectrum is not None)
    assert driven.session.studies.spectrum.layers[0].cell == "rnn_tanh"


def test_a_minimised_window_has_nothing_computed(driven, watched):
    driven.key(Key.Key_F3)
    driven.window.setWindowState(Qt.WindowState.WindowMinimized)
    QApplication.sendEvent(driven.window, QEvent(QEvent.Type.WindowStateChange))
    assert watched[-1] == set()
    driven.window.setWindowState(Qt.WindowState.WindowNoState)
    QApplication.sendEvent(driven.window, QEvent(QEvent.Type.WindowStateChange))
    assert watched[-1] == {"influence"}


def test_a_panel_that_the_user_hides_is_computed_for_no_longer(driven, watched):
    driven.key(Key.Key_F5)
    driven.window.column.show_panel("anatomy", shown=False)
    assert watched[-1] == set()
    driven.window.column.show_panel("anatomy", shown=True)
    assert watched[-1] == {"anatomy"}


def test_the_side_is_remembered(start):
    driven = start()
    driven.key(Key.Key_F4)
    layout = driven.window.current_layout()
    again = start(layout=layout)
    assert again.window.column.side == "causes"
    again.until(lambda: again.session.studies.spectrum is not None)


@pytest.mark.parametrize(
    ("cell", "layers", "length"), [(cell, *((1, 10), (2, 50))[place % 2]) for place, cell in enumerate(CELLS)]
)
def test_every_side_of_every_cell_can_be_shown_in_both_themes_and_sizes(start, cell, layers, length):
    driven = start(a_small_run(cell=cell, layers=layers, length=length))
    driven.train(3)
    for side, key in KEYS.items():
        driven.key(key)
        driven.until(lambda side=side: all(getattr(driven.session.studies, name) is not None for name in WANTED[side]))
        driven.key(Key.Key_D)
        driven.window.resize(1060 if layers == 1 else 1600, 600)
        driven.key(Key.Key_PageUp)
        driven.window.grab()


def test_closing_while_studies_are_made_leaves_nothing(start):
    driven = start(a_small_run(length=50, hidden=32))
    driven.key(Key.Key_Space)
    driven.key(Key.Key_F6)
    driven.until(lambda: driven.updates >= 3)
    driven.close()


@pytest.mark.parametrize("side", TABS)
def test_the_column_is_no_higher_than_its_panels(driven, side):
    driven.window.resize(1100, 700)
    driven.key(KEYS[side])
    driven.qtbot.waitUntil(lambda: driven.session.trace is not None)
    area = driven.window.column.findChild(QScrollArea)
    inside = area.widget()
    layout = inside.layout()

    def as_high_as_its_panels():
        wanted = layout.heightForWidth(inside.width()) if layout.hasHeightForWidth() else layout.sizeHint().height()
        return inside.height() == max(wanted, area.viewport().height())

    driven.qtbot.waitUntil(as_high_as_its_panels)


def test_a_column_without_panels_says_why(driven):
    column = driven.window.column
    assert column._nothing.isHidden()
    for name in column.panels:
        column.show_panel(name, shown=False)
    assert column._nothing.isVisible()
    assert "the eye" in column._nothing.text()
    column.show_panel("loss", shown=True)
    assert column._nothing.isHidden()


def test_a_side_that_has_nothing_to_show_of_a_task_says_so(driven, monkeypatch):
    column = driven.window.column
    for name in ("sampling", "forecast", "notes"):
        monkeypatch.setattr(column.panels[name], "applies_to", lambda *_: False)
    driven.key(KEYS["output"])
    assert not visible(driven)
    assert column._nothing.isVisible()
    assert "task" in column._nothing.text()
