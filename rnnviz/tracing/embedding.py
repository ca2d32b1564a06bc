"""A map of the embedding, as a study."""

from collections.abc import Generator
from dataclasses import replace

from rnnviz.analysis.embedding import principal_plane
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.tracing.study import Study


class EmbeddingStudy(Study[EmbeddingMap]):
    """Finds the places of the vectors of ``given``, which are its own; they may be anything before."""

    def __init__(self, given: EmbeddingMap) -> None:
        self._given = given
        super().__init__(self._work())

    def _work(self) -> Generator[None, None, EmbeddingMap]:
        if not self._given.labels:
            return self._given
        yield  # what was copied is one slice, the decomposition another
        places, explained = principal_plane(self._given.vectors)
        return replace(self._given, places=places, explained=explained)
