"""Experiments worth seeing, one file each. To add a lesson, write its file and list it here."""

from rnnviz.domain.catalogue import Catalogue
from rnnviz.lessons.adding_race import ADDING_RACE
from rnnviz.lessons.attention import ATTENTION
from rnnviz.lessons.both_directions import BOTH_DIRECTIONS
from rnnviz.lessons.clipping import CLIPPING
from rnnviz.lessons.clipping_no_help import CLIPPING_NO_HELP
from rnnviz.lessons.dropout import DROPOUT
from rnnviz.lessons.exact_laws import AXES, CAROUSEL, CONSTANT, DECAY, KEEPING, ONE_UNIT, TRANSIENT
from rnnviz.lessons.explosion import EXPLOSION
from rnnviz.lessons.forget_bias import FORGET_BIAS
from rnnviz.lessons.lesson import Lesson
from rnnviz.lessons.textbook import TEXTBOOK_HELLO, TEXTBOOK_NOISE, TEXTBOOK_TRIGRAMS
from rnnviz.lessons.vanishing import VANISHING
from rnnviz.lessons.vectors import VECTORS

LESSONS: Catalogue[Lesson] = Catalogue(
    "lesson",
    (
        CLIPPING,
        CLIPPING_NO_HELP,
        VANISHING,
        EXPLOSION,
        FORGET_BIAS,
        ADDING_RACE,
        BOTH_DIRECTIONS,
        ATTENTION,
        DROPOUT,
        DECAY,
        ONE_UNIT,
        CONSTANT,
        CAROUSEL,
        KEEPING,
        AXES,
        TRANSIENT,
        VECTORS,
        TEXTBOOK_HELLO,
        TEXTBOOK_TRIGRAMS,
        TEXTBOOK_NOISE,
    ),
)
