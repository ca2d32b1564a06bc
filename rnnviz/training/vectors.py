"""The vectors that the embedding of a run begins with, where its configuration asks for more than chance."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rnnviz.analysis.cooccurrence import WINDOW, cooccurrences, factors, positive_pmi
from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.values import Symbols
from rnnviz.domain.vectors import Vectors
from rnnviz.files.errors import BadFileError
from rnnviz.files.word_vectors import read_word_vectors
from rnnviz.tasks.task import Task, reads, texts

NAMED = 8  # missing labels that a sentence names


def starting_vectors(config: RunConfig, task: Task) -> Vectors | None:
    """Read or count them; None where all begin at random, and where there is no embedding.

    Raises BadFileError for a file that cannot be used.
    """
    kind = reads(task)
    if not isinstance(kind, Symbols) or config.embedding == 0 or config.vectors == "random":
        return None
    if config.vectors == "counted":
        return counted_vectors(texts(task, config.length), kind.labels, config.embedding)
    if config.vectors_file is None:
        raise ValueError("vectors_file is not set, expected the path of a file of word vectors")
    return vectors_from(config.vectors_file, kind.labels)


def counted_vectors(rows: Sequence[Array], labels: Sequence[str], dimension: int) -> Vectors:
    """PPMI of ``rows`` of indices of labels, factorised; then all by one factor, so that their mean square is 1.

    That is the size that torch's own have; angles, and which vector is how much longer than which, stay. A label that
    stands near no other is missing.
    """
    counts = cooccurrences(rows, len(labels))
    known, several = counts.sum(axis=1) > 0, min(len(labels), dimension)
    left, _ = factors(positive_pmi(counts), dimension)
    scale = np.sqrt(np.square(left[known, :several]).mean()) if known.any() else 0.0
    if scale > 0:
        left = left / scale
    missing = tuple(label for label, found in zip(labels, known, strict=True) if not found)
    tokens = sum(map(len, rows))
    note = f"Vectors counted in {tokens:,} tokens: positive PMI within {WINDOW} tokens, its {several} largest factors"
    rest = f"; {dimension - several} more numbers a token begin at 0" if dimension > several else ""
    return Vectors(left.astype(np.float32), known, f"{note}{rest}{_missing_in_words(missing)}.", missing)


def vectors_from(path: Path, labels: Sequence[str]) -> Vectors:
    """Look ``labels`` up in the file at ``path``. Raises BadFileError, also where it has none of them."""
    found = read_word_vectors(path, labels)
    every = {**found.folded, **found.exact}
    if not every:
        some = ", ".join(f"“{label}”" for label in labels[:NAMED])
        raise BadFileError(path, f"has none of the {len(labels)} tokens, expected at least one of {some} …")
    rows = np.zeros((len(labels), found.dimension), np.float32)
    known = np.array([label in every for label in labels])
    for place in np.flatnonzero(known).tolist():
        rows[place] = every[labels[place]]
    missing = tuple(label for label in labels if label not in every)
    start = f"Vectors from {path.name}, {found.dimension} numbers each: "
    counts = f"{len(every):,} of {len(labels):,} tokens found"
    folded = f", {len(found.folded):,} of them in another case" if found.folded else ""
    return Vectors(rows, known, f"{start}{counts}{folded}{_missing_in_words(missing)}.", missing)


def _missing_in_words(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    named = ", ".join(f"“{label}”" for label in missing[:NAMED])
    more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
    begin = "begins" if len(missing) == 1 else "begin"
    return f"; {len(missing):,} missing, which {begin} at random: {named}{more}"
