"""What a spectrum says, in sentences: what the weights alone promise, what happened, and what was stronger."""

import numpy as np

from rnnviz.domain.spectrum import LayerSpectrum

BOUNDED_SLOPE = ("rnn_tanh", "rnn_relu")  # cells whose J_t is diag(φ′) W_hh with φ′ ≤ γ = 1
ROUNDING = 1e-5  # of float32 weights that were made orthogonal
LEVEL = 0.005  # a factor within this of 1, or a logarithm within it of 0, is called neither growth nor decay


ATTENDED = (
    "Through attention the last loss asks earlier states directly: how its gradient changes from token to token does "
    "not tell what weights and gates let through."
)


def sentences(layer: LayerSpectrum, *, attended: bool = False) -> dict[str, str]:
    """Sentences by name: “bounds”, “lyapunov” and “cause”.

    ``attended``: the loss of the last token asks something of the outputs at others, too.
    """
    simple = layer.cell in BOUNDED_SLOPE
    found = {
        "bounds": bounds(layer) if simple else carried(layer),
        "lyapunov": lyapunov(float(layer.lyapunov[0])),
    }
    if attended:
        return {**found, "cause": ATTENDED}
    return {
        **found,
        "cause": cause(layer) if simple else gated_cause(layer),
    }


def bounds(layer: LayerSpectrum) -> str:
    """Pascanu, Mikolov and Bengio (2013), γ = 1: σ_max < 1/γ suffices for vanishing, σ_max > 1/γ must be to explode."""
    sigma = float(np.max([*layer.sigma_max.values()]))  # a decoder has a W_hh of its own: the larger one bounds both
    if not np.isfinite(sigma):
        return "W_hh has entries that are not finite: nothing can be said."
    if abs(sigma - 1) < ROUNDING:
        return f"σ_max(W_hh) = 1/γ = 1: no gradient can grow, and whether it shrinks is open. {realised(layer)}"
    if sigma < 1:
        return (
            f"σ_max(W_hh) = {sigma:.3g} is below 1/γ = 1. That is sufficient for vanishing: whatever is read, no "
            f"gradient that goes back through the states keeps more than {sigma:.3g} of its length per token. "
            f"{realised(layer)}"
        )
    return (
        f"σ_max(W_hh) = {sigma:.3g} is above 1/γ = 1. That is necessary for exploding but not sufficient, and does not "
        f"exclude vanishing: it is only the most that one token can do. {realised(layer)}"
    )


def carried(layer: LayerSpectrum) -> str:
    """For gated cells: Pascanu's bounds do not apply; the elementwise path beside what happened."""
    opening = "Pascanu's bounds on σ_max(W_hh) are for simple networks and do not apply to this cell."
    if layer.carry is None:
        return f"{opening} {realised(layer)}"
    return f"{opening} {_carry_words(layer)} {realised(layer)}"


def realised(layer: LayerSpectrum) -> str:
    """What happened to the gradient of the last loss, per token."""
    if layer.slope is None:
        return "Here the last loss's gradient has no rate: it is exactly 0, or not finite, somewhere on its way back."
    factor = float(np.exp(layer.slope))
    if abs(factor - 1) < LEVEL:
        return f"Here the last loss's gradient keeps its length: {factor:.3g} per token on average."
    how = "shrinks" if factor < 1 else "grows"
    return f"Here the last loss's gradient {how} by the factor {factor:.3g} per token on average."


def lyapunov(largest: float) -> str:
    """What the largest exponent means. ``largest`` in nats per token."""
    if np.isnan(largest):
        return "The Lyapunov exponents are not defined: a Jacobian is not finite."
    if np.isneginf(largest):
        return "λ₁ = −∞: some token lets nothing through, whatever comes before it is forgotten exactly."
    start = f"λ₁ = {_signed(largest)} nats per token: "
    if abs(largest) < LEVEL:
        return start + "small differences, and gradients on the way back, neither fade nor grow over this sequence."
    if largest < 0:
        return start + f"small differences fade to 1/e within {-1 / largest:.3g} tokens, gradients going back too."
    return start + f"small differences grow e-fold every {1 / largest:.3g} tokens (chaos), gradients going back too."


def cause(layer: LayerSpectrum) -> str:
    """Of a simple network: weights (ρ) against saturation (mean φ′), as logarithms; the larger one rules."""
    radius, slope = layer.radius["W_hh"], layer.mean_slope
    if "W_hh, writing" in layer.radius:
        writing = layer.radius["W_hh, writing"]
        return f"ρ(W_hh) = {radius:.3g} while it reads and {writing:.3g} while it writes, mean φ′ = {slope:.3g}."
    given = f"ρ(W_hh) = {radius:.3g}, mean φ′ = {slope:.3g}"
    if not np.isfinite(radius) or not np.isfinite(slope):
        return f"{given}: not finite, nothing can be said."
    with np.errstate(divide="ignore"):
        weights, activation = float(np.log(radius)), float(np.log(slope))
    if abs(weights) < LEVEL and activation > -LEVEL:
        return f"{given}: neither the weights nor saturation change gradients much."
    if weights < 0:
        stronger = "the weights more than saturation" if weights < activation else "saturation more than the weights"
        return f"{given}: both shrink gradients, {stronger}." if activation <= -LEVEL else f"{given}: the weights rule."
    if -activation > weights:
        return f"{given}: saturation rules, it takes more than the weights could add."
    return f"{given}: the weights rule, saturation takes less than they add."


def gated_cause(layer: LayerSpectrum) -> str:
    """Of a gated cell: the elementwise path against what happened; what is left over went through the weights."""
    given = f"Mean φ′ of the candidate is {layer.mean_slope:.3g}."
    factor = carry_factor(layer)
    if factor is None or layer.slope is None:
        return given
    difference = layer.slope - float(np.log(factor)) if factor > 0 else np.inf
    if abs(difference) < 0.05:
        return f"The carry gate rules: gradients go back at its pace. {given}"
    if difference > 0:
        return f"The recurrent weights rule: gradients last longer than the carry gate alone would let them. {given}"
    return f"Gradients fade faster than the carry gate alone would let them: they leave its path. {given}"


def carry_factor(layer: LayerSpectrum) -> float | None:
    """Per token, of the median unit's elementwise path over the sequence; None without one."""
    if layer.carry is None or len(layer.carry) < 2:
        return None
    path = layer.carry[0 if layer.direction == "forward" else -1]
    return float(10.0 ** (np.median(path) / (len(layer.carry) - 1)))


def _carry_words(layer: LayerSpectrum) -> str:
    factor = carry_factor(layer)
    return "" if factor is None else f"The carry gate alone keeps {factor:.3g} per token in the median unit."


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
