"""One update walked through in five sub-steps: captions, what is lit, the sweep, the next update, and every way out."""

import pytest
from PySide6.QtCore import Qt

from rnnviz.domain.phase import PHASES
from rnnviz.tracks.track import FADED
from tests.qt.driving import a_small_run

Key = Qt.Key


@pytest.fixture
def walked(driven):
    """A run of three updates that is looked at in its first sub-step."""
    driven.train(3)
    driven.key(".")
    return driven


def walk(driven):
    return driven.window.laboratory.walk


def bar(driven):
    return walk(driven).bar


def caption(driven):
    return bar(driven)._caption.text()


def lit(driven):
    """Names of the rows and visible panels that are not faded."""
    rows = {row.track.name for row in driven.window.score._rows if row.track.root.opacity() == 1.0}
    panels = {name for name, panel in driven.window.column.panels.items() if panel.isVisible()}
    return rows, {name for name in panels if driven.window.column.panels[name]._veil.isHidden()}


def swept(driven):
    """Let the sweep come to its end."""
    driven.until(lambda: driven.window.score._sweep.state() == driven.window.score._sweep.State.Stopped)


def veils(driven):
    return [hidden(row).width() for row in driven.window.score._rows if row.veil.isVisible()]


def hidden(row):
    """What of a row the pass has not reached yet."""
    return row.veil.path().boundingRect()


def everything_is_lit(driven):
    rows, panels = lit(driven)
    shown = {name for name, panel in driven.window.column.panels.items() if panel.isVisible()}
    return rows == {row.track.name for row in driven.window.score._rows} and panels == shown and not veils(driven)


def test_the_full_stop_goes_through_five_captioned_sub_steps(walked):
    assert not walked.session.running
    record = walked.session.history.last
    seen = []
    for phase in PHASES:
        assert walk(walked).steps.phase == phase
        assert [name for name, button in bar(walked)._phases.items() if button.isChecked()] == [phase]
        assert caption(walked).lower().startswith(f"{phase}: ")
        seen.append(caption(walked))
        walked.key(".")
    assert f"{record.loss:.4g} nats" in seen[1]
    assert f"{record.grad_norm:.3g}" in seen[3]
    assert f"{record.update_ratio:.2g} of their length" in seen[4]


def test_only_what_has_a_part_is_lit(walked):
    expected = {
        "forward": ({"unfolded", "hidden_state", "cell_state", "gates"}, {"cell"}),
        "loss": ({"unfolded"}, {"loss", "next_token"}),
        "backward": ({"unfolded", "gradient"}, set()),
        "clip": ({"unfolded"}, {"gradient_norm"}),
        "update": ({"unfolded"}, set()),
    }
    for phase in PHASES:
        assert lit(walked) == expected[phase], phase
        walked.key(".")


def test_the_unfolded_row_lights_its_own_parts(walked):
    track = next(row.track for row in walked.window.score._rows if row.track.name == "unfolded")
    found = []
    for _ in PHASES:
        layer = track._layers[0]
        found.append((layer._pixels.opacity(), track._said._bars.opacity(), layer._backward[0].opacity()))
        walked.key(".")
    assert found == [(1, FADED, FADED), (FADED, 1, FADED), (FADED, FADED, 1), (FADED,) * 3, (FADED,) * 3]


def test_the_forward_sweep_runs_from_left_to_right_and_ends(walked):
    first = veils(walked)
    row, axis = walked.window.score._rows[0], walked.window.score._axis
    assert first
    assert hidden(row).right() == pytest.approx(axis.right)
    walked.until(lambda: veils(walked) and veils(walked)[0] < first[0])
    swept(walked)
    assert veils(walked) == []


def test_the_backward_sweep_runs_from_right_to_left_and_ends(walked):
    walked.key(".")
    walked.key(".")
    row, axis = walked.window.score._rows[0], walked.window.score._axis
    assert veils(walked)
    assert hidden(row).left() == pytest.approx(axis.left)
    swept(walked)
    assert veils(walked) == []


def test_the_comma_goes_back_to_the_first_and_no_further(walked):
    walked.key(".")
    walked.key(".")
    found = []
    for _ in range(4):
        walked.key(",")
        found.append(walk(walked).steps.phase)
    assert found == ["loss", "forward", "forward", "forward"]
    assert walked.updates == 3


def test_after_the_last_comes_the_next_update(walked):
    for _ in PHASES:
        walked.key(".")
    assert walk(walked).steps.phase == "forward"
    walked.until(lambda: walked.updates == 4 and walked.session.trace.update == 4)
    walked.key(".")
    assert f"{walked.session.history.last.loss:.4g} nats" in caption(walked)


def test_a_phase_can_be_chosen_by_click(walked):
    driven = walked
    driven.qtbot.mouseClick(bar(driven)._phases["backward"], Qt.MouseButton.LeftButton)
    assert walk(driven).steps.phase == "backward"
    driven.qtbot.mouseClick(bar(driven)._phases["backward"], Qt.MouseButton.LeftButton)
    assert bar(driven)._phases["backward"].isChecked()


def test_before_the_first_update_it_is_made_and_walked_through(driven):
    driven.key(".")
    assert walk(driven).steps.phase == "forward"
    driven.until(lambda: driven.updates == 1 and caption(driven).startswith("Forward: "))
    assert bar(driven).isVisible()
    driven.settle()
    assert driven.updates == 1


