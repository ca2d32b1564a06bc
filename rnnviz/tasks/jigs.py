"""Jigs by rule, in ABC notation: 6/8 in G, eight bars twice and eight other bars twice, as old dance tunes are made.

A bar has two beats of three eighths; each beat has a chord and one of four rhythms, begins on a note of its chord near
the note before and goes on by steps. Bars 5 and 6 of a part repeat bars 1 and 2; bar 4 rests on a note of D,
bar 8 on G.
"""

import numpy as np

ENDING = "|]"
SCALE = "DEFGABcdefg"  # in G, so that F and f are sharp
CHORDS = {"G": "GBdDg", "C": "EGceg", "D": "DFAdf", "Em": "EGBeg", "Am": "EAce"}
QUESTIONS = (("G", "C", "G", "D"), ("G", "Em", "C", "D"), ("G", "G", "Am", "D"))
ANSWERS = (("C", "D"), ("Am", "D"), ("G", "D"))  # bars 7 and 8, whose last beat is G
RHYTHMS = ((1, 1, 1), (2, 1), (3,), (1, 2))  # eighths
OFTEN = (0.6, 0.25, 0.1, 0.05)
FARTHEST = 4  # steps of the scale from one beat to the next


def note(letter: str, eighths: int) -> str:
    """A note in ABC with an eighth for its unit: the letter, and how many eighths where that is not one."""
    return letter if eighths == 1 else f"{letter}{eighths}"


def tune(random: np.random.Generator) -> list[str]:
    """One jig as tokens: notes such as “G” or “d2”, “|” behind each bar and “|]” behind the last."""
    bars: list[list[str]] = []
    for _ in range(2):
        part = _part(random)
        bars += part + part
    return [*[token for bar in bars for token in (*bar, "|")][:-1], ENDING]


def _part(random: np.random.Generator) -> list[list[str]]:
    """Eight bars."""
    question, answer = QUESTIONS[random.integers(len(QUESTIONS))], ANSWERS[random.integers(len(ANSWERS))]
    place = SCALE.index("GBd"[random.integers(3)])
    bars: list[list[str]] = []
    for chord in question[:3]:
        beats, place = _beats(random, (chord, chord), place)
        bars.append(beats)
    half, place = _beats(random, ("D",), place)
    bars.append([*half, note(SCALE[_nearest("D", place)], 3)])
    bars += bars[:2]
    beats, place = _beats(random, (answer[0], answer[1]), SCALE.index(bars[5][-1][0]))
    half, place = _beats(random, (answer[1],), place)
    return [*bars, beats, [*half, note("G", 3)]]


def _beats(random: np.random.Generator, chords: tuple[str, ...], place: int) -> tuple[list[str], int]:
    """Notes of a beat for each chord, begun from ``place`` in the scale, and the place of the last note."""
    notes = []
    for chord in chords:
        near = [k for k, letter in enumerate(SCALE) if letter in CHORDS[chord] and abs(k - place) <= FARTHEST]
        place = near[random.integers(len(near))]
        way = 1 if random.random() < 0.5 else -1
        for eighths in RHYTHMS[random.choice(len(RHYTHMS), p=OFTEN)]:
            notes.append(note(SCALE[place], eighths))
            last = place
            place = place + way if 0 <= place + way < len(SCALE) else place - way
        place = last
    return notes, place


def _nearest(chord: str, place: int) -> int:
    return min((k for k, letter in enumerate(SCALE) if letter in CHORDS[chord]), key=lambda k: abs(k - place))
