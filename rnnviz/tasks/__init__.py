"""What networks are trained on, one file each. To add a task, write its file and list it here."""

from rnnviz.domain.catalogue import Catalogue
from rnnviz.tasks.adding import ADDING
from rnnviz.tasks.airline import AIRLINE
from rnnviz.tasks.captions import CAPTIONS
from rnnviz.tasks.delayed_bit import DELAYED_BIT
from rnnviz.tasks.hello import HELLO
from rnnviz.tasks.mackey_glass import MACKEY_GLASS
from rnnviz.tasks.mapping import MAPPING
from rnnviz.tasks.motion import MOTION
from rnnviz.tasks.music import MUSIC
from rnnviz.tasks.own_text import TEXT
from rnnviz.tasks.python_library import PYTHON
from rnnviz.tasks.series_csv import SERIES_CSV
from rnnviz.tasks.sines import SINES
from rnnviz.tasks.speech import SPEECH
from rnnviz.tasks.task import TaskKind
from rnnviz.tasks.temporal_order import TEMPORAL_ORDER

TASKS: Catalogue[TaskKind] = Catalogue(
    "task",
    (
        HELLO,
        PYTHON,
        TEXT,
        TEMPORAL_ORDER,
        ADDING,
        DELAYED_BIT,
        MAPPING,
        AIRLINE,
        MACKEY_GLASS,
        SINES,
        SERIES_CSV,
        CAPTIONS,
        MOTION,
        SPEECH,
        MUSIC,
    ),
)
