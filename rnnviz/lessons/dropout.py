"""Learning by heart, and dropout against it: Python's handbook by word, too small for an LSTM of 128 units.

MEASURED
"""

from rnnviz.config import RunConfig
from rnnviz.lessons.lesson import Lesson

BY_HEART = RunConfig(task="words", cell="lstm", embedding=64, hidden=128, length=30, batch=32, rate=0.01)

DROPOUT = Lesson(
    name="dropout",
    title="Learning by heart, and dropout",
    about=(
        "A text by word that is too small for its network, without dropout and with half of the outputs taken away "
        "in training. "
        "Without, the training loss falls and falls while the dashed held-out one turns after some two hundred updates "
        "and climbs: from there on words are learned by heart. "
        "With dropout the training loss lies higher, for half of the outputs are missing, but what is held out is "
        "predicted better and no turn comes for a long time."
    ),
    configs=(BY_HEART, BY_HEART.changed(dropout=0.5)),
    updates=1500,
)
