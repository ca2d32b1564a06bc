"""The panels that show what a network makes by itself, with hand-made studies."""

import dataclasses
import os
import types
import wave

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QDesktopServices
from PySide6.QtWidgets import QFileDialog

from rnnviz.analysis.abc import parse
from rnnviz.domain.continuation import GoingOn
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.studies import Studies
from rnnviz.domain.trace import Trace
from rnnviz.domain.values import Numbers
from rnnviz.drawing.piano_roll import ROWS, UNITS, Roll
from rnnviz.drawing.share_legend import INKS, _contrast, on_share
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.drawing.token_flow import LINE, flow, runs, token_at
from rnnviz.panels.forecast import ForecastPanel
from rnnviz.panels.forecast import in_words as errors_in_words
from rnnviz.panels.notes import NotesPanel, note_in_words
from rnnviz.panels.sampling import SamplingPanel
from rnnviz.state import player
from tests.builders import config, facts, forecast, full_layer, reading, sampled


@pytest.fixture
def show(qtbot):
    """Build a panel, show it and tell it studies."""

    def show(kind, told=None, width=300, **known):
        panel = kind(DARK)
        qtbot.addWidget(panel)
        panel.resize(width, 420)
        panel.show()
        panel.start_run(facts(**known))
        panel.show_studies(told or Studies(), Cursor())
        return panel

    return show


def items(panel):
    return [item for item in panel._figure.scene().items() if item.isVisible()]


def written(panel):
    return [item.text() for item in items(panel) if hasattr(item, "text")]


def press(qtbot, panel, place, button=Qt.MouseButton.LeftButton):
    qtbot.mouseClick(panel._figure.viewport(), button, pos=place.toPoint())


def wishes(panel):
    made = []
    panel.going_on_chosen.connect(made.append)
    return made


# Running text.


def test_text_is_broken_to_its_width_and_behind_line_breaks():
    placed = flow("abcdef\ngh", 0, 46.0, 10.0, 5)
    assert [(token.text, token.box.left(), token.box.top() / LINE) for token in placed] == [
        ("a", 3, 0),
        ("b", 13, 0),
        ("c", 23, 0),
        ("d", 33, 0),
        ("e", 3, 1),
        ("f", 13, 1),
        ("↵", 23, 1),
        ("g", 3, 2),
        ("h", 13, 2),
    ]


def test_words_are_kept_apart_and_what_has_no_room_is_left_out():
    placed = flow(["the", "cat", "sat", "on", "mats"], 0, 86.0, 10.0, 2)
    assert [token.box.left() for token in placed] == [3, 43, 3, 43]
    assert [token.token for token in placed] == [0, 1, 2, 3]


def test_a_label_wider_than_a_line_stays_inside():
    (token,) = flow(["a" * 50], 0, 100.0, 10.0, 3)
    assert token.box.right() <= 97


def test_neighbours_are_written_at_once_where_letters_are_equally_wide():
    placed = flow("ab\ncdéf", 0, 200.0, 10.0, 5)
    assert ["".join(token.text for token in run) for run in runs(placed)] == ["ab", "↵", "cd", "é", "f"]


def test_a_place_belongs_to_the_token_that_stands_there():
    placed = flow("abc", 1, 100.0, 10.0, 2)
    assert token_at(placed, QPointF(5, 5)) == 1
    assert token_at(placed, QPointF(15, 5)) == 2
    assert token_at(placed, QPointF(45, 5)) is None


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_letters_can_be_read_on_every_probability(theme):
    for share in np.linspace(0, 1, 101):
        ground, ink = on_share(theme, float(share))
        assert _contrast(QColor(ink), ground) >= 4.5


# Sampling.


def place_of(panel, token):
    return next(found.box.center() for found in panel._placed if found.token == token)


def test_what_was_read_and_what_was_drawn_are_told_apart(show):
    panel = show(SamplingPanel, Studies(sampling=sampled()))
    inks = {item.text(): item.brush().color().name() for item in items(panel) if hasattr(item, "text")}
    assert inks["hell"] == DARK.muted
    drawn = {ink for text, ink in inks.items() if text not in {"hell", "probability 0", "1"}}
    assert drawn <= set(INKS)
    assert "behind token 3, temperature 1.00, seed 0" in panel._subtitle.toolTip()


