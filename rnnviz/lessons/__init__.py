"""Experiments worth seeing, one file each. To add a lesson, write its file and list it here."""

from rnnviz.domain.catalogue import Catalogue
from rnnviz.lessons.attention import ATTENTION
from rnnviz.lessons.clipping import CLIPPING
from rnnviz.lessons.exact_laws import AXES, CAROUSEL, CONSTANT, DECAY, KEEPING, ONE_UNIT, TRANSIENT
from rnnviz.lessons.lesson import Lesson
from rnnviz.lessons.textbook import TEXTBOOK_HELLO, TEXTBOOK_NOISE, TEXTBOOK_TRIGRAMS
from rnnviz.lessons.vectors import VECTORS

LESSONS: Catalogue[Lesson] = Catalogue(
    "lesson",
    (
        CLIPPING,
        ATTENTION,
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
