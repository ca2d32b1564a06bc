"""What is computed only while somebody looks at it, less often than traces."""

from dataclasses import dataclass
from typing import Literal

from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.continuation import Forecast, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.influence import Influence
from rnnviz.domain.spectrum import Spectrum

StudyName = Literal["influence", "spectrum", "anatomy", "embedding", "sampling", "forecast"]


@dataclass(frozen=True, eq=False)
class Studies:
    """The newest of each kind; None until there is one."""

    influence: Influence | None = None
    spectrum: Spectrum | None = None
    anatomy: UpdateAnatomy | None = None
    embedding: EmbeddingMap | None = None
    sampling: Sampled | None = None
    forecast: Forecast | None = None
