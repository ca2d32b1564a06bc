"""A table of the user's own: texts and their labels, read by word. Say the label after the last word.

A blind guess knows how often every label comes: the entropy of the labels that are trained on.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from rnnviz.domain.values import Symbols
from rnnviz.files.errors import BadFileError
from rnnviz.files.labelled import Labelled
from rnnviz.files.pairs import MOST_LABELS, read_texts
from rnnviz.files.text import encoding_note
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind, filled_up
from rnnviz.tasks.word_text import OTHER, encode, vocabulary_of, words_of

HELD_OUT_EVERY = 10  # one row in so many
FEWEST_ROWS = 20
LARGEST_VOCABULARY = 2000


class LabelledTextTask:
    """Rows of a table; of a longer text the first ``length`` words are read."""

    def __init__(self, rows: list[Labelled], length: int, name: str, remark: str = "") -> None:
        labels = tuple(sorted({row.label for row in rows}))
        texts = [words_of(row.text)[:length] or [OTHER] for row in rows]
        held_out = [index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1 for index in range(len(rows))]
        training = [text for text, held in zip(texts, held_out, strict=True) if not held]
        common = vocabulary_of((word for text in training for word in text if word != OTHER), LARGEST_VOCABULARY)
        self.reads = Symbols(common if OTHER in common else (*common, OTHER))
        self.predicts = Symbols(labels)
        self._codes = [encode(text, self.reads.labels) for text in texts]
        self._answers = [labels.index(row.label) for row in rows]
        self._training, self._held_out = np.flatnonzero(~np.array(held_out)), np.flatnonzero(held_out)
        self.texts = [self._codes[index] for index in self._training]
        counts = Counter(self._answers[index] for index in self._training)
        shares = np.array(list(counts.values())) / len(self._training)
        self.chance = -float((shares * np.log(shares)).sum())
        self.note = (
            f"{name}: {len(training):,} texts with one of {len(labels)} labels to train on, every "
            f"{HELD_OUT_EVERY}th row held out, {len(self._held_out):,} in all. Of a longer text the first {length} "
            f"words are read.{remark}"
        )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` of the texts to train on."""
        return self._asked(self._training[random.integers(0, len(self._training), size)].tolist())

    def held_out(self, length: int) -> Batch:
        """Return the texts held out."""
        return self._asked(self._held_out.tolist())

    def displayed(self, length: int) -> Batch:
        """Return the first of them."""
        return self._asked(self._held_out[:1].tolist())

    def _asked(self, rows: list[int]) -> Batch:
        codes = [self._codes[row] for row in rows]
        targets = [np.full(len(words), NO_TARGET) for words in codes]
        for wanted, row in zip(targets, rows, strict=True):
            wanted[-1] = self._answers[row]
        return Batch(filled_up(codes, 0), filled_up(targets, NO_TARGET))


def open_task(file: Path | None, length: int, column: str | None = None) -> Task:
    """Read these two columns of ``file``, “text → label”; None: the usual ones. Raises BadFileError with a sentence."""
    if file is None:
        raise ValueError("file is not set, expected the path of a CSV table for the task 'sentiment_csv'")
    rows = read_texts(file, column)
    labels = {row.label for row in rows}
    if len(rows) < FEWEST_ROWS:
        raise BadFileError(file, f"{len(rows)} rows of text and label, expected at least {FEWEST_ROWS}")
    if not 2 <= len(labels) <= MOST_LABELS:
        found = f"every label is {rows[0].label!r}" if len(labels) == 1 else f"{len(labels)} different labels"
        raise BadFileError(file, f"{found}, expected 2 to {MOST_LABELS} different ones")
    name = file.name if column is None else f"{file.name}: {column}"
    return LabelledTextTask(rows, length, name, encoding_note(file))


SENTIMENT_CSV = TaskKind(
    "sentiment_csv",
    "Own texts and labels",
    "the label of a text, from a CSV table of yours (text,label) or JSON lines",
    open_task,
    needs_file=True,
    file_kind="a CSV table of texts and labels, or JSON lines of them",
    shape="many → one",
    by_column=open_task,
)
