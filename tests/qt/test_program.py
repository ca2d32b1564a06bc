"""The whole program with a small run: pictures arrive, faults are shown, and nothing is left when it is closed."""

import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QSize, Qt

from rnnviz.app.main_window import SMALLEST
from rnnviz.cells import CELLS
from rnnviz.panels import PANELS
from rnnviz.tracks import TRACKS
from rnnviz.training.trainer import Trainer
from tests.builders import text_file
from tests.qt.driving import a_small_run

DIVERGING = {"cell": "rnn_relu", "optimizer": "sgd", "rate": 1000.0, "clip": "off", "init": "gaussian", "gain": 50.0}


def test_the_window_is_built_without_torch():
    program = """
import sys
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, make_application
make_application()
window = Program(WindowLayout(), None).window
window.show()
window.grab()
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_a_trained_picture_arrives(driven):
    driven.train(20)
    assert driven.session.history.column("update").tolist() == list(range(1, 21))
    assert driven.session.trace.update == 20
    assert driven.session.trace.check.passed
    window = driven.window
    assert [row.track.name for row in window.score._rows] == [
        track.name for track in TRACKS if "learning" in track.sides
    ]
    assert "update 20" in window.transport._place.text()
    assert "✓ agrees with autograd" in window.transport._badge.text()


def test_the_status_says_how_the_training_stands(driven):
    status = driven.window.toolbar._status
    driven.until(lambda: status.text().startswith("no update yet\n"))
    driven.train(3)
    driven.until(lambda: status.text().startswith("update 3 · paused\nloss "))
    assert (
        status.toolTip()
        == "The newest update, and how many there are a second; the mean loss of its batch before the step, in nats"
    )
    driven.session.run()
    driven.until(lambda: "/s\nloss " in status.text())


def test_the_status_of_a_long_run_fits_into_a_narrow_window(driven):
    driven.window.resize(1100, 700)
    driven.train(1)
    status = driven.window.toolbar._status
    driven.until(lambda: status.text().startswith("update 1 "))
    long = status.text().replace("update 1 · paused", "update 123456 · paused")
    assert max(map(status.fontMetrics().horizontalAdvance, long.split("\n"))) <= status.width()


def test_the_plots_catch_up_with_the_training(driven):
    driven.train(30)
    curve = driven.window.column.panels["loss"]._plot._curves["train"]
    driven.until(lambda: curve.xData is not None and len(curve.xData) == 30)


# Clipping.


def test_the_switch_the_mode_and_the_threshold_change_the_run(driven):
    toolbar = driven.window.toolbar
    toolbar._clip.click()
    driven.until(lambda: driven.session.config.clip == "off")
    toolbar._clip.click()
    driven.until(lambda: driven.session.config.clip == "norm")
    toolbar._mode.setCurrentText("value")
    toolbar._mode.activated.emit(1)
    driven.until(lambda: driven.session.config.clip == "value")
    toolbar._threshold.setValue(0.25)
    driven.until(lambda: driven.session.config.threshold == 0.25)
    driven.train(2)
    assert (driven.session.history.last.clip, driven.session.history.last.threshold) == ("value", 0.25)


def test_dragging_the_line_moves_the_threshold_and_the_box(driven):
    panel = driven.window.column.panels["gradient_norm"]
    panel._line.setValue(-1.0)
    panel._on_dragged()
    driven.until(lambda: driven.session.config.threshold == 0.1)
    assert driven.window.toolbar._threshold.value() == pytest.approx(0.1)


def test_a_typed_threshold_moves_the_line(driven):
    toolbar, panel = driven.window.toolbar, driven.window.column.panels["gradient_norm"]
    toolbar._threshold.lineEdit().selectAll()
    driven.qtbot.keyClicks(toolbar._threshold, "0.5")
    driven.qtbot.keyClick(toolbar._threshold, Qt.Key.Key_Return)
    driven.until(lambda: driven.session.config.threshold == 0.5)
    assert 10 ** panel._line.value() == pytest.approx(0.5)


def test_the_line_is_there_only_while_it_clips_the_norm(driven):
    panel = driven.window.column.panels["gradient_norm"]
    for clip in ("off", "value", "norm"):
        driven.session.change(clip=clip)
        driven.until(lambda clip=clip: driven.session.config.clip == clip)
        assert panel._line.isVisible() == (clip == "norm")


# Other runs.


def test_the_cell_can_be_switched_fifty_times_in_a_row(driven):
    cells = [list(CELLS)[place % len(CELLS)] for place in range(50)]
    for cell in cells:
        driven.key(str(list(CELLS).index(cell) + 1))
        driven.until(lambda cell=cell: driven.session.trace is not None and driven.session.trace.layers[0].cell == cell)
    assert driven.session.config.cell == cells[-1]
    assert len(driven.session._runs) == 2


def test_of_fifty_switches_at_once_the_last_one_wins(driven):
    for place in range(50):
        driven.key(str(place % len(CELLS) + 1))
    last = list(CELLS)[49 % len(CELLS)]
    driven.until(lambda: driven.session.config.cell == last and driven.session.trace is not None)
    driven.settle()
    assert driven.session.trace.layers[0].cell == last


def test_a_new_run_trains(driven):
    driven.window.begin(a_small_run(seed=3))
    driven.until(lambda: driven.session.config.seed == 3 and driven.updates >= 5)
    assert driven.session.running


def test_longer_sequences_and_more_layers_are_shown_and_shorter_ones_again(driven):
    for length, layers in ((40, 3), (2, 1), (120, 2), (8, 1)):
        driven.window.begin(a_small_run(length=length, layers=layers))
        driven.until(
            lambda length=length, layers=layers: (
                driven.session.trace is not None
                and (driven.session.trace.tokens, len(driven.session.trace.layers)) == (length, layers)
            )
        )
        driven.key(Qt.Key.Key_End)
        driven.key(Qt.Key.Key_PageUp)
        driven.window.grab()
        assert driven.cursor[0] == length - 1


# Faults.


@pytest.mark.parametrize(
    "content", [None, b"", b"PK\x03\0binary", b"caf\xe9", b"a"], ids=["missing", "empty", "binary", "latin-1", "short"]
)
def test_a_text_that_cannot_be_used_is_refused_in_words_and_the_old_run_goes_on(driven, tmp_path, content):
    path = tmp_path / "story.txt"
    if content is not None:
        path.write_bytes(content)
    driven.session.run()
    driven.until(lambda: driven.updates >= 3)
    driven.window.form.edit("file", path)
    driven.window.form.start()
    driven.until(driven.window.notice.isVisible)
    assert driven.window.notice.text.startswith(f"{path}: ")
    before = driven.updates
    driven.until(lambda: driven.updates >= before + 10)
    driven.session.pause()
    driven.settle()
    assert driven.session.history.column("update").tolist() == list(range(1, driven.updates + 1))
    assert driven.session.config == a_small_run(rate=driven.session.config.rate)


def test_a_text_of_ones_own_is_learned(driven, tmp_path):
    driven.window.form.edit("file", text_file(tmp_path))
    driven.window.form.start()
    driven.until(lambda: driven.session.config.task == "text" and driven.updates >= 2)
    assert "story.txt" in driven.window.form.toolTip()


def test_divergence_pauses_with_a_notice_and_the_window_stays_usable(start):
    driven = start(a_small_run(**DIVERGING))
    driven.key(Qt.Key.Key_Space)
    driven.until(driven.window.notice.isVisible)
    assert "The weights are still those of update" in driven.window.notice.text
    assert not driven.session.running
    assert driven.window.toolbar._train.text() == "Train"
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_D):
        driven.key(key)
    driven.window.grab()
    driven.window.begin(a_small_run())
    assert not driven.window.notice.isVisible()
    driven.until(lambda: driven.session.config == a_small_run() and driven.updates >= 5)


def test_after_divergence_training_again_fails_again_and_says_so(start):
    driven = start(a_small_run(**DIVERGING))
    driven.key(Qt.Key.Key_Space)
    driven.until(driven.window.notice.isVisible)
    first = driven.window.notice.text
    driven.key(Qt.Key.Key_Space)
    assert not driven.window.notice.isVisible()
    driven.until(driven.window.notice.isVisible)
    assert driven.window.notice.text == first


def test_begin_anew_in_the_notice_begins_the_run_anew_and_trains_it(driven, monkeypatch):
    def fail(_trainer):
        raise RuntimeError("the numbers ran away")

    driven.train(3)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "update", fail)
        driven.key(Qt.Key.Key_Space)
        driven.until(driven.window.notice.isVisible)
    driven.window.notice._reset.click()
    assert not driven.window.notice.isVisible()
    driven.until(lambda: driven.updates >= 5 and driven.session.can_go_back)


def test_a_crash_of_the_worker_is_shown_and_a_new_run_can_begin(driven, monkeypatch):
    def fail(_trainer):
        raise RuntimeError("the numbers ran away")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "update", fail)
        driven.key(Qt.Key.Key_Space)
        driven.until(driven.window.notice.isVisible)
    assert driven.window.notice.text == "Training stopped with RuntimeError: the numbers ran away"
    assert not driven.session.running
    driven.key("1")
    driven.until(lambda: driven.session.config.cell == "rnn_tanh" and driven.updates >= 3)


def test_without_torch_the_window_says_so_and_can_be_closed(start, monkeypatch):
    def fail():
        raise ImportError("libtorch.so is missing")

    monkeypatch.setattr("rnnviz.training.runner._import_torch", fail)
    driven = start(wait=False)
    driven.until(driven.window.notice.isVisible)
    assert "libtorch.so is missing" in driven.window.notice.text
    driven.window.notice.hide()
    driven.window.begin(a_small_run())
    driven.until(driven.window.notice.isVisible)  # nothing is promised that will not come
    assert "libtorch.so is missing" in driven.window.notice.text
    driven.session.run()
    driven.until(lambda: driven.worker.control._updates_left == 0)


def test_a_notice_with_strange_characters_is_shown_as_it_is(driven):
    driven.window.notice.show_remark("a <b>file</b> & so on")
    assert driven.window.notice.isVisible()
    driven.window.grab()


def test_a_notice_takes_nothing_for_markup(driven):
    driven.window.notice.show_remark("story<br>.txt: does not exist")
    assert driven.window.notice._text.textFormat() == Qt.TextFormat.PlainText


# The window.


def test_every_size_is_filled(driven):
    for width, height in (SMALLEST, (1600, 1000), (3000, 600), (1100, 1900)):
        driven.window.resize(width, height)
        driven.train(1)
        assert driven.window.size() == QSize(width, height)
        score = driven.window.score
        assert width / 3 < score._axis.right <= score.viewport().width()
        assert not driven.window.grab().isNull()


def test_the_window_cannot_be_made_too_small(driven):
    driven.window.resize(10, 10)
    assert (driven.window.width(), driven.window.height()) == SMALLEST
    driven.window.grab()


def test_themes_can_be_switched_while_training(driven):
    driven.session.run()
    for count in range(1, 9):
        driven.key(Qt.Key.Key_D)
        driven.until(lambda count=count: driven.updates >= 3 * count)
    assert driven.window.current_layout().theme == "dark"


def view_action(window, title):
    return next(action for action in window.toolbar.view_menu.actions() if action.text() == title)


def test_the_view_menu_hides_and_shows_every_track(driven):
    driven.key(Qt.Key.Key_F6)
    for track in TRACKS:
        action = view_action(driven.window, track.title)
        for shown in (False, True):
            action.trigger()
            names = [row.track.name for row in driven.window.score._rows]
            assert (track.name in names) == shown
            assert (track.name in driven.window.current_layout().hidden_tracks) != shown
            driven.window.grab()


def test_the_view_menu_hides_and_shows_every_panel(driven):
    driven.key(Qt.Key.Key_F6)
    for panel in PANELS:
        action, widget = view_action(driven.window, panel.title), driven.window.column.panels[panel.name]
        for shown in (False, True):
            action.trigger()
            assert widget.isVisible() == (shown and driven.applies(panel.name))
            assert (panel.name in driven.window.current_layout().hidden_panels) != shown
            driven.window.grab()


def test_with_everything_hidden_the_training_goes_on(driven):
    for track in TRACKS:
        view_action(driven.window, track.title).trigger()
    for panel in PANELS:
        view_action(driven.window, panel.title).trigger()
    driven.train(5)
    driven.key(Qt.Key.Key_Right)
    driven.window.resize(1200, 800)
    driven.window.grab()
    assert driven.session.trace.update == 5


def test_a_hidden_panel_is_told_nothing_and_catches_up_when_shown(driven, monkeypatch):
    panel, told = driven.window.column.panels["next_token"], []
    monkeypatch.setattr(panel, "show_trace", lambda trace, _cursor: told.append(trace.update))
    view_action(driven.window, panel.title).trigger()
    driven.train(3)
    assert told == []
    view_action(driven.window, panel.title).trigger()
    assert told == [3]


def test_a_minimised_window_asks_for_no_traces(driven):
    driven.window.showMinimized()
    driven.until(driven.window.isMinimized)
    assert not driven.session._watched
    driven.window.showNormal()
    driven.until(lambda: not driven.window.isMinimized())
    assert driven.session._watched


def test_the_bar_at_the_bottom_walks_through_the_tokens(driven):
    buttons, slider = driven.window.transport._buttons, driven.window.transport._slider
    for name, token in (
        ("next", 1),
        ("next", 2),
        ("previous", 1),
        ("last", 7),
        ("next", 7),
        ("first", 0),
        ("previous", 0),
    ):
        buttons[name].click()
        assert driven.cursor[0] == slider.value() == token
    slider.setValue(4)
    assert driven.cursor[0] == 4


def test_the_tool_bar_orders_what_its_buttons_say(driven):
    buttons = driven.window.toolbar._buttons
    buttons["update"].click()
    driven.until(lambda: driven.session.trace.update == 1)
    buttons["theme"].click()
    assert driven.window.current_layout().theme == "light"
    buttons["reset"].click()
    driven.until(lambda: driven.session.can_go_back)
    driven.until(buttons["back"].isEnabled)
    buttons["back"].click()
    driven.until(lambda: driven.updates == 1)


# The end.


def test_closing_during_an_update_waits_for_it(start, monkeypatch):
    under_way, closing = threading.Event(), threading.Event()
    update = Trainer.update

    def slow_update(trainer):
        under_way.set()
        assert closing.wait(60)
        return update(trainer)

    monkeypatch.setattr(Trainer, "update", slow_update)
    driven = start()
    close = driven.worker.control.close

    def close_now():
        close()
        closing.set()

    monkeypatch.setattr(driven.worker.control, "close", close_now)
    driven.session.run()
    driven.until(under_way.is_set)
    runner = driven.worker.runner
    driven.window.close()
    driven.close()
    assert not runner._thread.is_alive()


def test_closing_before_the_first_run_stands_does_no_harm(start):
    driven = start(wait=False)
    driven.until(driven.worker.runner._thread.is_alive)
    driven.close()


def test_closing_at_full_speed_does_no_harm(driven):
    driven.session.run()
    driven.until(lambda: driven.updates >= 3)
    driven.window.close()
    assert not driven.session._timer.isActive()


def test_closing_while_playing_and_with_a_dialog_open_does_no_harm(driven):
    driven.window.show_help()
    driven.window.playback.toggle()
    driven.window.close()
    assert not driven.window.playback.playing


def test_threads_take_shorter_turns_while_the_window_lives(start):
    before = sys.getswitchinterval()
    driven = start()
    assert sys.getswitchinterval() == pytest.approx(0.001)
    driven.close()
    assert sys.getswitchinterval() == before


def test_programs_can_follow_each_other(start):
    for seed in range(3):
        driven = start(a_small_run(seed=seed))
        driven.train(2)
        driven.close()
