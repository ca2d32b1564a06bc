"""Walking through the sub-steps of an update."""

import pytest

from rnnviz.domain.phase import PHASES
from rnnviz.state.sub_steps import SubSteps


@pytest.fixture
def steps(qapp):
    steps = SubSteps()
    yield steps
    steps.leave()


@pytest.fixture
def heard(steps):
    """Phases and wishes in the order in which they were emitted."""
    heard = []
    steps.phase_changed.connect(heard.append)
    steps.update_wished.connect(lambda: heard.append("update wished"))
    return heard


def test_at_first_it_is_off(steps):
    assert (steps.phase, steps.playing) == (None, False)


def test_going_on_passes_every_phase_in_order_and_then_wishes_the_next_update(steps, heard):
    for _ in range(len(PHASES) + 2):
        steps.on()
    assert heard == [*PHASES, "update wished", *PHASES[:2]]
    assert steps.phase == PHASES[1]


def test_going_back_ends_at_the_first_phase_and_wishes_nothing(steps, heard):
    steps.choose("backward")
    for _ in range(4):
        steps.back()
    assert heard == ["backward", "loss", "forward"]


def test_going_back_where_it_is_off_does_nothing(steps, heard):
    steps.back()
    assert (heard, steps.phase) == ([], None)


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_can_be_chosen_and_is_told_once(steps, heard, phase):
    steps.choose(phase)
    steps.choose(phase)
    assert heard == [phase]


def test_leaving_shows_everything_again(steps, heard):
    steps.on()
    steps.leave()
    steps.leave()
    assert heard == ["forward", None]


def test_playing_begins_at_once_and_stops_where_it_is(steps, heard, qtbot):
    told = []
    steps.playing_changed.connect(told.append)
    steps._timer.setInterval(1)
    steps.toggle_playing()
    assert heard == ["forward"]
    qtbot.waitUntil(lambda: "update wished" in heard, timeout=60_000)
    steps.toggle_playing()
    assert (told, steps.playing) == ([True, False], False)
    assert steps.phase == heard[-1]


def test_leaving_ends_the_playing(steps):
    told = []
    steps.playing_changed.connect(told.append)
    steps.toggle_playing()
    steps.leave()
    assert (told, steps.phase) == ([True, False], None)


def test_playing_goes_on_from_the_phase_that_was_chosen(steps, heard):
    steps.choose("clip")
    steps.toggle_playing()
    assert heard == ["clip"]
