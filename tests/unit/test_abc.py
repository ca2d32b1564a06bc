"""ABC notation as notes, and notes as sound."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.analysis.abc import Note, parse, signature
from rnnviz.analysis.synthesis import LOUDEST, RATE, TAIL, UNITS_A_MINUTE, frequency, render
from rnnviz.tasks import TASKS


def pitches(text, key="C"):
    return [note.pitch for note in parse(text, key).notes]


def test_letters_and_octaves_are_keys_of_a_piano():
    assert pitches("CDEFGABcdefgabc'") == [60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83, 84]
    assert pitches("C,C,,c'c''") == [48, 36, 84, 96]


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("C", {}),
        ("G", {"F": 1}),
        ("Em", {"F": 1}),
        ("D", {"F": 1, "C": 1}),
        ("Bb", {"B": -1, "E": -1}),
        ("Dmix", {"F": 1}),
        ("Ador", {"F": 1}),
        ("F# minor", {"F": 1, "C": 1, "G": 1}),
        ("Cm", {"B": -1, "E": -1, "A": -1}),
        ("nonsense", {}),
    ],
)
def test_a_key_raises_and_lowers_letters(key, wanted):
    assert signature(key) == wanted


def test_f_is_sharp_in_g_and_in_the_key_of_the_header():
    assert pitches("FfC", "G") == [66, 78, 60]
    assert pitches("X:1\nT:A tune\nK:D\nFC", "C") == [66, 61]


def test_accidentals_hold_until_the_bar_line():
    assert pitches("^FF=FF|F_B,B,^^c__e") == [66, 66, 65, 65, 65, 58, 58, 74, 74]


def test_lengths_are_fractions_of_the_unit():
    tune = parse("GG2G/G/2G3/2G//z2G")
    assert [note.length for note in tune.notes] == [
        1,
        2,
        Fraction(1, 2),
        Fraction(1, 2),
        Fraction(3, 2),
        Fraction(1, 4),
        1,
    ]
    assert tune.notes[-1].start == Fraction(31, 4) == tune.length - 1


def test_bars_know_how_long_they_are():
    tune = parse("GAB cde|G3 G2|]g")
    assert [(bar.at, bar.units) for bar in tune.bars] == [(6, 6), (11, 5)]


def test_a_note_knows_the_token_in_which_it_begins():
    assert [note.token for note in parse(["G2", "|", "A", "B3"]).notes] == [0, 2, 3]
    assert [note.token for note in parse(list("G2|AB3")).notes] == [0, 3, 4]


def test_what_makes_no_sense_is_passed_over_and_counted():
    tune = parse("G?$A]&B")
    assert [note.pitch for note in tune.notes] == [67, 69, 71]
    assert tune.skipped == 4


@given(st.text(max_size=60) | st.text("ABGabz|:]'^_=,/0123456789KX\n ", max_size=60))
def test_any_text_is_a_tune_of_some_kind(text):
    tune = parse(text, "C")
    assert tune.skipped <= len(text)
    assert all(0 < note.length <= 64 and 0 <= note.token < len(text) for note in tune.notes)
    starts = [note.start for note in tune.notes]
    assert starts == sorted(starts)


def test_every_bar_of_the_task_has_six_eighths_and_nothing_is_passed_over():
    task = TASKS["music"].open(None, 200)
    tune = parse([task.vocabulary[code] for code in task.displayed(200).inputs[0]])
    assert tune.skipped == 0
    assert {bar.units for bar in tune.bars} == {6}
    assert {note.pitch for note in tune.notes} <= {62, 64, 66, 67, 69, 71, 72, 74, 76, 78, 79}


# Sound.


def loudest_frequency(sound, start, stop):
    cut = sound[round(start * RATE) : round(stop * RATE)]
    power = np.abs(np.fft.rfft(cut * np.hanning(len(cut)), 8 * len(cut)))
    return power.argmax() * RATE / (8 * len(cut))


def test_a_is_440_hertz_and_an_octave_twice_as_much():
    assert frequency(69) == 440
    assert frequency(81) == pytest.approx(880, rel=1e-12)
    assert frequency(60) == pytest.approx(261.6256, rel=1e-6)


def test_notes_sound_one_after_the_other_at_their_pitches():
    tune = parse("A3c3e3", "C")
    sound, second = render(tune.notes), 60 / UNITS_A_MINUTE
    assert len(sound) == round((9 * second + TAIL) * RATE)
    for place, pitch in enumerate((69, 72, 76)):
        found = loudest_frequency(sound, (3 * place + 0.2) * second, (3 * place + 2.8) * second)
        assert found == pytest.approx(frequency(pitch), rel=0.005)


def test_a_tune_is_neither_cut_off_nor_silent():
    sound = render(parse("G8G8").notes)
    assert np.abs(sound).max() == pytest.approx(LOUDEST, rel=1e-12)
    assert np.abs(sound[:3]).max() < 0.01  # no click
    assert np.abs(sound[-100:]).max() == 0


def test_a_rest_is_silent_and_no_note_is_no_sound():
    sound, second = render(parse("Gz2G").notes), 60 / UNITS_A_MINUTE
    assert np.abs(sound[round(1.1 * second * RATE) : round(2.9 * second * RATE)]).max() == 0
    assert not render(()).any()


def test_after_two_minutes_a_tune_ends():
    notes = [Note(Fraction(k * 30), Fraction(40), 60, k) for k in range(30)]
    assert len(render(notes)) == round((120 + TAIL) * RATE)


def test_partials_beyond_the_rate_are_left_out():
    assert np.isfinite(render([Note(Fraction(0), Fraction(1), 200, 0)])).all()
