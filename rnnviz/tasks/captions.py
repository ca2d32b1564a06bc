"""Captions: a small noisy picture of a digit, read once, and then a phrase about it, a word at a time.

The first token is the picture, 9 rows of 7 pixels; all others say no more than “go on”, so that what was seen has to be
kept until the last word. Digits are drawn small (3 × 5) or large (5 × 7), at any place of the picture. Who knows how
such phrases go but has not seen the picture needs ln 2 nats for the size, ln 10 for the digit and ln 3 for the place,
ln 60 in the phrase's six words.
"""

import math
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.tasks.task import Batch, Task, TaskKind

ROWS, COLUMNS = 9, 7
NOISE = 0.25  # standard deviation of every pixel
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLACES = (("on", "the", "left"), ("in", "the", "middle"), ("on", "the", "right"))
WORDS = ("a", "small", "large", *DIGITS, "on", "in", "the", "left", "middle", "right")
TOKENS = 6
HELD_OUT_SEQUENCES = 256
HELD_OUT_SEED = (1989, 7)  # two numbers: no run's seed, which is one, draws the same

# Ten digits beside each other, a space between.
LARGE = """
.###. ..#.. .###. ##### ...#. ##### ..##. ##### .###. .###.
#...# .##.. #...# ...#. ..##. #.... .#... ....# #...# #...#
#..## ..#.. ....# ..#.. .#.#. ####. #.... ...#. #...# #...#
#.#.# ..#.. ...#. ...#. #..#. ....# ####. ..#.. .###. .####
##..# ..#.. ..#.. ....# ##### ....# #...# .#... #...# ....#
#...# ..#.. .#... #...# ...#. #...# #...# .#... #...# ...#.
.###. .###. ##### .###. ...#. .###. .###. .#... .###. .##..
"""
SMALL = """
### .#. ### ### #.# ### ### ### ### ###
#.# ##. ..# ..# #.# #.. #.. ..# #.# #.#
#.# .#. ### .## ### ### ### .#. ### ###
#.# .#. #.. ..# ..# ..# #.# .#. #.# ..#
### ### ### ### ..# ### ### .#. ### ###
"""


def bitmaps(drawn: str) -> Array:
    """Ten digits, (10, rows, columns), 1 where there is ink."""
    rows = [line.split() for line in drawn.strip().splitlines()]
    return np.array([[[pixel == "#" for pixel in row[digit]] for row in rows] for digit in range(10)], float)


FONTS = (bitmaps(SMALL), bitmaps(LARGE))


class CaptionTask:
    """Fresh pictures for ever; the held-out ones are drawn by a generator of their own."""

    reads = Numbers(
        (*(f"row {row + 1} column {column + 1}" for row in range(ROWS) for column in range(COLUMNS)), "go on")
    )
    predicts = Symbols(WORDS)
    best = Line("the phrase, unseen", math.log(2 * 10 * 3) / TOKENS)
    note = (
        f"A digit in {ROWS} × {COLUMNS} pixels with noise of size {NOISE}, small or large, on the left, in the middle "
        "or on the right; then the phrase that says so, by word. Every picture is a fresh one, "
        f"{HELD_OUT_SEQUENCES} others are held out."
    )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` pictures with their phrases, six tokens each."""
        large, digits, places = (random.integers(0, several, size) for several in (2, len(DIGITS), len(PLACES)))
        inputs = np.zeros((size, TOKENS, ROWS * COLUMNS + 1), np.float32)
        inputs[:, 1:, -1] = 1
        for which, kind in enumerate(zip(large, digits, places, strict=True)):
            inputs[which, 0, :-1] = _picture(random, *kind).ravel()
        inputs[:, 0, :-1] += random.normal(0, NOISE, (size, ROWS * COLUMNS))
        return Batch(inputs, np.array([_phrase(*kind) for kind in zip(large, digits, places, strict=True)]))

    def held_out(self, length: int) -> Batch:
        """Draw the sequences that are always the same."""
        return self.batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT_SEQUENCES, length)

    def displayed(self, length: int) -> Batch:
        """Return the first of the held-out sequences."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[:1], targets[:1])


def _picture(random: np.random.Generator, large: int, digit: int, place: int) -> Array:
    """One digit without noise, (ROWS, COLUMNS); its height is any, its place left, middle or right."""
    bitmap = FONTS[large][digit]
    height, width = bitmap.shape
    room = COLUMNS - width  # at the left and right together, even
    columns = (range(room // 2), [room // 2], range(room // 2 + 1, room + 1))[place]
    picture = np.zeros((ROWS, COLUMNS))
    top, left = random.integers(0, ROWS - height + 1), random.choice(columns)
    picture[top : top + height, left : left + width] = bitmap
    return picture


def _phrase(large: int, digit: int, place: int) -> list[int]:
    words = ("a", ("small", "large")[large], DIGITS[digit], *PLACES[place])
    return [WORDS.index(word) for word in words]


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return CaptionTask()


CAPTIONS = TaskKind(
    "captions",
    "Picture captions",
    "a phrase about a small noisy picture of a digit, by word",
    open_task,
    shape="one → many",
    own_length=True,
    reads_numbers=True,
)
