"""What was read, wanted and predicted at every token of the displayed sequence."""

from typing import Any

from torch import Tensor

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Reading, numbers_in_words
from rnnviz.domain.values import Numbers, Symbols, Values
from rnnviz.tasks.task import NO_TARGET, asked


def reading_of(reads: Values, predicts: Values, inputs: Tensor, targets: Tensor, outputs: Tensor) -> Reading:
    """Inputs (T,) or (T, D), targets (T,) or (T, O), outputs of the read-out (T, V) or (T, O)."""
    return Reading(**_what_was_read(reads, inputs.numpy()), **_what_was_said(predicts, targets.numpy(), outputs))


def _what_was_read(kind: Values, inputs: Array) -> dict[str, Any]:
    if isinstance(kind, Symbols):
        return {"tokens": tuple(kind.labels[index] for index in inputs.tolist())}
    words = tuple(numbers_in_words(row) for row in inputs)
    return {"tokens": words, "values": inputs, "channels": kind.names, "frame": kind.frame}


def _what_was_said(kind: Values, targets: Array, outputs: Tensor) -> dict[str, Any]:
    if isinstance(kind, Symbols):
        return {
            "targets": tuple(None if index == NO_TARGET else kind.labels[index] for index in targets.tolist()),
            "vocabulary": kind.labels,
            "probabilities": outputs.detach().softmax(-1).numpy(),
        }
    return _numbers(kind, targets, outputs.detach().numpy())


def _numbers(kind: Numbers, targets: Array, given: Array) -> dict[str, Any]:
    known = asked(targets).tolist()
    return {
        "targets": tuple(numbers_in_words(row) if there else None for row, there in zip(targets, known, strict=True)),
        "wanted": targets,
        "given": given,
        "outputs": kind.names,
        "outputs_frame": kind.frame,
        "tolerance": kind.tolerance,
    }
