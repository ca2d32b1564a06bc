"""Traces made beside the training, on a thread of their own: the other core has time for them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import torch

from rnnviz.domain.trace import Trace
from rnnviz.exchange.mailbox import Mailbox

Portrait = Callable[[], Trace]  # makes a trace of what was taken down for it


class Tracer:
    """One trace at a time. All methods are for the worker's thread; leaving the ``with`` ends the other one."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._pool = ThreadPoolExecutor(1, "rnnviz-tracing", torch.set_num_threads, (1,))
        self._under_way: Future[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a trace is under way."""
        return self._under_way is not None and not self._under_way.done()

    def trace(self, portrait: Portrait) -> None:
        """Make a trace of ``portrait`` and post it. Raises what the one before raised."""
        self.settle()
        self._under_way = self._pool.submit(self._make, portrait)

    def settle(self) -> None:
        """Wait until nothing is under way, so that nothing older is posted after this. Raises what the trace raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def _make(self, portrait: Portrait) -> None:
        self._mailbox.post_trace(portrait())