def test_the_comma_alone_begins_nothing(driven):
    driven.key(",")
    assert walk(driven).steps.phase is None
    assert not bar(driven).isVisible()


def test_while_training_the_full_stop_pauses_first(driven):
    driven.key(Key.Key_Space)
    driven.until(lambda: driven.updates >= 3)
    driven.key(".")
    assert not driven.session.running
    assert walk(driven).steps.phase == "forward"
    driven.settle()
    last = driven.updates
    driven.key(".")
    driven.until(lambda: driven.session.trace.update == last)
    assert f"{driven.session.history.last.loss:.4g} nats" in caption(driven)


def test_it_goes_on_by_itself_until_told_otherwise(walked):
    walk(walked).steps._timer.setInterval(5)
    walked.qtbot.mouseClick(bar(walked)._tools["play"], Qt.MouseButton.LeftButton)
    assert walk(walked).steps.playing
    walked.until(lambda: walked.updates >= 5)
    walked.qtbot.mouseClick(bar(walked)._tools["play"], Qt.MouseButton.LeftButton)
    assert not walk(walked).steps.playing
    walked.settle()
    last = walked.updates
    walked.settle()
    assert walked.updates == last


# Ways out.


def leave_by_escape(driven):
    driven.key(Key.Key_Escape)


def leave_by_click(driven):
    button = next(child for child in bar(driven).children() if getattr(child, "text", str)() == "Esc")
    driven.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def leave_by_training(driven):
    driven.key(Key.Key_Space)


def leave_by_another_cell(driven):
    with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
        driven.key(Key.Key_1)


def leave_by_the_past(driven):
    driven.key(Key.Key_BracketLeft)


@pytest.mark.parametrize(
    "leave", [leave_by_escape, leave_by_click, leave_by_training, leave_by_another_cell, leave_by_the_past]
)
@pytest.mark.parametrize("phase", [0, 2, 3])
def test_everything_is_lit_again_afterwards(walked, leave, phase):
    for _ in range(phase):
        walked.key(".")
    assert not everything_is_lit(walked)
    leave(walked)
    assert walk(walked).steps.phase is None
    walked.until(lambda: everything_is_lit(walked))
    assert not bar(walked).isVisible()
    assert walked.window.laboratory.history.isVisible()


def test_divergence_ends_the_walk(start):
    driven = start(a_small_run(cell="rnn_relu", optimizer="sgd", rate=1000.0, clip="off", init="identity"))
    driven.train(1)
    driven.key(".")
    walk(driven).steps._timer.setInterval(5)
    walk(driven).steps.toggle_playing()
    driven.until(driven.window.notice.isVisible)
    assert walk(driven).steps.phase is None
    assert not walk(driven).steps.playing
    assert everything_is_lit(driven)


# In the middle of it.


def test_themes_sizes_sides_and_layers_may_change_in_the_middle(start):
    driven = start(a_small_run(layers=2))
    driven.train(2)
    for _ in PHASES:
        driven.key(".")
        before = lit(driven)[0]
        driven.key(Key.Key_D)
        driven.window.resize(1300, 800)
        driven.key(Key.Key_F6)
        driven.key(Key.Key_PageUp)
        driven.window.resize(1060, 600)
        driven.key(Key.Key_F2)
        driven.window.grab()
        assert lit(driven)[0] == before
    swept(driven)
    driven.key(Key.Key_Escape)
    assert everything_is_lit(driven)


def test_the_caption_is_of_the_twin_that_is_shown(driven):
    driven.train(3)
    driven.session.fork(rate=0.5)
    driven.until(lambda: driven.session.companions)
    driven.train(2)
    driven.until(lambda: len(driven.session.companions[0].history) == 2)
    driven.key(Key.Key_T)
    driven.until(lambda: driven.session.showing.lane == 1)
    for _ in range(5):
        driven.key(".")
    record = driven.session.companions[0].history.last
    assert record.update_ratio != driven.session.history.last.update_ratio
    assert f"by {record.update_ratio:.2g} of their length (rate 0.5)" in caption(driven)


def test_the_caption_is_of_the_update_of_the_past_that_is_shown(driven):
    for _ in range(3):
        driven.train(4)
    loss = driven.session.history.column("loss")[7]
    driven.session.show_update(8)
    driven.until(lambda: driven.session.showing.update == 8 and driven.session.trace.update == 8)
    driven.key(".")
    driven.key(".")
    assert f"{loss:.4g} nats" in caption(driven)


def test_a_hidden_panel_that_comes_in_the_middle_is_faded_like_the_others(walked):
    walked.key(Key.Key_F5)
    assert lit(walked)[1] == set()
    walked.key(".")
    assert lit(walked)[1] == {"loss"}


def test_closing_in_the_middle_of_a_sweep_leaves_nothing(walked):
    assert veils(walked)
    walk(walked).steps.toggle_playing()
    walked.close()


@pytest.mark.parametrize("width", [1060, 1100, 1600])
def test_every_caption_fits(walked, width):
    walked.window.resize(width, 700)
    for _ in PHASES:
        label = bar(walked)._caption
        needed = label.fontMetrics().boundingRect(0, 0, label.width(), 1000, Qt.TextFlag.TextWordWrap, label.text())
        assert needed.height() <= label.height(), label.text()
        walked.key(".")
