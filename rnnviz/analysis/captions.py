"""One sentence for each sub-step of an update, with its numbers."""

import math

import numpy as np

from rnnviz.analysis.flow import is_asked, reach
from rnnviz.domain.phase import Phase
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace


def caption(phase: Phase, trace: Trace, record: UpdateRecord) -> str:
    """Say what happens in ``phase`` of the update that ``record`` is of; ``trace`` is of the displayed sequence."""
    match phase:
        case "forward":
            ways = "from left to right" + (", and by the rows marked ← from right to left" if _both(trace) else "")
            return (
                f"Forward: {trace.tokens} tokens are read {ways}; every cell makes h from the token and "
                "the h before it. The weights do not change."
            )
        case "loss":
            return f"Loss: {_losses(trace, record)}."
        case "backward":
            ways = "from right to left" + (", in the rows marked ← from left to right" if _both(trace) else "")
            return f"Backward: the gradient travels {ways}, through every cell in turn. {_reach(trace)}"
        case "clip":
            return f"Clip: {_clipping(record, _newest(trace, record))}"
        case "update":
            return f"Update: {_step(record, _newest(trace, record))}"


def _of_another_loop(record: UpdateRecord) -> bool:
    """Whether `rnnviz.watch` made it, which knows of no clipping and no step."""
    return math.isnan(record.rate)


def _newest(trace: Trace, record: UpdateRecord) -> str:
    """“ of update 160” where the trace is of another one: a recording has not a trace of each."""
    return "" if trace.update in (None, record.update) else f" of update {record.update}"


def _both(trace: Trace) -> bool:
    return any(layer.direction == "backward" for layer in trace.layers)


def _unit(trace: Trace) -> str:
    """What losses are counted in; nothing where that is not known."""
    if trace.reading is None or trace.reading.given is None:
        return " nats"
    return " MSE" if trace.reading.outputs else ""


def _shown_loss(trace: Trace) -> str:
    losses, reading = trace.losses, trace.reading
    if losses is None:
        return ""
    asked = [True] * trace.tokens if reading is None else [target is not None for target in reading.targets]
    if not any(asked):
        return ""
    worst = int(np.argmax(losses))
    return f"the displayed sequence costs {losses[asked].mean():.4g}{_unit(trace)} a target, token {worst} the most; "


def _losses(trace: Trace, record: UpdateRecord) -> str:
    newest = _newest(trace, record)
    if _of_another_loop(record):
        return f"what was differentiated is {record.loss:.4g}{newest}"
    return f"{_shown_loss(trace)}the mean over the whole batch{newest} is {record.loss:.4g}{_unit(trace)}"


def _reach(trace: Trace) -> str:
    top, most = trace.top, trace.tokens - trace.padding - 1
    if not len(top.log10_hidden_grads_last):
        return ""
    back = reach(top, trace.padding)
    if back is None:
        return "It is not finite here."
    if not is_asked(top):
        return "Nothing comes from the last token: it has no loss."
    if back == most:
        return "That of the last loss reaches the first token with more than 1 % of its peak."
    return f"That of the last loss falls below 1 % of its peak after {back} of {most} tokens."


def _clipping(record: UpdateRecord, newest: str) -> str:
    norm = f"the norm of the whole gradient{newest} is {record.grad_norm:.3g}"
    if _of_another_loop(record):
        return f"{norm}, as watch.update() found it. What may have been clipped after that is not recorded."
    if record.clip == "off":
        return f"off, {norm} and it is used as it is."
    if not record.clipped:
        return f"{norm}, nothing is above the threshold {record.threshold:g}: it is used as it is."
    if record.clip == "norm":
        return f"{norm}, scaled by {record.clip_coefficient:.3g} down to {record.grad_norm_clipped:.3g}."
    angle = math.degrees(math.acos(min(1.0, max(-1.0, record.clip_cosine))))
    return (
        f"{norm}; entries beyond ±{record.threshold:g} are cut, which leaves {record.grad_norm_clipped:.3g} and turns "
        f"the gradient by {angle:.0f}°."
    )


def _step(record: UpdateRecord, newest: str) -> str:
    if _of_another_loop(record):
        return "what the optimiser did is not recorded. The next forward pass uses the new weights."
    return (
        f"the optimiser{newest} moves the weights by {record.update_ratio:.2g} of their length (rate {record.rate:g}). "
        "The next forward pass uses the new ones."
    )
