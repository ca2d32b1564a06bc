"""From what hooks took to what the writer writes."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from rnnviz.recording.capture import Arrays, Capture
from rnnviz.recording.hooks import Takings
from rnnviz.recording.norms import fence_behind
from rnnviz.recording.unrolled import joined

Tensors = dict[tuple[int, str], Tensor]


def tensors_of(taken: Iterable[tuple[int, Takings]]) -> Tensors:
    """Copies of the weights of what was taken, by part and name."""
    return {(part, name): tensor for part, takings in taken for name, tensor in takings.weights().items()}


def capture_of(update: int, weights: Tensors, taken: Sequence[Takings], labels: tuple[str, ...] | None) -> Capture:
    """Weights and takings; what is not on the CPU yet is fetched on the writer's thread."""
    places = sorted({part for part, _ in weights})
    whole = [
        (part, takings, dict(takings.tensors), list(takings.steps)) for part, takings in zip(places, taken, strict=True)
    ]
    used = [tensor for *_, tensors, steps in whole for entry in (tensors, *steps) for tensor in entry.values()]
    used += weights.values()
    fence = fence_behind(used)

    def arrays() -> Arrays:
        if fence is not None:
            fence.synchronize()
        found = dict(weights)
        for part, _, tensors, steps in whole:
            fetched = [{name: tensor.cpu() for name, tensor in step.items()} for step in steps]
            sequence = joined(fetched) if fetched else tensors
            found |= {(part, name): tensor for name, tensor in sequence.items()}
        return {key: _plain(tensor).numpy() for key, tensor in found.items()}

    size = sum(tensor.numel() * max(tensor.element_size(), 4) for tensor in used)
    reading = None if labels is None else {"tokens": labels}
    return Capture(update, size, arrays, reading)


def _plain(tensor: Tensor) -> Tensor:
    """On the CPU, float64 or float32."""
    tensor = tensor.detach().cpu()
    return tensor if tensor.dtype == torch.float64 else tensor.float()
