"""Who teaches whom: how strongly the loss of every token asks every earlier state to change."""

from dataclasses import dataclass

from rnnviz.domain.arrays import Array, check_shape, readonly
from rnnviz.domain.trace import Direction, layer_name


@dataclass(frozen=True, eq=False)
class Influence:
    """log10 ‖∂ℓ_s/∂h_t‖₂ of every loss token s and state token t of one sequence; S loss tokens, T tokens.

    The layers stand in the order of `Trace.layers`; tokens are in reading order.
    """

    loss_tokens: Array  # (S,) rising token numbers; all T of them unless rows were left out
    log10_norms: tuple[Array, ...]  # (S, T) each, −inf where the gradient is exactly 0
    residuals: tuple[float, ...]  # a layer: largest ‖Σ_s ∂ℓ_s/∂h_t − dL/dh_t‖ / ‖dL/dh_t‖ of all t, L = Σ_s ℓ_s
    update: int | None = None  # as in Trace
    directions: tuple[Direction, ...] = ()  # in which the layers read; empty where all read forward

    def __post_init__(self) -> None:
        object.__setattr__(self, "loss_tokens", readonly(self.loss_tokens))
        for layer, norms in enumerate(self.log10_norms):
            check_shape(f"log10_norms[{layer}]", norms, (len(self.loss_tokens), norms.shape[1]))
        object.__setattr__(self, "log10_norms", tuple(readonly(norms) for norms in self.log10_norms))

    def backward(self, layer: int) -> bool:
        """Whether an entry reads from the last token to the first."""
        return bool(self.directions) and self.directions[layer] == "backward"

    def name(self, layer: int) -> str:
        """“layer 1”, “layer 1 ←”: of an entry."""
        depth = layer // 2 if "backward" in self.directions else layer
        return layer_name(depth, self.directions[layer] if self.directions else "forward")

    @property
    def tokens(self) -> int:
        """T."""
        return int(self.log10_norms[0].shape[1])

    @property
    def subsampled(self) -> bool:
        """Whether some loss tokens were left out."""
        return len(self.loss_tokens) < self.tokens
