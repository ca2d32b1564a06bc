"""The norms of an update's gradients, measured in the loop without waiting for a GPU."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from rnnviz.domain.records import UpdateRecord
from rnnviz.recording.finding import own_name

NOT_MEASURED = math.nan


class Norms:
    """Of the parameters that ``model`` has now."""

    def __init__(self, model: nn.Module) -> None:
        named = {own_name(name): parameter for name, parameter in model.named_parameters()}
        self.names, self._parameters = list(named), list(named.values())

    @torch.no_grad()
    def measured(self, update: int, loss: Tensor | float, seconds: float) -> Callable[[], UpdateRecord]:
        """Norms in float64 of the gradients as they are now; the record is made where the result is called.

        A parameter without a gradient has the norm NaN and no part in the whole.
        """
        known = [place for place, parameter in enumerate(self._parameters) if parameter.grad is not None]
        norms = [_norm(self._parameters[place].grad) for place in known]
        # Fetched on the writer's thread: on a GPU that waits for what was queued till now.
        value = loss.detach().clone() if isinstance(loss, Tensor) else torch.tensor(loss, dtype=torch.float64)
        fence = fence_behind([*norms, value])

        def record() -> UpdateRecord:
            if fence is not None:
                fence.synchronize()
            found = [NOT_MEASURED] * len(self.names)
            for place, norm in zip(known, norms, strict=True):
                found[place] = float(norm)
            return _record(update, float(value), seconds, dict(zip(self.names, found, strict=True)))

        return record


def _norm(gradient: Tensor | None) -> Tensor:
    assert gradient is not None  # noqa: S101  # only asked where there is one
    values = gradient.detach()
    values = values.coalesce().values() if values.is_sparse else values
    found: Tensor = torch.linalg.vector_norm(values, dtype=torch.float64)
    return found


def fence_behind(tensors: Iterable[Tensor]) -> "torch.cuda.Event | None":
    """What tells, where one of ``tensors`` is on a GPU, when everything that was queued there till now is done."""
    if not any(tensor.is_cuda for tensor in tensors):
        return None
    event = torch.cuda.Event()  # type: ignore[no-untyped-call]  # torch leaves it without types
    event.record()
    return event


def _record(update: int, loss: float, seconds: float, norms: dict[str, float]) -> UpdateRecord:
    known = [norm for norm in norms.values() if not math.isnan(norm)]
    missing = len(known) < len(norms) and not known
    whole = NOT_MEASURED if missing else math.hypot(*known)
    return UpdateRecord(
        update=update,
        loss=loss,
        accuracy=NOT_MEASURED,
        grad_norm=whole,
        grad_norm_clipped=NOT_MEASURED,  # the loop may clip after this
        clip_coefficient=NOT_MEASURED,
        clip_cosine=NOT_MEASURED,
        clipped=False,
        share_clipped=NOT_MEASURED,
        clip="off",
        threshold=NOT_MEASURED,
        rate=NOT_MEASURED,
        update_ratio=NOT_MEASURED,
        seconds=seconds,
        grad_norms=norms,
    )