def test_a_drawn_token_is_told_with_its_probability_and_the_alternatives(show):
    panel = show(SamplingPanel, Studies(sampling=sampled(how=GoingOn(3, 0.5))))
    assert panel._figure.words_at(place_of(panel, 5)) == (
        "token 5: ␣, 81.0%\nat temperature 0.50: 65.6%\nentropy there 0.50 nats; the most probable at 1:\n"
        "␣  81.0%\n?  19.0%"
    )
    assert panel._figure.words_at(place_of(panel, 1)) == "token 1: e, read as it is displayed"
    assert panel._figure.words_at(QPointF(250, 200)) == ""


def test_a_click_on_a_drawn_token_chooses_the_text_and_on_a_read_one_the_token(show, qtbot):
    told = sampled()
    panel, texts, tokens = show(SamplingPanel, Studies(sampling=told)), [], []
    panel.written_chosen.connect(lambda *given: texts.append(given))
    panel.token_chosen.connect(tokens.append)
    press(qtbot, panel, place_of(panel, 7))
    press(qtbot, panel, place_of(panel, 2))
    press(qtbot, panel, QPointF(280, 200))
    press(qtbot, panel, place_of(panel, 7), Qt.MouseButton.RightButton)
    assert texts == [(told, 7)]
    assert tokens == [2]


def test_temperature_and_another_text_are_asked_for(show):
    panel = show(SamplingPanel, Studies(sampling=sampled(how=GoingOn(3, seed=4))))
    made = wishes(panel)
    panel._temperature._slider.setValue(0)
    assert panel._temperature._label.text() == "temperature 0.00: the most probable"
    panel._temperature._slider.setValue(140)
    panel._temperature._button.click()
    assert made == [{"temperature": 0.0}, {"temperature": 1.4}, {"seed": 5}]


def test_where_a_network_cannot_go_on_the_panels_say_why(show):
    for kind in (SamplingPanel, ForecastPanel):
        panel = show(kind, mute="it reads numbers and predicts labels, which it cannot read")
        said = " ".join(" ".join(written(panel)).split())
        assert (
            said == "This network cannot go on by itself: it reads numbers and predicts labels, which it cannot read."
        )
        assert panel._caption.text() == ""


def test_a_text_that_ended_where_nothing_was_finite_says_so(show):
    panel = show(SamplingPanel, Studies(sampling=sampled(broken=True)))
    assert panel._caption.text().endswith("It ends where the read-out was not finite.")
    nothing = {"drawn": (), "chances": np.empty(0), "drawn_at": np.empty(0), "entropy": np.empty(0)}
    empty = sampled(**nothing, others=(), other_chances=np.empty((0, 5)), broken=True)
    panel.show_studies(Studies(sampling=empty), Cursor())
    assert panel._caption.text() == "The read-out is not finite: there is nothing to draw from."


def test_of_a_long_prefix_the_end_is_shown(show):
    panel = show(SamplingPanel, Studies(sampling=sampled("x" * 300 + "end", 300)))
    assert panel._placed[0].token == 240
    assert panel._placed[-1].token == 302


def test_panels_belong_to_what_is_predicted(qtbot):
    panels = [kind(DARK) for kind in (SamplingPanel, ForecastPanel, NotesPanel)]
    for panel in panels:
        qtbot.addWidget(panel)

    def there(found):
        return [panel.applies_to(config(), found) for panel in panels]

    letters, numbers = facts(), facts(predicts=Numbers(("y",)))
    notes = facts(notation="abc")
    assert there(letters) == [True, False, False]
    assert there(numbers) == [False, True, False]
    assert there(notes) == [True, False, True]


# Forecast.


def test_errors_are_told_for_the_first_and_the_last_step_that_has_one():
    assert errors_in_words(forecast()) == (
        "RMSE 1 step ahead: network 0.50, “stays as it is” 1.00 (3 forecasts)\n"
        "RMSE 3 steps ahead: network 0.50, “stays as it is” 3.00 (1 forecast)"
    )
    unknown = forecast(errors=np.array([0.5, np.nan, np.nan]), origins=np.array([2, 0, 0]))
    assert errors_in_words(unknown) == "RMSE 1 step ahead: network 0.50, “stays as it is” 1.00 (2 forecasts)"
    assert errors_in_words(forecast(errors=np.full(3, np.nan))).startswith("No error: ")


