"""The window lets the network go on by itself, and displays what it wrote."""

import pytest
from PySide6.QtCore import Qt

from tests.qt.driving import a_small_run

Key = Qt.Key


def panel_of(driven, name):
    return driven.window.column.panels[name]


def sampled(driven):
    return driven.session.studies.sampling


@pytest.fixture
def writing(driven):
    """A window on the side of the output, with a text."""
    driven.key(Key.Key_F7)
    driven.train(3)
    driven.until(lambda: sampled(driven) is not None and sampled(driven).update == 3)
    return driven


def click_on(driven, token):
    panel = panel_of(driven, "sampling")
    place = next(found.box.center() for found in panel._placed if found.token == token)
    driven.qtbot.mouseClick(panel._figure.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    driven.until(lambda: driven.session.trace.written is not None)


def test_a_text_follows_the_cursor(writing):
    writing.key(Key.Key_Right)
    writing.key(Key.Key_Right)
    writing.until(lambda: len(sampled(writing).prefix) == 3)
    assert sampled(writing).prefix == writing.session.trace.reading.tokens[:3]


def test_the_key_and_the_button_draw_another_text(writing):
    first = sampled(writing).drawn
    writing.key(Key.Key_N)
    writing.until(lambda: sampled(writing).how.seed == 1)
    assert sampled(writing).drawn != first
    panel_of(writing, "sampling")._temperature._button.click()
    writing.until(lambda: sampled(writing).how.seed == 2)


def test_a_slider_sets_the_temperature(writing):
    panel_of(writing, "sampling")._temperature._slider.setValue(0)
    writing.until(lambda: sampled(writing).how.temperature == 0)
    assert (sampled(writing).drawn_at == 1).all()


def test_a_click_on_a_drawn_token_displays_the_text_with_the_cursor_there(writing):
    text = sampled(writing)
    click_on(writing, 5)
    trace = writing.session.trace
    assert (trace.written, trace.tokens) == (1, 8)
    assert trace.reading.tokens == text.labels[:8]
    writing.until(lambda: writing.cursor[0] == 5)
    assert writing.window.speaking.bar.isVisible()
    writing.until(lambda: len(sampled(writing).prefix) == 6)
    assert sampled(writing).labels[:20] == text.labels[:20]


def test_a_click_far_behind_displays_as_much_as_is_needed(writing):
    click_on(writing, 30)
    assert writing.session.trace.tokens == 31
    writing.until(lambda: writing.cursor[0] == 30)
    click_on_again = sampled(writing)
    writing.until(lambda: len(sampled(writing).prefix) == 31)
    assert sampled(writing).prefix == click_on_again.labels[:31]


def test_what_was_written_first_stays_marked_when_the_text_is_gone_on_with(writing):
    click_on(writing, 5)
    writing.until(lambda: len(sampled(writing).prefix) == 6)
    tokens = writing.session.trace.tokens
    click_on(writing, 20)
    writing.until(lambda: writing.session.trace.tokens != tokens)
    assert (writing.session.trace.written, writing.session.trace.tokens) == (1, 21)


def test_the_key_goes_back_to_the_task_s_sequence(writing):
    click_on(writing, 5)
    writing.key(Key.Key_H)
    writing.until(lambda: writing.session.trace.written is None)
    assert not writing.window.speaking.bar.isVisible()
    assert "".join(writing.session.trace.reading.tokens) == "hello wo"


def test_the_text_stays_displayed_while_the_training_goes_on(writing):
    click_on(writing, 5)
    columns = len(writing.session.flow_map)
    writing.train(5)
    trace = writing.session.trace
    assert (trace.written, trace.update) == (1, 8)
    assert len(writing.session.flow_map) == columns  # the map is of the task's sequence alone


def test_a_hidden_text_is_not_asked_for(writing, monkeypatch):
    asked = []
    monkeypatch.setattr(writing.session, "go_on", asked.append)
    writing.key(Key.Key_F2)
    writing.key(Key.Key_Right)
    writing.qtbot.wait(200)
    assert asked == []
    writing.key(Key.Key_F7)
    writing.until(lambda: asked)
    assert asked[0].after == 1


def test_panels_that_do_not_suit_the_task_are_left_out(start):
    driven = start(a_small_run(task="sines"))
    driven.key(Key.Key_F7)
    assert not panel_of(driven, "sampling").isVisible()
    driven.until(lambda: driven.session.studies.forecast is not None)
    assert panel_of(driven, "forecast").isVisible()
    driven.session.begin(a_small_run(task="music"))
    driven.until(lambda: panel_of(driven, "notes").isVisible())
    assert panel_of(driven, "sampling").isVisible()
    assert not panel_of(driven, "forecast").isVisible()
    driven.until(lambda: sampled(driven) is not None)
