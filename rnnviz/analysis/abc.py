"""Notes from ABC notation, as far as melodies need it; what cannot be read is passed over and counted.

Known are letters with accidentals and octaves, lengths and fractions of them, rests, bar lines, line breaks, and of the
header the key. One octave up is a small letter or an apostrophe; C is middle C.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MIDDLE_C = 60  # as in MIDI
ACCIDENTALS = {"": None, "=": 0, "^": 1, "^^": 2, "_": -1, "__": -2}
SHARPS, FLATS = "FCGDAEB", "BEADGCF"
KEYS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4, "Db": -5}
MODES = {"": 0, "maj": 0, "m": -3, "min": -3, "mix": -1, "dor": -2}  # fifths away from the major key of that name
LONGEST = 64  # units; a longer note is a slip of the pen
SYMBOL = re.compile(
    r"(?P<bar>\|\]|\[\||:\||\|:|::|\|)"
    r"|(?P<note>(?P<sharp>\^\^?|__?|=)?(?P<letter>[A-Ga-gz])(?P<octave>[',]*)(?P<length>\d*(?:/+\d*)?))"
    r"|(?P<space>\s+)"
)
FIELD = re.compile(r"(?m)^[A-Za-z]:.*$\n?")


class Note(NamedTuple):
    """A sounding note."""

    start: Fraction  # units of length from the beginning
    length: Fraction  # units
    pitch: int  # as in MIDI: 60 is middle C, 61 the key above
    token: int  # index of the token in which it begins


class Bar(NamedTuple):
    """A bar line."""

    at: Fraction  # units from the beginning
    units: Fraction  # since the bar line before, or the beginning
    token: int


class Tune(NamedTuple):
    """What could be read."""

    notes: tuple[Note, ...]
    bars: tuple[Bar, ...]
    length: Fraction  # units
    skipped: int  # letters that could not be read


def parse(tokens: Sequence[str], key: str = "G") -> Tune:
    """Read the text that ``tokens`` are, whether each is a letter or a whole note. A K: in the text comes first."""
    text = "".join(tokens)
    owners = [index for index, token in enumerate(tokens) for _ in token]
    sharps = signature(_field(text, "K") or key)
    fields = [found.span() for found in FIELD.finditer(text)]
    notes: list[Note] = []
    bars: list[Bar] = []
    now, bar_began, place, skipped = Fraction(0), Fraction(0), 0, 0
    in_bar: dict[str, int] = {}  # accidentals hold until the bar line
    while place < len(text):
        field = next((end for start, end in fields if start == place), None)
        found = None if field else SYMBOL.match(text, place)
        if found is None:
            skipped += field is None
            place = field or place + 1
            continue
        if found["bar"]:
            bars.append(Bar(now, now - bar_began, owners[place]))
            bar_began, in_bar = now, {}
        elif found["note"]:
            length = _length(found["length"])
            pitch = None if found["letter"] == "z" else _pitch(found, sharps, in_bar)
            if pitch is not None:
                notes.append(Note(now, length, pitch, owners[place]))
            now += length
        place = found.end()
    return Tune(tuple(notes), tuple(bars), now, skipped)


def signature(key: str) -> dict[str, int]:
    """Accidentals of a key such as “G”, “Em” or “Ddor”, by letter; none for one that is not known."""
    found = re.fullmatch(r"\s*([A-G][#b]?)\s*([A-Za-z]*).*", key)
    name, mode = (found[1], found[2].lower()[:3]) if found else ("C", "")
    fifths = KEYS.get(name, 0) + MODES.get("m" if mode == "m" else mode, 0)
    fifths = min(max(fifths, -7), 7)
    return dict.fromkeys(SHARPS[:fifths], 1) if fifths > 0 else dict.fromkeys(FLATS[: -fifths or 0], -1)


def _field(text: str, name: str) -> str:
    found = re.search(rf"(?m)^{name}:(.*)$", text)
    return found[1].strip() if found else ""


def _pitch(found: re.Match[str], sharps: dict[str, int], in_bar: dict[str, int]) -> int:
    letter, octave = found["letter"], found["octave"]
    raised = ACCIDENTALS[found["sharp"] or ""]
    spot = letter + octave
    if raised is not None:
        in_bar[spot] = raised
    raised = in_bar.get(spot, sharps.get(letter.upper(), 0))
    octaves = letter.islower() + octave.count("'") - octave.count(",")
    return MIDDLE_C + SEMITONES[letter.upper()] + 12 * octaves + raised


def _length(text: str) -> Fraction:
    """“” is 1, “3” is 3, “/” is ½, “3/2” is 1½; at most LONGEST, and never 0."""
    above, slashes, below = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()  # type: ignore[union-attr]  # matched before
    divisor = int(below[:3]) if below else 2 ** len(slashes)
    length = Fraction(int(above[:3] or 1), divisor or 1)
    return min(max(length, Fraction(1, 64)), Fraction(LONGEST))
