"""A run that diverges: where it happened, the last good moment, and one click that goes on."""

import pytest
from PySide6.QtCore import Qt

from tests.qt.driving import a_small_run

Key = Qt.Key
# After the first update the loss is 2.25 and 2.14, then 3 · 10⁷, then infinite.
LATE = {"cell": "rnn_relu", "optimizer": "sgd", "rate": 20.0, "clip": "off"}
# The very first update leaves weights that no rate could mend.
AT_ONCE = {"cell": "rnn_relu", "optimizer": "sgd", "rate": 5.0, "clip": "off", "init": "identity", "hidden": 16}


def diverge(driven):
    driven.key(Key.Key_Space)
    driven.until(driven.window.notice.isVisible)
    driven.until(lambda: driven.session.trace.update == driven.updates)
    return driven


def click(driven, name):
    driven.qtbot.mouseClick(getattr(driven.window.notice, name), Qt.MouseButton.LeftButton)


def learns(driven, rate):
    """Wait until it has trained for a while with ``rate`` and say whether that did any good."""
    driven.until(lambda: driven.session.config.rate == pytest.approx(rate) and driven.session.running)
    driven.until(lambda: driven.updates >= 40 or driven.window.notice.isVisible())
    losses = driven.session.history.column("loss")
    return not driven.window.notice.isVisible() and losses[-1] < 3 * losses[0]


def test_the_notice_says_where_and_the_cursor_is_there(start):
    driven = diverge(start(a_small_run(**LATE)))
    words = driven.window.notice.text
    assert f"Update {driven.updates + 1}: " in words
    assert f"at token {driven.cursor[0]} " in words
    assert not driven.session.running
    assert all(getattr(driven.window.notice, name).isVisible() for name in ("_good", "_lower", "_reset"))


def test_in_the_upper_layer_the_cursor_is_in_that_layer(start):
    driven = diverge(start(a_small_run(**{**LATE, "rate": 1000.0}, layers=2, init="gaussian", gain=50.0)))
    assert f"layer {driven.cursor[1] + 1} " in driven.window.notice.text
    assert f"token {driven.cursor[0]} " in driven.window.notice.text


def test_the_last_good_update_is_one_click_away(start):
    driven = start(a_small_run(**LATE))
    for _ in range(4):
        driven.train(1)
    diverge(driven)
    click(driven, "_good")
    driven.until(lambda: driven.session.showing.update is not None)
    losses = driven.session.history.column("loss")
    assert losses[driven.session.showing.update - 1] < 3
    assert driven.session.showing.update == 3
    assert driven.window.notice.isVisible()


@pytest.mark.parametrize("run", [LATE, AT_ONCE], ids=["late", "at once"])
def test_lowering_the_rate_works_in_one_click(start, run):
    driven = diverge(start(a_small_run(**run)))
    click(driven, "_lower")
    assert not driven.window.notice.isVisible()
    assert learns(driven, run["rate"] / 10)
    assert driven.session.can_go_back


def test_what_was_harmed_is_left_out_and_what_was_not_is_kept(start):
    driven = start(a_small_run(**LATE))
    for _ in range(4):
        driven.train(1)
    losses = driven.session.history.column("loss").tolist()
    diverge(driven)
    click(driven, "_lower")
    assert learns(driven, 2.0)
    assert driven.session.history.column("loss")[:2].tolist() == losses[:2]
    assert driven.session.history.column("loss")[2] < 2


def test_control_z_after_that_is_the_run_that_diverged(start):
    driven = diverge(start(a_small_run(**LATE)))
    updates = driven.updates
    click(driven, "_lower")
    assert learns(driven, 2.0)
    driven.key(Key.Key_Space)
    driven.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driven.until(lambda: driven.session.config.rate == 20.0 and driven.updates == updates)


def test_beginning_anew_diverges_again_and_says_so(start):
    driven = diverge(start(a_small_run(**LATE)))
    first = driven.window.notice.text
    click(driven, "_reset")
    driven.until(lambda: driven.window.notice.isVisible() and driven.window.notice.text == first)


def test_a_refusal_afterwards_offers_none_of_it(start):
    driven = diverge(start(a_small_run(**LATE)))
    driven.session.change(threshold=-1.0)
    driven.until(lambda: "threshold" in driven.window.notice.text)
    assert not any(getattr(driven.window.notice, name).isVisible() for name in ("_good", "_lower", "_reset"))


def test_closing_with_the_notice_open_leaves_nothing(start):
    diverge(start(a_small_run(**LATE))).close()


@pytest.mark.parametrize("width", [1060, 1600])
def test_the_words_of_the_notice_fit_beside_its_buttons(start, width):
    driven = diverge(start(a_small_run(**LATE)))
    driven.window.resize(width, 700)
    driven.window.grab()
    label = driven.window.notice._text
    needed = label.fontMetrics().boundingRect(0, 0, label.width(), 1000, Qt.TextFlag.TextWordWrap, label.text())
    assert needed.height() <= label.height()
