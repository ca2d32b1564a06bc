"""Records rnnviz's own training with the same writer: settings, every number of every update, whole readings."""

import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

import rnnviz
from rnnviz.config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import RunFacts
from rnnviz.domain.trace import Reading, Trace
from rnnviz.recording.about import Facts, Part, Standing
from rnnviz.recording.capture import WHOLE, Arrays, Capture
from rnnviz.recording.introduction import run_as_json
from rnnviz.recording.limits import Limits
from rnnviz.recording.writer import RecordingWriter
from rnnviz.tracing.losses import AskedLosses
from rnnviz.tracing.study import Subject

TEXTS = ("tokens", "targets", "vocabulary", "channels", "outputs", "frame", "outputs_frame", "tolerance")
MARKS = ("padding", "decoded_from", "carried", "written")  # of a trace
NUMBERS = ("probabilities", "values", "wanted", "given")


class Traced(Protocol):
    """What of a trainer is recorded."""

    config: RunConfig

    @property
    def facts(self) -> RunFacts:
        """What is known before the first update."""

    @property
    def parameter_names(self) -> Sequence[str]:
        """Of all that is learned."""

    def trace(self) -> Trace:
        """The shown sequence with the weights of before the newest update."""

    def subject(self) -> Subject:
        """What `trace` traces."""


class TrainingRecorder:
    """Hand it every record. Raises OSError or sqlite3.Error when the file cannot be made."""

    def __init__(self, path: Path, trainer: Traced, *, every: float = 1.0, limits: Limits = Limits()) -> None:  # noqa: B008
        """``every``: least seconds between two traces."""
        self._trainer, self._every = trainer, every
        self._next = 0.0
        self._writer = RecordingWriter(path, facts_of_trainer(trainer), limits)

    @property
    def path(self) -> Path:
        """Where the recording is."""
        return self._writer.path

    @property
    def failure(self) -> Exception | None:
        """Why nothing more is recorded."""
        return self._writer.failure

    @property
    def standing(self) -> Standing:
        """What was dropped or thinned out."""
        return self._writer.standing

    def add(self, record: UpdateRecord, *, last: bool = False) -> None:
        """Record an update, and its trace if one is due or it is the last."""
        self._writer.add_update(lambda: record)
        now = time.monotonic()
        if last or (now >= self._next and self._writer.ready):
            self._next = now + self._every
            self._writer.add_trace(capture_of_trainer(self._trainer, record.update))

    def close(self) -> None:
        """Write what is waiting and end the recording."""
        self._writer.close()


def facts_of_trainer(trainer: Traced) -> Facts:
    """What the recording says of itself."""
    config, stack = trainer.config, trainer.subject().stack
    weight = stack[0][0].weights.w_ih
    part = Part(
        name="layers",
        cell=config.cell,
        inputs=weight.shape[1],
        hidden=config.hidden,
        layers=len(stack),
        bidirectional=len(stack[0]) == 2,
    )
    return Facts(
        kind="train",
        rnnviz=rnnviz.__version__,
        torch=str(torch.__version__),
        python=platform.python_version(),
        started=time.time(),
        model=f"rnnviz, task {config.task}",
        parameters=trainer.facts.parameters,
        parameter_names=tuple(trainer.parameter_names),
        parts=(part,),
        config=config.model_dump(mode="json"),
        run=run_as_json(trainer.facts),
    )


def capture_of_trainer(trainer: Traced, update: int) -> Capture:
    """The shown sequence, as `watch` would have taken it, with what was read, wanted and predicted."""
    trace, subject = trainer.trace(), trainer.subject()
    tops = [layer for layer in trace.layers if layer.layer == trace.top.layer]
    arrays: dict[tuple[int, str], Array] = {(0, "x"): subject.x.numpy().copy()}
    arrays[0, "output"] = np.concatenate([layer.hidden for layer in tops], axis=1)
    arrays[0, "output_grad"] = np.concatenate([_known(layer.hidden_grads_direct) for layer in tops], axis=1)
    arrays |= {(0, name): array for name, array in _weights(subject).items()}
    for place, name in enumerate(("h0", "c0")):
        parts = [state[place].numpy() for state in subject.initial or () if len(state) > place]
        if parts:
            arrays[0, name] = np.concatenate(parts)
    arrays[WHOLE, "losses"] = _known(trace.losses)
    assert trace.reading is not None  # noqa: S101  # a trainer always has one
    arrays |= {(WHOLE, name): array for name, array in _numbers(trace.reading).items()}
    if trace.attention is not None:
        arrays[WHOLE, "attention"] = trace.attention
    if trace.attention is not None or trace.padding:
        arrays |= _asked_alone(subject, arrays[0, "output"])
    frozen: Arrays = arrays
    texts = {name: getattr(trace.reading, name) for name in TEXTS} | {name: getattr(trace, name) for name in MARKS}
    return Capture(update, sum(array.nbytes for array in arrays.values()), lambda: frozen, texts)


def _asked_alone(subject: Subject, top: Array) -> Arrays:
    """What the loss of the last token and that of token 0 ask of the top output (T, H·directions)."""
    asked = AskedLosses(subject.loss, torch.from_numpy(top), local=subject.local)
    first, last = asked.rows(np.array([0, len(top) - 1 - subject.padding])).block(0, 2).swapaxes(0, 1)
    return {(0, "first_grad"): first, (0, "last_grad"): last}


def _weights(subject: Subject) -> dict[str, Array]:
    found: dict[str, Any] = {}
    for depth, layers in enumerate(subject.stack):
        for layer in layers:
            suffix = f"_l{depth}" + ("_reverse" if layer.direction == "backward" else "")
            for some, whose in zip(layer.stretches(len(subject.x)), ("", "_decoder"), strict=False):
                w_ih, w_hh, b_ih, b_hh = (tensor.numpy().copy() for tensor in some.weights)
                named = {"weight_ih": w_ih, "weight_hh": w_hh, "bias_ih": b_ih, "bias_hh": b_hh}
                found |= {name + suffix + whose: array for name, array in named.items()}
    return found


def _numbers(reading: Reading) -> dict[str, Array]:
    found = {name: getattr(reading, name) for name in NUMBERS}
    return {name: array for name, array in found.items() if array is not None}


def _known(array: Array | None) -> Array:
    assert array is not None  # noqa: S101  # a trainer's trace has losses and gradients
    return array
