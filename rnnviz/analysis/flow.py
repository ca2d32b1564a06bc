"""How far a gradient reaches back through time."""

import numpy as np

from rnnviz.domain.arrays import Array, log10_norms
from rnnviz.domain.trace import LayerTrace, Trace

HORIZON_SHARE = 0.01  # of the peak


def horizon(log10_gradients: Array, share: float = HORIZON_SHARE) -> int | None:
    """How many tokens back from the last one a gradient stays at or above ``share`` of its peak.

    ``log10_gradients`` (T,) are log10 norms of one loss's gradient, in reading order. Counts the tokens before the
    last one; T − 1 means that it reaches the whole sequence; 0 where there is no gradient, None where it is not finite.
    """
    peak = log10_gradients.max()
    if np.isnan(peak) or np.isposinf(peak):
        return None
    if np.isneginf(peak):
        return 0
    loud = np.flatnonzero(log10_gradients >= peak + np.log10(share))
    return int(len(log10_gradients) - 1 - loud.min())


def reach(layer: LayerTrace, padding: int = 0) -> int | None:
    """`horizon` of the loss of the token that ``layer`` reads last, against the order in which it reads.

    ``padding``: tokens at the end that only fill up the sequence; the last one is the one before them.
    """
    gradients = layer.log10_hidden_grads_end
    own = gradients[: len(gradients) - padding]
    return horizon(own if layer.direction == "forward" else own[::-1])


def is_asked(layer: LayerTrace) -> bool:
    """Whether the loss of the token that ``layer`` reads last asks anything: not where that token has no target."""
    return not np.isneginf(layer.log10_hidden_grads_end).all()


def direct_name(trace: Trace, layer: LayerTrace) -> str:
    """What the direct gradient of ``layer`` is: “own loss” where a token's own loss alone is in it, else “direct”.

    In a lower layer later losses come down through the layer above, with attention from the tokens that look here;
    of somebody's own loss nobody knows what it looks at.
    """
    top = layer.layer == max(other.layer for other in trace.layers)
    return "own loss" if top and trace.attention is None and trace.losses is not None else "direct"


def saturated_shares(gates: Array) -> list[float]:
    """Share of each gate's values below 0.1 or above 0.9 (Karpathy, Johnson and Li 2015).

    ``gates`` (G, T, H) run from 0 to 1; of one between −1 and 1 give (v + 1) / 2, the same rule then says |v| > 0.8.
    """
    # One distance from the middle is half the work of two comparisons; it is done for every trace.
    saturated = np.abs(gates - 0.5) > 0.4
    return [float(share) for share in saturated.mean(axis=(1, 2))]


LAST_LOSS_DECADES = 8  # how far one loss's gradient may stretch the scale that all gradients share


def log10_range(layers: tuple[LayerTrace, ...]) -> Array:
    """log10 norms that one scale for all gradients of a trace has to hold, in one row.

    The gradient of the last loss alone may vanish by dozens of decades, which would flatten everything else: it counts
    only near the top.
    """
    found = [values for layer in layers for values in (layer.log10_hidden_grads, layer.log10_hidden_grads_direct)]
    everything = np.concatenate([np.empty(0), *found])
    finite = everything[np.isfinite(everything)]
    last = [layer.log10_hidden_grads_end for layer in layers]
    if finite.size:
        last = [values[values >= finite.max() - LAST_LOSS_DECADES] for values in last]
    return np.concatenate([finite, *last])


def norm_in_words(gradients: Array, token: int) -> str:
    """“3.2e-05”, “exactly 0” or “not finite”: the Euclidean norm at ``token`` of gradients (T, H)."""
    return log10_in_words(float(log10_norms(gradients[token])))


def log10_in_words(exponent: float) -> str:
    """“3.2e-05”, “exactly 0” or “not finite”: the number of which this is log10, in three digits."""
    if np.isneginf(exponent):
        return "exactly 0"
    if not np.isfinite(exponent):
        return "not finite"
    if abs(exponent) < 300:
        return f"{10.0**exponent:.3g}"
    whole = int(np.floor(exponent))  # too large or too small for a float
    return f"{10.0 ** (exponent - whole):.3g}e{whole:+03d}"
