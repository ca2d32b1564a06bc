"""Every key does what the table in the window says, in a program that really trains."""

import threading

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTextBrowser

from rnnviz.app.help_dialog import HelpDialog
from rnnviz.app.toolbar import TEMPI
from rnnviz.cells import CELLS
from rnnviz.panels import PANELS
from rnnviz.tracks import TRACKS
from tests.qt.driving import NO_MODIFIER, a_small_run

Key = Qt.Key
KEYS = {
    "left": Key.Key_Left,
    "right": Key.Key_Right,
    "up": Key.Key_Up,
    "down": Key.Key_Down,
    "home": Key.Key_Home,
    "end": Key.Key_End,
    "pageup": Key.Key_PageUp,
    "pagedown": Key.Key_PageDown,
}
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def test_space_trains_and_pauses(driven):
    train = driven.window.toolbar._train
    driven.key(Key.Key_Space)
    assert (driven.session.running, train.text()) == (True, "Pause")
    driven.until(lambda: driven.updates >= 5)
    driven.key(Key.Key_Space)
    assert (driven.session.running, train.text()) == (False, "Train")
    driven.settle()
    last = driven.updates
    driven.settle()
    assert driven.updates == last


def test_u_does_exactly_one_update_and_shows_it(driven):
    for update in (1, 2, 3):
        driven.key(Key.Key_U)
        driven.until(lambda update=update: driven.session.trace.update == update)
        assert driven.updates == update
    driven.settle()
    assert driven.updates == 3


def test_u_while_training_stops_after_one_more_update(driven):
    driven.key(Key.Key_Space)
    driven.until(lambda: driven.updates >= 3)
    driven.key(Key.Key_U)
    assert not driven.session.running
    for _ in range(2):  # what `settle` waits for may come before that one update
        driven.settle()
    last = driven.updates
    driven.settle()
    assert driven.updates == last
    assert driven.session.trace.update == last


def test_r_begins_this_run_anew(driven):
    driven.train(5)
    losses = driven.session.history.column("loss").tolist()
    with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
        driven.key(Key.Key_R)
    assert driven.updates == 0
    driven.until(lambda: driven.session.trace is not None)
    driven.train(5)
    assert driven.session.history.column("loss").tolist() == losses


def test_control_z_goes_back_to_the_run_before_as_it_was_left(driven):
    driven.train(4)
    losses = driven.session.history.column("loss").tolist()
    driven.key(Key.Key_1)
    driven.until(lambda: driven.session.config.cell == "rnn_tanh")
    driven.key(Key.Key_Z, CONTROL)
    driven.until(lambda: driven.session.config.cell == "lstm" and driven.session.trace is not None)
    assert driven.session.history.column("loss").tolist()[:4] == losses
    assert driven.session.trace.update >= 4


def test_s_goes_through_all_tempi_and_back_to_full_speed(driven):
    pauses = []
    driven.window.toolbar.pause_chosen.connect(pauses.append)
    for _ in TEMPI:
        driven.key(Key.Key_S)
    assert pauses == [0.2, 1.0, 3.0, 0.0]
    assert driven.worker.control._pause_s == 0.0


def test_c_switches_clipping_off_and_back_to_what_it_was(driven):
    toolbar = driven.window.toolbar
    for clip in ("off", "norm"):
        driven.key(Key.Key_C)
        driven.until(lambda clip=clip: driven.session.config.clip == clip)
        assert toolbar._clip.isChecked() == toolbar._threshold.isEnabled() == (clip == "norm")


def test_c_returns_to_clipping_by_value(start):
    driven = start(a_small_run(clip="value"))
    for clip in ("off", "value"):
        driven.key(Key.Key_C)
        driven.until(lambda clip=clip: driven.session.config.clip == clip)


def test_c_twice_in_a_row_is_where_one_was(driven):
    driven.key(Key.Key_C)
    driven.key(Key.Key_C)
    driven.settle()
    assert driven.session.config.clip == "norm"


def test_arrows_move_the_cursor_as_far_as_there_is_something(start):
    driven = start(a_small_run(layers=3))
    expected = {
        "right right right": (3, 0, 0),
        "right right left": (1, 0, 0),
        "left": (0, 0, 0),
        "right " * 50: (7, 0, 0),
        "end": (7, 0, 0),
        "end home": (0, 0, 0),
        "shift-right": (7, 0, 0),
        "end shift-left": (0, 0, 0),
        "down down": (0, 0, 2),
        "down " * 50: (0, 0, 5),
        "down down up": (0, 0, 1),
        "up": (0, 0, 0),
        "pageup": (0, 1, 0),
        "shift-up " * 5: (0, 2, 0),
        "pageup pageup pagedown": (0, 1, 0),
        "pageup shift-down": (0, 0, 0),
    }
    found = {}
    for names in expected:
        driven.window.selection.choose(0, 0, 0)
        for name in names.split():
            driven.key(KEYS[name.removeprefix("shift-")], SHIFT if name.startswith("shift-") else NO_MODIFIER)
        found[names] = driven.cursor
    assert found == expected
    assert driven.window.transport._slider.value() == 0


