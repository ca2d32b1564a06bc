"""Vectors of words by counting: positive pointwise mutual information, factorised.

Two words are alike when they stand among the same words. The table of how often each stands near each is turned into
PPMI and factorised: Bullinaria and Levy (2007) found PPMI of small windows best among many measures; Levy and Goldberg
(2014) showed that word2vec's skip-gram factorises nearly the same table, and took U √Σ of its truncated SVD.
"""

from collections.abc import Iterable

import numpy as np

from rnnviz.domain.arrays import Array

WINDOW = 2  # tokens to either side that count as near


def cooccurrences(rows: Iterable[Array], size: int, window: int = WINDOW) -> Array:
    """How often token w has token c at most ``window`` places before or after it in the same row: (size, size).

    ``rows``: indices below ``size``, (N,) each.
    """
    pairs = [row[:-distance] * size + row[distance:] for row in rows for distance in range(1, window + 1)]
    found = np.concatenate([np.empty(0, np.int64), *pairs])
    table = np.bincount(found, minlength=size * size).reshape(size, size)
    return (table + table.T).astype(np.float64)


def positive_pmi(counts: Array) -> Array:
    """max(0, ln p(w, c) / (p(w) p(c))); 0 where w and c never came together."""
    both = counts * counts.sum()
    apart = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    ratio = np.divide(both, apart, out=np.ones_like(both), where=both > 0)
    return np.asarray(np.log(np.maximum(ratio, 1)))


def factors(table: Array, dimension: int) -> tuple[Array, Array]:
    """W = U √Σ and C = V √Σ, (N, dimension) each, of the SVD of a symmetric ``table`` (N, N), the largest values first.

    W Cᵀ is the best approximation of that rank (Eckart and Young). Columns beyond N are zeros. The largest entry of
    every column of W is positive.
    """
    values, vectors = np.linalg.eigh(table)  # of a symmetric table: U is the vectors, Σ = |values|
    order = np.argsort(-np.abs(values), kind="stable")[:dimension]
    values, vectors = values[order], vectors[:, order]
    vectors = vectors * np.where(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(order))] < 0, -1, 1)
    left = np.zeros((len(table), dimension))
    right = np.zeros_like(left)
    left[:, : len(order)] = vectors * np.sqrt(np.abs(values))
    right[:, : len(order)] = left[:, : len(order)] * np.where(values < 0, -1, 1)
    return left, right
