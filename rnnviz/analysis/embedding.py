"""Where vectors lie: the plane in which they spread most, and which are near each other."""

import numpy as np

from rnnviz.domain.arrays import Array

NEIGHBOURS = 5


def principal_plane(vectors: Array) -> tuple[Array, tuple[float, float]]:
    """Project ``vectors`` (V, D) on their first two principal components.

    Returns places (V, 2) around the mean, and the share of the variance along each. The place that is farthest out
    along an axis is positive. Where there is no spread, or a vector is not finite, places and shares are 0, and so is
    the second of both where all vectors lie on a line.
    """
    places, shares = np.zeros((len(vectors), 2)), np.zeros(2)
    with np.errstate(all="ignore"):
        centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
        variance = np.square(centred).sum()
    if not np.isfinite(variance) or variance == 0:
        return places, (0.0, 0.0)
    # The two largest singular values and vectors, by way of the smaller of the two tables of products.
    turned = centred.shape[0] < centred.shape[1]
    values, axes = np.linalg.eigh(centred @ centred.T if turned else centred.T @ centred)
    several = min(2, len(values))
    values, axes = np.maximum(values[::-1][:several], 0), axes[:, ::-1][:, :several]
    found = axes * np.sqrt(values) if turned else centred @ axes
    places[:, :several], shares[:several] = found, values / variance
    outermost = places[np.abs(places).argmax(axis=0), [0, 1]]
    return places * np.where(outermost < 0, -1, 1), (float(shares[0]), float(shares[1]))


def not_flipped(places: Array, before: Array) -> Array:
    """``places`` (V, 2) with the signs of the axes that lie nearest to ``before``: an axis has no sign of its own."""
    return places * np.where((places * before).sum(axis=0) < 0, -1, 1)


def nearest(vectors: Array, index: int, many: int = NEIGHBOURS) -> list[tuple[int, float]]:
    """The other rows of ``vectors`` (V, D) with the largest cosine to row ``index``, and the cosines; largest first.

    A row without length or not finite has no direction: it is nobody's neighbour and has none.
    """
    wide = vectors.astype(np.float64)
    with np.errstate(all="ignore"):
        units = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    cosines = units @ units[index]
    cosines[index] = np.nan
    order = np.argsort(-np.where(np.isnan(cosines), -np.inf, cosines), kind="stable")[:many]
    return [(int(place), float(np.clip(cosines[place], -1, 1))) for place in order if np.isfinite(cosines[place])]
