"""Why gradients vanish or explode: the one-token Jacobians of a traced sequence, and what makes them small or large."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Direction


@dataclass(frozen=True, eq=False)
class LayerSpectrum:
    """One layer in one direction. T tokens, H units, S numbers of state: H, or 2H of (h, c)
    for a cell with a cell state.

    Every array is indexed by the token in reading order. “Last” is the token that the layer reads last: token 0 for
    the backward direction. J_t = ∂s_t/∂s_{t−1}, P_t = ∂s_last/∂s_t, the product of all J after t.
    """

    cell: str
    layer: int
    direction: Direction
    log10_norm: Array  # (T,) log10 of the largest singular value of P_t; 0 at the last token
    log10_mean: Array  # (T,) log10 of the geometric mean of P_t's singular values: log10 |det P_t| / S
    spectrum_tokens: Array  # (K,) tokens of which all singular values are known
    log10_singular: Array  # (K, S) of P_t there, falling; NaN below what rounding leaves of the largest
    lyapunov: Array  # (S,) exponents in nats per token, falling; QR at every token
    # (T − 1,) ‖g_t‖ / ‖g_{t+1}‖ of the last loss's gradient g; NaN where undefined. Always towards the past:
    # ‖g_{t+1}‖ / ‖g_t‖ of the loss of token 0 for the backward direction.
    factors: Array
    slope: float | None  # of ln ‖g‖ per token towards the past, fitted over the sequence; None where it is not finite
    mean_slope: float  # mean of φ′ over tokens and units, φ the activation of the candidate (or of the state)
    # (2, H) a gate, or “hidden” where there is none: share of tokens low, and high. A ReLU unit is low where it sleeps.
    saturation: Mapping[str, Array]
    carry: Array | None  # (T, H) log10 of the elementwise path from t to the last token, such as Π f; or None
    eigenvalues: Mapping[str, Array]  # (H,) complex, of each gate's block of W_hh; “W_hh” where there are no gates
    radius: Mapping[str, float]  # ρ, the largest |eigenvalue| of each block
    sigma_max: Mapping[str, float]  # the largest singular value of each block

    @property
    def end(self) -> str:
        """The token that the layer reads last, where products and paths lead: “the last token” or “token 0”."""
        return "the last token" if self.direction == "forward" else "token 0"

    @property
    def end_loss(self) -> str:
        """The loss there: “the last loss” or “the loss of token 0”."""
        return "the last loss" if self.direction == "forward" else "the loss of token 0"


@dataclass(frozen=True, eq=False)
class Spectrum:
    """All layers of one traced sequence, with the recurrent weights of a copy multiplied by ``gain``."""

    layers: tuple[LayerSpectrum, ...]  # in the order of Trace.layers
    log10_hidden_grads: tuple[Array, ...]  # (T,) a layer: total gradient of the copy, to compare with the run's own
    gain: float = 1.0
    update: int | None = None
    reading: Mapping[str, str] = field(default_factory=dict)  # analysis.diagnosis.sentences of the top layer, forward

    @property
    def top(self) -> LayerSpectrum:
        """The layer that ``reading`` is of."""
        return max(self.layers, key=lambda layer: (layer.layer, layer.direction == "forward"))

    def nearest(self, place: int) -> LayerSpectrum:
        """The layer at ``place`` of `layers`, or the last one: the cursor may still be on a run that had more."""
        return self.layers[min(place, len(self.layers) - 1)]
