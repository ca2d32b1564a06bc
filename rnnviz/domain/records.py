"""What one training update was, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class UpdateRecord:
    """One optimiser step. Norms are Euclidean, accumulated in float64; losses are per token: nats of
    labels, squared error of numbers. Of somebody's own loop ``loss`` is what was differentiated, and NaN stands for
    what is not known: what is clipped after the record, what the optimiser does.
    """

    update: int  # counts from 1
    loss: float  # mean over the tokens of the batch that have a target, before the step
    accuracy: float  # share of these tokens predicted rightly, of numbers: within the task's tolerance
    grad_norm: float  # of all parameters together, before clipping
    grad_norm_clipped: float  # the same after clipping: what the optimiser was given
    clip_coefficient: float  # grad_norm_clipped / grad_norm; 1.0 when clipping did nothing
    clip_cosine: float  # cosine of the angle between the gradient before and after clipping
    clipped: bool
    share_clipped: float  # over the last 100 updates
    clip: str
    threshold: float
    rate: float
    update_ratio: float  # ‖step taken‖ / ‖weights‖ over all parameters
    validation_loss: float | None = None  # on what is held out; None between two measurements
    validation_accuracy: float | None = None  # likewise
    seconds: float = field(
        default=0.0, compare=False
    )  # wall time of this update, its batch drawn and the validation left out
    grad_norms: Mapping[str, float] = field(default_factory=dict)  # per parameter, before clipping
    grad_norms_clipped: Mapping[str, float] = field(default_factory=dict)
    update_ratios: Mapping[str, float] = field(default_factory=dict)

    @property
    def updates_per_second(self) -> float:
        """The rate at which updates of this duration would follow each other; 0 when it was not timed."""
        return 1.0 / self.seconds if self.seconds > 0 else 0.0