def test_keys_of_the_number_pad_are_keys_too(driven):
    driven.key(Key.Key_Right, Qt.KeyboardModifier.KeypadModifier)
    assert driven.cursor == (1, 0, 0)


def test_p_plays_along_the_tokens_and_stops(driven):
    driven.window.playback._timer.setInterval(1)
    driven.key(Key.Key_P)
    assert driven.window.playback.playing
    driven.until(lambda: not driven.window.playback.playing)
    assert driven.cursor == (7, 0, 0)
    driven.key(Key.Key_P)
    driven.key(Key.Key_P)
    assert not driven.window.playback.playing


def test_figures_begin_a_run_with_another_cell(driven):
    for place, cell in enumerate(CELLS, start=1):
        with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
            driven.key(str(place))
        assert driven.session.config == a_small_run(cell=cell)
        driven.until(lambda: driven.session.trace is not None)
        assert driven.session.trace.layers[0].cell == cell


def test_enter_starts_what_the_settings_propose(driven):
    driven.window.form.edit("hidden", 9)
    with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
        driven.key(Key.Key_Return)
    assert driven.session.config.hidden == 9
    assert driven.window.form.pending == {}


def test_enter_does_nothing_where_nothing_is_proposed(driven):
    driven.key(Key.Key_Enter)
    driven.settle()
    assert not driven.session.can_go_back


def test_escape_undoes_what_the_settings_propose_and_dismisses_a_notice(driven):
    driven.window.form.edit("hidden", 9)
    driven.window.notice.show_remark("Something is remarkable.")
    driven.key(Key.Key_Escape)
    assert driven.window.form.pending == {}
    assert not driven.window.form._notice.isVisible()
    assert not driven.window.notice.isVisible()


def test_d_is_dark_or_light(driven):
    for name in ("light", "dark"):
        driven.key(Key.Key_D)
        assert driven.window.current_layout().theme == name


def test_question_mark_shows_all_keys_and_views(driven):
    for press in (("?",), (Key.Key_Question, SHIFT), (Key.Key_F1,)):
        driven.key(*press)
        dialog = next(dialog for dialog in driven.window.findChildren(HelpDialog) if dialog.isVisible())
        text = dialog.findChild(QTextBrowser).toPlainText()
        assert all(key.about in text for key in driven.window._keys)
        assert all(f"{view.title}. " in text for view in (*TRACKS, *PANELS))
        dialog.reject()


def test_control_q_closes_the_window(driven):
    driven.key(Key.Key_Q, CONTROL)
    assert not driven.window.isVisible()


def test_no_key_is_given_twice_and_all_can_be_spelt(driven):
    combinations = [name for key in driven.window._keys for name in key.combinations]
    assert len(driven.window._key_map) == len(combinations)
    assert "" not in driven.window._key_map


def test_other_keys_are_left_to_qt(driven):
    driven.key(Key.Key_X)
    driven.key(Key.Key_Shift)
    assert driven.cursor == (0, 0, 0)


def test_when_the_window_opens_the_keys_are_its_own(driven):
    """Sent to the window of the system, which gives them to whatever has the focus."""
    driven.window.activateWindow()
    driven.until(driven.window.isActiveWindow)
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Down, Key.Key_D):
        QTest.keyClick(driven.window.windowHandle(), key)
    assert driven.cursor == (2, 0, 1)
    assert driven.window.current_layout().theme == "light"


def test_a_click_into_the_score_takes_the_keys_back_from_a_box(driven):
    driven.window.activateWindow()
    driven.until(driven.window.isActiveWindow)
    driven.window.toolbar._threshold.setFocus()
    score = driven.window.score
    middle = score.mapFromScene(score._axis.middle(4), score._rows[0].track.root.y() + 20)
    driven.qtbot.mouseClick(score.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    QTest.keyClick(driven.window.windowHandle(), Key.Key_Right)
    assert driven.cursor[0] == 5


def test_all_keys_can_be_pressed_before_torch_is_there(start, monkeypatch):
    loaded = threading.Event()
    monkeypatch.setattr("rnnviz.training.runner._import_torch", lambda: loaded.wait(60))
    driven = start(wait=False)
    try:
        assert driven.window.isVisible()
        for name in ("Space", "U", "S", "C", "P", "P", "D", "Esc", "Return", "R", "1"):
            driven.window._key_map[name]()
        for key in (Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_End, Key.Key_Up, Key.Key_Down, Key.Key_PageUp):
            driven.key(key)
        driven.window.grab()
        assert driven.session.trace is None
        driven.session.run()
        driven.until(lambda: "loading" in driven.window.toolbar._status.text())
    finally:
        loaded.set()
    driven.until(lambda: driven.session.trace is not None)


def test_who_pauses_while_torch_is_loading_still_reads_that_it_loads(start, monkeypatch):
    loaded = threading.Event()
    monkeypatch.setattr("rnnviz.training.runner._import_torch", lambda: loaded.wait(60))
    driven = start(wait=False)
    try:
        driven.key(Key.Key_Space)
        driven.key(Key.Key_Space)
        driven.window.toolbar.show_status(driven.session)
        text = driven.window.toolbar._status.text()
    finally:
        loaded.set()
    assert "loading" in text
