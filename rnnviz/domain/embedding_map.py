"""The embedding of every token, and the plane in which it spreads most."""

from dataclasses import dataclass

from rnnviz.domain.arrays import Array


@dataclass(frozen=True, eq=False)
class EmbeddingMap:
    """V tokens with D numbers each. Without tokens there is none, and ``note`` says why."""

    labels: tuple[str, ...]
    vectors: Array  # (V, D) float32
    places: Array  # (V, 2) float64, in the plane of the first two principal components
    explained: tuple[float, float]  # share of the variance along each of the two
    counts: Array  # (V,) how often each token comes in what ``counted`` says
    missing: frozenset[str] = frozenset()  # labels that a file had no vector for
    frozen: bool = False  # the vectors are not trained
    note: str = ""  # where the vectors come from; or why there are none
    counted: str = "what is trained on"
    update: int | None = None  # the newest update that is in it
