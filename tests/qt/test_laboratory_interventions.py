"""Changing something inside the pass: offered where one points, asked for in dialogs, shown in every row, undone."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from rnnviz.app.intervention_bar import MOST, in_words
from rnnviz.cells import CELLS
from rnnviz.domain.intervention import ChangeInput, ChangeToken, ClampGate, SetInitial, ZeroUnit
from rnnviz.tracks.track import CHANGED
from tests.qt.driving import a_small_run

Key = Qt.Key
TAKEN = ["Copy picture", "PNG …", "SVG …", "PDF …", "Numbers as CSV …"]


@pytest.fixture
def trained(driven):
    """A run of five updates with the cursor at token 3."""
    driven.train(5)
    for _ in range(3):
        driven.key(Key.Key_Right)
    return driven


@pytest.fixture
def answers(monkeypatch):
    """What the dialogs for a value are answered with, and what they asked; None cancels."""
    given, asked = [], []

    def number(_, __, question, *___):
        asked.append(question)
        answer = given.pop(0)
        return (0.0, False) if answer is None else (answer, True)

    def item(_, __, question, items, *___, **____):
        asked.append((question, tuple(items)))
        answer = given.pop(0)
        return ("", False) if answer is None else (answer, True)

    monkeypatch.setattr(QInputDialog, "getDouble", number)
    monkeypatch.setattr(QInputDialog, "getItem", item)
    return given, asked


def menu(driven):
    (shown,) = [menu for menu in driven.window.findChildren(QMenu) if menu.isVisible()]
    return shown


def actions(menu):
    """The texts of all entries, those of submenus included."""
    return [action.text() for action in entries(menu) if action.text()]


def entries(menu):
    """All entries that do something."""
    names = {sub.title() for sub in menu.findChildren(QMenu)}
    found = [action for part in (menu, *menu.findChildren(QMenu)) for action in part.actions()]
    return [action for action in found if action.text() not in names]


def take(driven, text):
    """Choose ``text`` in the open menu."""
    shown = menu(driven)
    (action,) = [action for action in entries(shown) if action.text() == text]
    action.trigger()
    shown.close()


def changed(driven, *interventions):
    driven.until(lambda: driven.session.interventions == interventions)
    driven.until(lambda: (driven.session.trace.untouched is not None) == bool(interventions))


def row(driven, name):
    return next(row for row in driven.window.score._rows if row.track.name == name)


def right_click(driven, name, token, share=0.5):
    score = driven.window.score
    y = row(driven, name).track.root.y() + share * row(driven, name).height
    at = score.mapFromScene(QPointF(score._axis.middle(token), y))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, score.viewport().mapToGlobal(at))
    QApplication.sendEvent(score.viewport(), event)


def subtitles(driven):
    return {row.track.name: row.track.subtitle(driven.window.score._picture) for row in driven.window.score._rows}


# What is offered.


@pytest.mark.parametrize("cell", CELLS)
def test_i_offers_everything_at_the_cursor(start, cell):
    driven = start(a_small_run(cell=cell))
    driven.key(Key.Key_Right)
    driven.key(Key.Key_Down)
    driven.key("I")
    found = actions(menu(driven))
    assert "Read another token at 1 …" in found
    assert "Zero unit 1 after token 1 alone" in found
    for gate in CELLS[cell].gates:
        assert f"Hold {gate.name} of unit 1 at token 1 at …" in found
    assert len(found) == 5 + 5 * len(CELLS[cell].gates)
    menu(driven).close()


def test_the_menu_is_short_enough_for_the_smallest_window(trained):
    trained.key("I")
    assert len(menu(trained).actions()) <= 10
    assert menu(trained).sizeHint().height() < 300
    menu(trained).close()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("unfolded", ["Read another token at 5 …"]),
        (
            "hidden_state",
            [
                "Zero unit 2 after every token",
                "Zero unit 2 after token 5 alone",
                "Begin with h₀ of unit 2 at …",
                "Begin with h₀ of all units at …",
            ],
        ),
    ],
)
def test_a_right_click_offers_what_belongs_to_the_row(trained, name, expected):
    right_click(trained, name, 5, share=0.45)
    assert actions(menu(trained))[: -len(TAKEN)] == expected
    assert actions(menu(trained))[-len(TAKEN) :] == TAKEN
    assert trained.cursor[0] == 5
    menu(trained).close()


def test_a_right_click_on_a_gate_offers_that_gate_alone(trained):
    right_click(trained, "gates", 2, share=0.4)
    assert {text.split()[1] for text in actions(menu(trained))[: -len(TAKEN)]} == {"forget"}
    assert [inside.title() for inside in menu(trained).findChildren(QMenu)] == ["Take away: Gates"]
    menu(trained).close()


@pytest.mark.parametrize("name", ["gradient", "cell_state"])
def test_a_right_click_where_the_row_has_nothing_offers_what_its_column_has(trained, name):
    right_click(trained, name, 6)
    found = actions(menu(trained))
    assert "Read another token at 6 …" in found
    assert any("forget" in text for text in found)
    menu(trained).close()


def test_a_right_click_beside_the_columns_offers_the_row_alone(trained):
    score = trained.window.score
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(3, 200), score.mapToGlobal(QPoint(3, 200)))
    QApplication.sendEvent(score.viewport(), event)
    assert actions(menu(trained)) == TAKEN
    menu(trained).close()


def test_before_the_first_picture_nothing_is_offered(start):
    driven = start(wait=False)
    driven.window.score._picture = None
    driven.key("I")
    assert not [menu for menu in driven.window.findChildren(QMenu) if menu.isVisible()]


# What comes of it.


def test_a_gate_that_is_held_is_shown_in_every_row(trained):
    right_click(trained, "gates", 3, share=0.4)
    take(trained, "Hold forget at 0, all units")
    changed(trained, ClampGate("forget", 0.0))
    bar = trained.window.laboratory.intervention_bar
    assert bar.isVisible()
    assert "forget gate of all units held at 0 in layer 1" in bar._text.text()
    assert not trained.session.trace.layers[0].gates["forget"].any()
    for name in ("hidden_state", "cell_state", "gates"):
        assert subtitles(trained)[name].startswith(CHANGED)
    assert "Δh" in subtitles(trained)["unfolded"]
    assert "without the interventions" in subtitles(trained)["gradient"]
    picture = trained.window.score._picture
    before = trained.session.trace.untouched.layers[0].hidden
    assert np.allclose(picture.change.hidden, trained.session.trace.layers[0].hidden - before, atol=1e-7)
    told = row(trained, "gates").track.value_at(picture, 3, row(trained, "gates").height * 0.4)
    assert "changed by -" in told


def test_a_value_is_asked_for(trained, answers):
    given, asked = answers
    given.append(0.25)
    trained.key("I")
    take(trained, "Hold output of unit 0 at token 3 at …")
    changed(trained, ClampGate("output", 0.25, unit=0, token=3))
    assert asked == ["Hold output of unit 0 at token 3 at …"]
    assert trained.session.trace.layers[0].gates["output"][3, 0] == 0.25


def test_a_token_is_asked_for_among_those_that_there_are(trained, answers):
    given, asked = answers
    given.append("w")
    trained.key("I")
    take(trained, "Read another token at 3 …")
    changed(trained, ChangeToken(3, "w"))
    assert trained.session.trace.reading.tokens[3] == "w"
    ((_, items),) = asked
    assert len(items) == len(trained.session.facts.vocabulary)
    assert "␣" in items


def test_enter_takes_the_first_that_is_offered(trained, answers):
    answers[0].append("r")
    trained.key("I")
    trained.qtbot.keyClick(menu(trained), Key.Key_Return)
    changed(trained, ChangeToken(3, "r"))


def test_a_space_can_be_read(trained, answers):
    answers[0].append("␣")
    trained.key("I")
    take(trained, "Read another token at 3 …")
    changed(trained, ChangeToken(3, " "))


def test_who_cancels_changes_nothing(trained, answers):
    answers[0].extend([None, None])
    for text in ("Read another token at 3 …", "Begin with h₀ of all units at …"):
        trained.key("I")
        take(trained, text)
    trained.settle()
    assert trained.session.interventions == ()
    assert not trained.window.laboratory.intervention_bar.isVisible()


def test_several_add_up_and_x_undoes_all(trained, answers):
    answers[0].append(0.5)
    trained.key("I")
    take(trained, "Zero unit 0 after every token")
    changed(trained, ZeroUnit(0))
    trained.key("I")
    take(trained, "Begin with h₀ of all units at …")
    changed(trained, ZeroUnit(0), SetInitial(0.5))
    trained.key("X")
    changed(trained)
    assert not trained.window.laboratory.intervention_bar.isVisible()
    assert not subtitles(trained)["hidden_state"].startswith(CHANGED)


def test_the_button_undoes_all_too(trained):
    trained.session.intervene((ZeroUnit(1),))
    changed(trained, ZeroUnit(1))
    (button,) = [
        child
        for child in trained.window.laboratory.intervention_bar.children()
        if getattr(child, "text", str)() == "Undo all"
    ]
    trained.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    changed(trained)


def test_v_shows_values_or_differences(trained):
    trained.session.intervene((ZeroUnit(1),))
    changed(trained, ZeroUnit(1))
    picture = trained.window.score
    assert picture._picture.changes
    trained.key("V")
    assert not picture._picture.changes
    assert not subtitles(trained)["hidden_state"].startswith(CHANGED)
    trained.key("V")
    assert subtitles(trained)["hidden_state"].startswith(CHANGED)


def test_v_does_nothing_where_nothing_is_changed(trained):
    trained.key("V")
    trained.session.intervene((ZeroUnit(1),))
    changed(trained, ZeroUnit(1))
    assert trained.window.score._picture.changes


def test_many_changes_take_no_more_than_two_lines(trained):
    trained.window.resize(1060, 700)
    many = tuple(ClampGate("candidate", 0.125, unit, token) for unit in range(6) for token in range(8))
    trained.session.intervene(many)
    changed(trained, *many)
    bar = trained.window.laboratory.intervention_bar
    assert f"and {len(many) - MOST} more" in bar._text.text()
    assert in_words(many[0]) in bar._text.toolTip()
    trained.window.grab()
    assert bar.height() < 60


def test_the_training_is_not_touched(start):
    plain, changed_run = start(), start()
    for driven in (plain, changed_run):
        if driven is changed_run:
            driven.session.intervene((ClampGate("input", 0.0),))
            changed(driven, ClampGate("input", 0.0))
        driven.train(5)
    losses = [driven.session.history.column("loss").tolist() for driven in (plain, changed_run)]
    assert losses[0] == losses[1]


def test_another_cell_begins_without_interventions(trained):
    trained.session.intervene((ClampGate("forget", 0.0),))
    changed(trained, ClampGate("forget", 0.0))
    trained.key("1")
    trained.until(lambda: trained.session.config.cell == "rnn_tanh" and trained.session.trace is not None)
    assert trained.session.interventions == ()
    assert not trained.window.laboratory.intervention_bar.isVisible()


def test_a_gate_that_the_other_cell_lacks_is_taken_back_with_a_word(driven):
    driven.key("B")
    driven.until(lambda: driven.session.companions and driven.updates >= 2)
    driven.session.pause()
    driven.session.intervene((ClampGate("forget", 0.0),))
    changed(driven, ClampGate("forget", 0.0))
    driven.key("T")
    driven.until(lambda: driven.session.showing.lane == 1)
    changed(driven)
    assert driven.window.notice.isVisible()
    assert driven.window.notice.text.startswith("The interventions were taken back.")


def test_themes_sizes_sides_and_training_in_the_middle(trained):
    trained.session.intervene((ClampGate("forget", 0.0, token=3), ChangeToken(1, "w")))
    changed(trained, ClampGate("forget", 0.0, token=3), ChangeToken(1, "w"))
    trained.key(Key.Key_Space)
    for size in ((1060, 600), (1500, 900)):
        trained.window.resize(*size)
        trained.key(Key.Key_D)
        for side in (Key.Key_F3, Key.Key_F6, Key.Key_F2):
            trained.key(side)
            trained.window.grab()
    trained.until(lambda: trained.updates >= 20)
    trained.key(Key.Key_Space)
    assert len(trained.session.interventions) == 2
    assert subtitles(trained)["hidden_state"].startswith(CHANGED)


def test_the_window_can_be_closed_with_the_menu_open(trained):
    trained.key("I")
    assert menu(trained)
    trained.close()


@pytest.mark.parametrize(
    ("intervention", "words"),
    [
        (ClampGate("forget", 0.0), "forget gate of all units held at 0 in layer 1"),
        (ClampGate("candidate", -1.0, 2, 7, layer=1), "candidate of unit 2 held at -1 at token 7 in layer 2"),
        (ZeroUnit(4), "unit 4 zeroed after every token in layer 1"),
        (ZeroUnit(4, 2, direction="backward"), "unit 4 zeroed at token 2 in layer 1 (backward)"),
        (ChangeToken(3, "\n"), "“↵” read at token 3"),
        (ChangeInput(3, (1.0,)), "another input at token 3"),
        (SetInitial(0.5), "h₀ of all units = 0.5 in layer 1"),
    ],
    ids=repr,
)
def test_every_intervention_is_told_in_words(intervention, words):
    assert in_words(intervention) == words
