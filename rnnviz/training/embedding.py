"""What is known of the embedding of a run, for the map of it."""

import numpy as np
from torch import Tensor

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.values import Symbols, Values
from rnnviz.domain.vectors import Vectors
from rnnviz.tasks.task import DRAWN, lists_texts
from rnnviz.training.data import Data
from rnnviz.training.snapshot import copied

RANDOM = "Vectors that began at random."


def as_it_is(
    weight: Tensor, data: Data, vectors: Vectors | None, config: RunConfig, update: int | None
) -> EmbeddingMap:
    """Copy the vectors (V, D); their places in the plane are left at 0."""
    return EmbeddingMap(
        labels=data.reads.labels if isinstance(data.reads, Symbols) else (),
        vectors=copied(weight),
        places=np.zeros((len(weight), 2)),
        explained=(0.0, 0.0),
        counts=data.counts,
        counted="what is trained on" if lists_texts(data.task) else f"{DRAWN:,} drawn sequences",
        missing=frozenset(() if vectors is None else vectors.missing),
        frozen=config.frozen,
        note=RANDOM if vectors is None else vectors.note,
        update=update,
    )


def no_embedding(reads: Values) -> EmbeddingMap:
    """Say why there is none."""
    why = "Tokens are read as a one among zeros\n(Embedding is 0): all are equally far apart."
    if not isinstance(reads, Symbols):
        why = "This task reads numbers as they are:\nthere are no tokens to embed."
    return EmbeddingMap((), np.empty((0, 0)), np.empty((0, 2)), (0.0, 0.0), np.empty(0), note=why)
