"""One update taken apart: the gradient, what clipping left of it, and the step that the optimiser made of that."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PartAnatomy:
    """Euclidean norms of one parameter, or of one gate's block of it."""

    name: str  # "layers.0.weight_hh_l0"
    block: str  # "forget", or empty for the whole parameter
    raw: float  # of the gradient before clipping
    clipped: float  # of the gradient that the optimiser was given
    step: float  # of the change of the weights
    weight: float  # of the weights before the update


@dataclass(frozen=True)
class UpdateAnatomy:
    """What one update did. ``parts``: every parameter, its gate blocks right after it."""

    update: int
    clip: str
    threshold: float
    rate: float
    optimizer: str
    parts: tuple[PartAnatomy, ...]
    raw: float  # norms over all parameters
    clipped: float
    step: float
    weight: float
    coefficient: float  # clipped / raw
    clip_angle: float  # degrees between raw and clipped gradient: 0 for norm clipping
    step_angle: float  # degrees between the clipped gradient and the way downhill that was taken
    share_clipped: float  # of the last 100 updates