def test_numbers_and_errors_are_told_at_every_place(show):
    panel = show(ForecastPanel, Studies(forecast=forecast()))
    middle = panel._series.frame.center().y()

    def at(axes, x):
        return QPointF(float(axes.across(x)), axes.frame.center().y())

    assert panel._figure.words_at(QPointF(float(panel._series.across(2)), middle)) == "token 2\nread: 2"
    assert panel._figure.words_at(at(panel._series, 5)) == (
        "token 5\ncame: 5\n2 ahead, network: 5.5\nstays as it is: 3"
    )
    assert panel._figure.words_at(at(panel._errors, 2)) == "RMSE 2 ahead, 2 forecasts\nnetwork: 0.5\nstays as it is: 2"
    assert panel._figure.words_at(QPointF(1, 1)) == ""


def test_a_click_in_the_series_moves_the_cursor(show, qtbot):
    panel, tokens = show(ForecastPanel, Studies(forecast=forecast())), []
    panel.token_chosen.connect(tokens.append)
    for x in (2, 8):  # the last number has no token of its own: it is what came after the last one
        press(qtbot, panel, QPointF(float(panel._series.across(x)), 60))
    press(qtbot, panel, QPointF(100, 200))
    assert tokens == [2, 7]


def test_the_number_of_steps_is_asked_for(show):
    panel = show(ForecastPanel, Studies(forecast=forecast()))
    made = wishes(panel)
    panel._ahead._slider.setValue(24)
    panel._ahead._slider.setValue(99)
    assert panel._ahead._label.text() == "24 steps ahead"
    assert made == [{"ahead": 24}]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_a_forecast_that_runs_away_leaves_the_picture_as_it_is(show, value):
    wild = np.full((3, 1), value)
    panel = show(ForecastPanel, Studies(forecast=forecast(given=wild, errors=np.full(3, value))))
    assert not panel.grab().isNull()
    low, high = panel._series._y
    assert -2 < low < 0
    assert 8 < high < 10
    assert panel._errors._y[1] < 10


def test_a_series_that_never_changes_can_be_drawn(show):
    flat = forecast(known=np.ones((9, 1)), given=np.ones((3, 1)), errors=np.zeros(3), rules={}, rule_errors={})
    assert not show(ForecastPanel, Studies(forecast=flat)).grab().isNull()


# Notes.

TUNE = "GABcde|d3B3|G6|]"


def a_tune(text=TUNE, prefix=6):
    return Studies(sampling=sampled(text, prefix))


def test_a_tune_is_told_in_bars_and_notes(show):
    panel = show(NotesPanel, a_tune())
    assert panel._caption.text() == "3 of 3 bars have six eighths"
    assert panel._subtitle.toolTip() == "9 notes"
    panel.show_studies(a_tune("GAB|c??|"), Cursor())
    assert panel._caption.text() == "0 of 2 bars have six eighths, 2 symbols make no sense"
    panel.show_studies(a_tune("????"), Cursor())
    assert not panel._play.isEnabled()


def test_a_note_is_told_and_chosen(show, qtbot):
    told = a_tune()
    panel, texts, tokens = show(NotesPanel, told), [], []
    panel.written_chosen.connect(lambda *given: texts.append(given))
    panel.token_chosen.connect(tokens.append)
    first, later = panel._roll.pieces[0].box.center(), panel._roll.pieces[6].box.center()
    assert panel._figure.words_at(first) == "token 0: G4, 1 eighth"
    assert panel._figure.words_at(later) == "token 7: D5, 3 eighths"
    press(qtbot, panel, first)
    press(qtbot, panel, later)
    assert (tokens, texts) == ([0], [(told.sampling, 7)])


def test_the_displayed_tune_alone_is_that_of_the_trace(show):
    panel = show(NotesPanel, a_tune())
    tokens = tuple("GAB|cde|")
    labels = dataclasses.replace(reading(8), tokens=tokens)
    panel.show_trace(Trace((full_layer(),), None, labels), Cursor(1))
    panel._displayed.click()
    assert panel._labels == tokens
    assert panel._own_from == 8
    panel._displayed.click()
    assert panel._labels == tuple(TUNE)


