"""``rnnviz.watch``: records somebody else's training loop without touching it."""

import atexit
import logging
import os
import platform
import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

import rnnviz
from rnnviz.recording.about import Facts, Standing
from rnnviz.recording.capture import Capture
from rnnviz.recording.collecting import capture_of, tensors_of
from rnnviz.recording.finding import Found, find_recurrent
from rnnviz.recording.hooks import Takings, attach
from rnnviz.recording.limits import Limits
from rnnviz.recording.norms import Norms
from rnnviz.recording.writer import RecordingWriter

LOG = logging.getLogger("rnnviz.recording")
EVERY_S = 1.0


def watch(
    model: nn.Module,
    path: str | Path = "run.rnnviz",
    *,
    every: float = EVERY_S,
    layers: Collection[str] | None = None,
    limits: Limits = Limits(),  # noqa: B008  # frozen
) -> "Watch":
    """Record the training of ``model`` in ``path``; `rnnviz run.rnnviz` shows it, while it goes on too.

    model   any module; its nn.RNN, LSTM, GRU and their single-step Cells are found. Left as it is
    path    never overwritten: where a file is, “run-2.rnnviz” is written, see `Watch.path`
    every   least seconds between two full traces (0: one of every update); norms are kept of every update
    layers  names of the recurrent modules to trace, as in ``model.named_modules()``; all if left out
    limits  of disk and memory; traces and rows are thinned out with age to stay within them

    Call ``update(loss)`` after ``backward()`` and before the optimiser's step (and before gradients are clipped, if
    their raw norm is wanted). What goes wrong after this call is logged once, recording stops and the training goes
    on. In processes of a distributed training other than rank 0 nothing is recorded.

    Raises TypeError for what is no module and ValueError for names in ``layers`` that are not there.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is {type(model).__name__}, expected a torch.nn.Module")
    if not every >= 0:
        raise ValueError(f"every is {every}, expected seconds, 0 or more")
    found, left_out = find_recurrent(model, layers)
    return Watch(model, Path(path), Plan(tuple(found), tuple(left_out), every, limits))


@dataclass(frozen=True)
class Plan:
    """What is recorded, and how much of it."""

    found: tuple[Found, ...]
    left_out: tuple[str, ...]
    every: float
    limits: Limits


class Watch:
    """A recording under way. Made by `watch`."""

    def __init__(self, model: nn.Module, path: Path, plan: Plan) -> None:
        self._plan = plan
        self._norms = Norms(model)
        self._update = 0
        self._takings: list[Takings] = []
        self._handles: list[RemovableHandle] = []
        self._last = self._next_trace = time.monotonic()
        self._process = os.getpid()
        self._told: set[str] = set()
        self._writer: RecordingWriter | None = None
        self._ending: RecordingWriter | None = None  # after a fault: writes what it has
        if not _is_first_rank():
            return
        facts = _facts(model, plan, self._norms.names)
        try:
            self._writer = RecordingWriter(path, facts, plan.limits)
        except (OSError, sqlite3.Error) as error:
            LOG.warning("%s cannot be written (%s), so nothing is recorded; the training goes on", path, error)
            return
        if self._writer.path != path:
            LOG.warning("%s is there already, so this recording is written to %s", path, self._writer.path)
        atexit.register(self.close)
        self._look_next_time()

    @property
    def path(self) -> Path | None:
        """The file that is written; None where nothing is recorded."""
        return None if self._writer is None else self._writer.path

    @property
    def recording(self) -> bool:
        """Whether updates are still recorded."""
        return self._writer is not None and self._writer.failure is None

    @property
    def standing(self) -> Standing:
        """What was dropped or thinned out so far."""
        return Standing() if self._writer is None else self._writer.standing

    def update(self, loss: Tensor | float, *, tokens: Sequence[str] | None = None) -> None:
        """Record one update: after ``backward()``, before the optimiser's step.

        loss    what was differentiated, a tensor with one number or a float
        tokens  what the first sequence of the batch reads, a label each, for the pictures
        """
        if self._writer is None or os.getpid() != self._process:  # a forked data loader must not write
            return
        try:
            self._record(self._writer, loss, tokens)
        except Exception as error:  # noqa: BLE001  # the training goes on, whatever it is
            self._stop(error)

    def close(self) -> None:
        """Write what is waiting and end the recording. Done at the end of the program, too."""
        writer, self._writer, self._ending = self._writer or self._ending, None, None
        if writer is None or os.getpid() != self._process:
            return
        atexit.unregister(self.close)
        self._forget()
        writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _record(self, writer: RecordingWriter, loss: Tensor | float, tokens: Sequence[str] | None) -> None:
        if writer.failure is not None:  # its thread has said why
            self._writer = None
            self._forget()
            return
        started = time.monotonic()
        self._update += 1
        writer.add_update(self._norms.measured(self._update, loss, started - self._last))
        self._last = started
        if self._takings:
            self._hand_over(writer, tokens)
        if started >= self._next_trace and (writer.ready or not self._plan.every):
            self._look_next_time()

    def _hand_over(self, writer: RecordingWriter, tokens: Sequence[str] | None) -> None:
        """Give what was taken to the writer, with the weights that it was computed with."""
        seen = [takings for takings in self._takings if not takings.empty]
        if not seen:
            return  # looked at again next time: only hooks that saw something go
        labels = None if tokens is None else tuple(str(token) for token in tokens)
        if any(takings.moved for takings in seen):
            self._tell("watch.update() came after the optimiser's step: call it before, or nothing can be traced")
        else:
            places = [place for place, takings in enumerate(self._takings) if not takings.empty]
            tensors = tensors_of(zip(places, seen, strict=True))
            capture: Capture = capture_of(self._update, tensors, seen, labels)
            if not writer.add_trace(capture) and capture.size > self._plan.limits.trace:
                self._tell(f"a trace takes {capture.size / 1e6:.0f} MB, more than the limit: none is recorded")
        self._forget()
        self._next_trace = self._last + self._plan.every

    def _look_next_time(self) -> None:
        if self._takings:
            return
        self._takings = [Takings(found) for found in self._plan.found]
        self._handles = [attach(takings, self._stop) for takings in self._takings]

    def _forget(self) -> None:
        for handle in self._handles:
            handle.remove()
        for takings in self._takings:
            takings.closed = True
        self._handles, self._takings = [], []

    def _tell(self, sentence: str) -> None:
        """Log a sentence once, and keep it in the file."""
        if sentence not in self._told and self._writer is not None:
            self._told.add(sentence)
            self._writer.remark(sentence)
            LOG.warning("%s: %s", self._writer.path, sentence)

    def _stop(self, error: Exception) -> None:
        """After a fault of ours: what was written stays, nothing more is recorded."""
        writer, self._writer = self._writer, None
        self._forget()
        if writer is not None:
            sentence = f"the recording stopped with {type(error).__name__}: {error}"
            LOG.warning("%s: %s; the training goes on", writer.path, sentence)
            writer.remark(sentence)
            writer.end_soon()
            self._ending = writer


def _is_first_rank() -> bool:
    distributed = torch.distributed
    return not (distributed.is_available() and distributed.is_initialized()) or distributed.get_rank() == 0


def _facts(model: nn.Module, plan: Plan, names: Sequence[str]) -> Facts:
    wrapped = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    inner = model.module if isinstance(model, wrapped) else model
    return Facts(
        kind="watch",
        rnnviz=rnnviz.__version__,
        torch=str(torch.__version__),
        python=platform.python_version(),
        started=time.time(),
        model=type(inner).__name__,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        parameter_names=tuple(names),
        parts=tuple(entry.part for entry in plan.found),
        left_out=plan.left_out,
    )
