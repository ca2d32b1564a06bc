"""What networks are trained on, one file each. To add a task, write its file and list it here."""

from rnnviz.domain.catalogue import Catalogue
from rnnviz.tasks.adding import ADDING
from rnnviz.tasks.airline import AIRLINE
from rnnviz.tasks.captions import CAPTIONS
from rnnviz.tasks.copy_symbols import COPY
from rnnviz.tasks.dates import DATES
from rnnviz.tasks.delayed_bit import DELAYED_BIT
from rnnviz.tasks.hello import HELLO
from rnnviz.tasks.look_ahead import LOOK_AHEAD
from rnnviz.tasks.mackey_glass import MACKEY_GLASS
from rnnviz.tasks.mapping import MAPPING
from rnnviz.tasks.motion import MOTION
from rnnviz.tasks.multiplication import MULTIPLICATION
from rnnviz.tasks.music import MUSIC
from rnnviz.tasks.noise import NOISE
from rnnviz.tasks.own_arrays import OWN_ARRAYS
from rnnviz.tasks.own_text import TEXT
from rnnviz.tasks.own_words import TEXT_WORDS
from rnnviz.tasks.parity import PARITY
from rnnviz.tasks.python_library import PYTHON
from rnnviz.tasks.reber import REBER
from rnnviz.tasks.reversal import REVERSAL
from rnnviz.tasks.sentiment import SENTIMENT
from rnnviz.tasks.sentiment_csv import SENTIMENT_CSV
from rnnviz.tasks.series_csv import SERIES_CSV
from rnnviz.tasks.sines import SINES
from rnnviz.tasks.speech import SPEECH
from rnnviz.tasks.speech_wav import SPEECH_WAV
from rnnviz.tasks.task import TaskKind
from rnnviz.tasks.temporal_order import TEMPORAL_ORDER
from rnnviz.tasks.trigrams import TRIGRAMS
from rnnviz.tasks.words import WORDS

TASKS: Catalogue[TaskKind] = Catalogue(
    "task",
    (
        HELLO,
        PYTHON,
        TEXT,
        WORDS,
        TEXT_WORDS,
        TRIGRAMS,
        SENTIMENT,
        SENTIMENT_CSV,
        DATES,
        REVERSAL,
        TEMPORAL_ORDER,
        ADDING,
        DELAYED_BIT,
        MULTIPLICATION,
        COPY,
        PARITY,
        REBER,
        LOOK_AHEAD,
        NOISE,
        MAPPING,
        AIRLINE,
        MACKEY_GLASS,
        SINES,
        SERIES_CSV,
        OWN_ARRAYS,
        CAPTIONS,
        MOTION,
        SPEECH,
        SPEECH_WAV,
        MUSIC,
    ),
)
