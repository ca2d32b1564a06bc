"""Next-word prediction on a text: what the tasks by word have in common."""

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.tasks.characters import windows
from rnnviz.tasks.task import Batch
from rnnviz.tasks.word_tables import ORDER, WordTables

OTHER = "…"  # never a word: `words_of` leaves it out
LARGEST_VOCABULARY = 500
HELD_OUT_SEQUENCES = 64
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[.,;:!?()]")


def words_of(text: str) -> list[str]:
    """Words and numbers in lower case, and punctuation marks, each a word of its own."""
    return WORD.findall(text.lower())


def vocabulary_of(words: Iterable[str], largest: int = LARGEST_VOCABULARY) -> tuple[str, ...]:
    """The words, the commonest first; where they are too many, the last label stands for all others."""
    found = tuple(word for word, _ in Counter(words).most_common())
    return found if len(found) <= largest else (*found[: largest - 1], OTHER)


def encode(words: Iterable[str], vocabulary: tuple[str, ...]) -> Array:
    """Index of every word; a word outside becomes the last label."""
    places = {word: place for place, word in enumerate(vocabulary)}
    return np.array([places.get(word, len(vocabulary) - 1) for word in words], dtype=np.int64)


class WordTask:
    """Windows into a training text, and fixed windows into a held-out text.

    ``chance`` is what a table of single words has on the held-out windows, ``best`` what one of triples has; both have
    only counted in the training text, and know no more of a window than what was read of it. With nothing held out they
    are of the training text.
    """

    goes_on = True

    def __init__(self, training: list[str], held_out: list[str], length: int, note: str) -> None:
        self.vocabulary = vocabulary_of(training)
        if len(set(training)) < 2:
            only = f"only the word {training[0]!r}" if training else "no word"
            raise ValueError(f"the text has {only}, expected at least two different ones")
        if len(training) <= length:
            raise ValueError(
                f"length is {length}, but the text has {len(training)} words to train on; "
                f"expected a length below {len(training)}"
            )
        held_out = held_out if len(held_out) > length else []
        known, strange = set(self.vocabulary), OTHER not in self.vocabulary
        if strange and not known.issuperset(held_out):
            self.vocabulary = (*self.vocabulary, OTHER)
        self.note = f"{note} {_unknown(training + held_out, known)}"
        self._training, self._held_out = encode(training, self.vocabulary), encode(held_out, self.vocabulary)
        self.texts = (self._training,)
        self._start = _a_sentence(held_out or training, length)
        tables, shown = WordTables(self._training.tolist(), len(self.vocabulary)), self.held_out(length)
        counted = windows(self._training, [0], len(training) - 1) if shown is None else shown
        self.chance = tables.loss(counted, order=1)
        self.best = Line("table of word triples", tables.loss(counted, ORDER))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw windows at random places of the training text."""
        return windows(self._training, random.integers(0, len(self._training) - length, size), length)

    def held_out(self, length: int) -> Batch | None:
        """Evenly spaced windows over the held-out text."""
        if not len(self._held_out):
            return None
        starts = np.linspace(0, len(self._held_out) - length - 1, HELD_OUT_SEQUENCES).astype(np.int64)
        return windows(self._held_out, np.unique(starts), length)

    def displayed(self, length: int) -> Batch:
        """Return a window of the held-out text that begins with a sentence."""
        return windows(self._held_out if len(self._held_out) else self._training, [self._start], length)


def _unknown(words: list[str], known: set[str]) -> str:
    share = sum(word not in known for word in words) / len(words)
    return f"{share:.0%} are rarer words, all read as {OTHER}." if share else "Every word is known."


def _a_sentence(words: list[str], length: int) -> int:
    """Start of the first sentence past the middle that is followed by enough words."""
    for place in range(len(words) // 2, len(words) - length - 1):
        if words[place] == ".":
            return place + 1
    return 0