def test_a_roll_breaks_notes_at_the_end_of_a_row_and_leaves_out_what_has_no_room():
    roll = Roll(parse("G20A8" + "B24" * 10), 240.0)
    assert [len([piece for piece in roll.pieces if piece.note.token == token]) for token in (0, 3)] == [1, 2]
    assert all(piece.box.left() >= 0 and piece.box.right() <= 240 for piece in roll.pieces)
    assert roll.rows == ROWS
    assert not roll.whole
    assert Roll(parse(f"G{UNITS}"), 240.0).rows == 1


def test_notes_have_names():
    assert [note_in_words(note) for note in parse("=FF2", "G").notes] == ["F4, 1 eighth", "F4, 2 eighths"]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(player, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache" / "tune.wav"


def test_a_tune_is_saved_as_a_sound(show, tmp_path, monkeypatch):
    panel = show(NotesPanel, a_tune())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "jig"), ""))
    panel._save.click()
    assert panel._caption.text().endswith(f"Written to {tmp_path / 'jig.wav'}.")
    with wave.open(str(tmp_path / "jig.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22050)
        assert file.getnframes() / 22050 == pytest.approx(18 * 60 / 330 + 0.2, abs=1e-3)


def test_what_was_said_of_a_sound_stays_while_new_tunes_come(show, tmp_path, monkeypatch):
    panel = show(NotesPanel, a_tune())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "jig"), ""))
    panel._save.click()
    panel.show_studies(a_tune("GAB|cde|"), Cursor())
    assert panel._caption.text().endswith(f"Written to {tmp_path / 'jig.wav'}.")
    assert (tmp_path / "jig.wav").stat().st_mode & 0o044 == 0o044 & ~umask()


def test_a_sound_that_is_there_is_not_replaced_unasked(show, tmp_path, monkeypatch):
    panel = show(NotesPanel, a_tune())
    (tmp_path / "jig.wav").write_text("another")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "jig"), ""))
    panel._save.click()
    assert "exists already" in panel._caption.text()
    assert (tmp_path / "jig.wav").read_text() == "another"


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_cancelled_dialog_writes_nothing_and_a_failure_is_told(show, tmp_path, monkeypatch):
    panel = show(NotesPanel, a_tune())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    panel._save.click()
    assert panel._caption.text() == "3 of 3 bars have six eighths"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "jig.wav"), ""))
    panel._save.click()
    assert "cannot be written: No such file or directory." in panel._caption.text()


@pytest.mark.parametrize(
    ("opens", "words"),
    [
        (True, "Opened with the desktop's player: Qt's own sound (QtMultimedia) is not installed."),
        (False, "No program"),
    ],
)
def test_without_qt_s_sound_the_desktop_plays(show, cache, monkeypatch, opens, words):
    asked = []
    monkeypatch.setattr(player.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toLocalFile()) or opens)
    panel = show(NotesPanel, a_tune())
    panel._play.click()
    assert asked == [str(cache)]
    assert cache.exists()
    assert words in panel._caption.text()


def test_with_qt_s_sound_it_plays(show, cache, monkeypatch):
    done = []

    class Effect:
        def __init__(self, parent):
            done.append("made")

        def setSource(self, url):
            done.append(url.toLocalFile())

        def play(self):
            done.append("played")

    monkeypatch.setattr(player.importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(player.importlib, "import_module", lambda _: types.SimpleNamespace(QSoundEffect=Effect))
    panel = show(NotesPanel, a_tune())
    panel._play.click()
    assert done == ["made", str(cache), "played"]
    assert panel._caption.text().endswith("Playing.")


def test_a_cache_that_cannot_be_written_is_told(show, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(player, "user_cache_path", lambda *_, **__: tmp_path / "file")
    panel = show(NotesPanel, a_tune())
    panel._play.click()
    assert "cannot be written" in panel._caption.text()


def test_the_caption_of_what_was_written_says_at_which_temperature_each_number_is(show):
    words = show(SamplingPanel, Studies(sampling=sampled(how=GoingOn(3, 0.5))))._caption.text()
    assert "(at temperature 1), mean entropy" in words
    assert "nats a token (at 0.50), over" in words
