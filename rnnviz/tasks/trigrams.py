"""The third word after two: the word trigrams of a short text, as in many introductions. The text: the Zen of Python.

So small a text is learned by heart. The training loss ends at the entropy of the third word given two, which is nearly
nothing, as nearly every pair comes once; on the part that is held out the loss rises meanwhile far above that of
guessing all words equally.
"""

import ast
import codecs
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.run import Line
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind
from rnnviz.tasks.word_text import encode, vocabulary_of, words_of

HELD_OUT_SHARE = 0.1


class TrigramTask:
    """Two words to read, the third to say, of a text whose last tenth is held out.

    ``chance`` is the entropy of the third words that are trained on, ``best`` that of the third given the two.
    """

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.vocabulary = vocabulary_of(words, largest=len(words))
        codes = encode(words, self.vocabulary)
        triples = np.stack([codes[:-2], codes[1:-1], codes[2:]], axis=1)
        cut = len(triples) - int(HELD_OUT_SHARE * len(triples))
        self._training, self._held_out = triples[:cut], triples[cut:]
        self.texts = (codes[: cut + 2],)
        self.note = (
            f"The Zen of Python: {cut} triples of words to train on, the last {len(triples) - cut} held out. "
            f"{len(self.vocabulary)} different words."
        )
        pairs, thirds = self._training[:, :2], self._training[:, 2:]
        self.chance = _entropy(thirds)
        self.best = Line("learned by heart", _entropy(self._training) - _entropy(pairs))

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` training triples; ``length`` does not matter."""
        return _asked(self._training[random.integers(0, len(self._training), size)])

    def held_out(self, length: int) -> Batch:
        """Return the triples of the last tenth."""
        return _asked(self._held_out)

    def displayed(self, length: int) -> Batch:
        """Return the first training triple: those held out cannot be known."""
        return _asked(self._training[:1])


def _asked(triples: Array) -> Batch:
    targets = np.full((len(triples), 2), NO_TARGET)
    targets[:, 1] = triples[:, 2]
    return Batch(triples[:, :2].copy(), targets)


def _entropy(rows: Array) -> float:
    """Entropy of how often every row comes, in nats."""
    _, counts = np.unique(rows, axis=0, return_counts=True)
    return float(np.log(counts.sum()) - (counts * np.log(counts)).sum() / counts.sum())


def zen() -> str:
    """Return the text of the module ``this`` without importing it, which would print it."""
    found = find_spec("this")
    if found is None or found.origin is None:
        raise FileNotFoundError("Python's module 'this' is not installed, expected it in the standard library")
    source = ast.parse(Path(found.origin).read_text("utf-8"))
    texts = (node.value for node in ast.walk(source) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return codecs.decode(max(texts, key=len), "rot13")


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return TrigramTask(zen())


TRIGRAMS = TaskKind(
    "trigrams",
    "Word trigrams",
    "the third word after two, from the Zen of Python",
    open_task,
    shape="many → one",
    own_length=True,
)
