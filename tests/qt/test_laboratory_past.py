"""Going back in time: by keys, by the map, by buttons; going on from there; and back to the present."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.qt.driving import a_small_run

Key, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def trained(driven):
    """A run of twelve updates of which 4, 8 and 12 are kept, and 1."""
    for _ in range(3):
        driven.train(4)
    driven.until(lambda: driven.session.kept[-1:] == (12,) and {4, 8} <= set(driven.session.kept))
    driven.window.show_latest()
    return driven


def bar(driven):
    return driven.window.laboratory.history


def place(driven):
    return bar(driven)._place.text()


def shows(driven, update):
    """Wait until the picture is of ``update``; None is the present."""
    wanted = driven.updates if update is None else update
    driven.until(lambda: driven.session.showing.update == update and driven.session.trace.update == wanted)


def press(driven, key):
    """Press a bracket and wait until something else is shown."""
    before = driven.session.showing.update
    driven.key(key)
    driven.until(lambda: driven.session.showing.update != before)


def back_to(driven, update):
    """Press [ until ``update`` is shown."""
    while driven.session.showing.update != update:
        press(driven, "[")
    shows(driven, update)


def spot(driven, update):
    """Where the map has ``update``."""
    return QPoint(round(float(bar(driven)._x_of(np.array(update)))), 10)


def click(driven, where):
    driven.qtbot.mouseClick(bar(driven)._map.viewport(), Qt.MouseButton.LeftButton, pos=where)


def test_before_training_there_is_nothing_to_go_back_to(driven):
    assert place(driven) == "nothing to go back to yet"
    for key in ("[", "]", "G", "L"):
        driven.key(key)
    driven.settle()
    assert driven.session.showing.update is None
    assert not any(button.isEnabled() for button in (bar(driven)._branch, bar(driven)._live))


def test_brackets_go_from_one_kept_update_to_the_next(trained):
    kept = [update for update in trained.session.kept if update < 12]
    found = []
    for _ in kept:
        press(trained, "[")
        found.append(trained.session.showing.update)
    assert found == kept[::-1]
    trained.key("[")
    trained.settle()
    assert trained.session.showing.update == kept[0]
    trained.key("]")
    shows(trained, kept[1])


def test_the_past_is_shown_as_it_was(trained):
    hidden = trained.session.trace.layers[0].hidden
    back_to(trained, 8)
    there = trained.session.trace.layers[0].hidden
    assert not np.array_equal(hidden, there)
    assert place(trained) == "update 8 of 12"
    assert "update 8" in trained.window.transport._place.text()
    press(trained, "[")
    press(trained, "]")
    shows(trained, 8)
    assert np.array_equal(trained.session.trace.layers[0].hidden, there)
    trained.key("L")
    shows(trained, None)
    assert np.array_equal(trained.session.trace.layers[0].hidden, hidden)
    assert place(trained).startswith("live · ")


def test_after_the_last_kept_update_comes_the_present(trained):
    back_to(trained, 8)
    while trained.session.showing.update != 12:
        press(trained, "]")
    shows(trained, 12)
    press(trained, "]")
    shows(trained, None)


def test_control_end_returns_too(trained):
    back_to(trained, 8)
    trained.key(Key.Key_End, CONTROL)
    shows(trained, None)


def test_the_bracket_works_right_after_the_training(driven):
    """The map is drawn four times a second; what can be gone back to is known at once."""
    driven.train(4)
    driven.train(4)
    press(driven, "[")
    assert 4 <= driven.session.showing.update < 8


def test_a_click_on_the_map_opens_the_nearest_kept_update(trained):
    for update in (4, 8, 4):
        click(trained, spot(trained, update))
        shows(trained, update)


def test_dragging_goes_through_time_and_the_map_stays_under_the_pointer(trained):
    view, width = bar(trained)._map.viewport(), bar(trained)._map.width()
    click(trained, spot(trained, 4))
    shows(trained, 4)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=spot(trained, 4))
    bar(trained)._map.chosen.emit(spot(trained, 8).x() / width)
    shows(trained, 8)
    assert bar(trained)._map.width() == width
    bar(trained)._map.chosen.emit(1.0)
    shows(trained, None)
    assert bar(trained)._map.width() == width
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("where", [-50, 10**4])
def test_dragging_beyond_the_map_stays_inside_the_run(trained, where):
    click(trained, spot(trained, 8))
    shows(trained, 8)
    map_ = bar(trained)._map
    map_.chosen.emit(min(max(where / map_.width(), 0.0), 1.0))
    shows(trained, trained.session.kept[0] if where < 0 else None)


def test_the_right_end_of_the_map_is_the_present(trained):
    click(trained, spot(trained, 8))
    shows(trained, 8)
    click(trained, QPoint(bar(trained)._map.width() - 1, 10))
    shows(trained, None)


def test_looking_back_pauses_the_training(driven):
    driven.key(Key.Key_Space)
    driven.until(lambda: len(driven.session.kept) >= 2 and driven.updates >= 20)
    driven.key("[")
    assert not driven.session.running
    assert driven.window.toolbar._train.text() == "Train"
    driven.until(lambda: driven.session.showing.update is not None)


@pytest.mark.parametrize("key", [Key.Key_Space, Key.Key_U])
def test_training_on_returns_to_the_present(trained, key):
    back_to(trained, 8)
    trained.key(key)
    trained.until(lambda: trained.session.showing.update is None and trained.updates >= 13)
    assert trained.session.history.column("update")[:13].tolist() == list(range(1, 14))
    assert not bar(trained)._branch.isEnabled()


@pytest.mark.parametrize("way", ["key", "click"])
def test_going_on_from_there_is_a_new_run_with_the_same_past(trained, way):
    losses = trained.session.history.column("loss").tolist()
    back_to(trained, 8)
    with trained.qtbot.waitSignal(trained.session.run_started, timeout=60_000):
        if way == "key":
            trained.key("G")
        else:
            trained.qtbot.mouseClick(bar(trained)._branch, Qt.MouseButton.LeftButton)
    assert trained.session.running
    trained.until(lambda: trained.updates >= 14)
    assert trained.session.history.column("loss")[:12].tolist() == losses
    assert trained.session.showing.update is None
    trained.key(Key.Key_Space)
    trained.key(Key.Key_Z, CONTROL)
    trained.until(lambda: trained.session.history.column("loss").tolist() == losses)
    trained.until(trained.window.toolbar._buttons["back"].isEnabled)


def test_in_the_present_there_is_nothing_to_go_on_from(trained):
    trained.key("G")
    trained.settle()
    assert not trained.session.can_go_back
    assert trained.updates == 12


def test_another_run_has_another_past(trained):
    back_to(trained, 8)
    with trained.qtbot.waitSignal(trained.session.run_started, timeout=60_000):
        trained.key("4")
    trained.until(lambda: trained.session.showing.update is None)
    assert bar(trained)._shown is None
    trained.until(lambda: 0 < bar(trained)._newest <= trained.updates)
    assert all(update <= trained.updates for update in bar(trained)._kept)


def test_the_cursor_on_the_map_stands_at_the_update_in_every_size_and_theme(trained):
    back_to(trained, 8)
    for size in ((1060, 600), (1700, 900), (1100, 700)):
        trained.window.resize(*size)
        trained.key(Key.Key_D)
        trained.window.grab()
        history = bar(trained)
        width = history._map.viewport().width()
        assert history._cursor.rect().center().x() == pytest.approx(7 / 11 * width, abs=1)
        assert history._cursor.brush().color().name() == trained.window._theme.amber
        assert history._picture.sceneBoundingRect().width() == pytest.approx(width, abs=1)


def test_layers_sides_and_interventions_in_the_past(start):
    driven = start(a_small_run(layers=2))
    for _ in range(3):
        driven.train(4)
    back_to(driven, 8)
    for key in (Key.Key_PageUp, Key.Key_F3, Key.Key_F4, Key.Key_F5, Key.Key_F6, Key.Key_F2):
        driven.key(key)
        driven.window.grab()
    assert driven.session.showing.update == 8
    assert driven.cursor[1] == 1


def test_the_past_can_be_closed(trained):
    trained.key("[")
    trained.close()
