"""Attention shortens paths: ten digits written backwards by encoder and decoder, with and without looking back.

Measured for seeds 0 to 4 on 256 held-out sequences: with attention 99 % of all digits are right after 150 to 200
updates; without, 70 to 73 % after 600.
"""

from rnnviz.config import RunConfig
from rnnviz.lessons.lesson import Lesson

LOOKING_BACK = RunConfig(
    task="reversal",
    cell="gru",
    hidden=64,
    length=20,
    batch=32,
    rate=0.003,
    decoder=True,
    attention="dot",
)

ATTENTION = Lesson(
    name="attention",
    title="Attention shortens paths",
    about=(
        "Ten digits are read by an encoder and written backwards by a decoder; the second run is the same without "
        "attention, and has to keep all ten in one state. "
        "With attention the map soon shows a diagonal from the lower left to the upper right: every token written "
        "looks at the one it repeats, and the dashed part of the gradient reaches the tokens read with no way "
        "through time. "
        "After two or three hundred updates nearly every digit is right; without attention the last ones read are "
        "learned first, the others much later."
    ),
    configs=(LOOKING_BACK, LOOKING_BACK.changed(attention="off")),
    updates=600,
)
