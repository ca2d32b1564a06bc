"""From the worker to the window: records and messages are all kept, of the traces only the newest."""

import threading
from typing import NamedTuple

from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace
from rnnviz.exchange.messages import Changed, Failed, Started

Message = UpdateRecord | Started | Changed | Failed


class Parcel(NamedTuple):
    """What came in since the last look."""

    messages: list[Message]  # in the order in which they were posted
    trace: Trace | None  # of the run of the last message


class Mailbox:
    """Filled by the worker, emptied by the window. Neither ever waits for the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[Message] = []
        self._trace: Trace | None = None
        self._trace_wanted = False

    def post(self, message: Message) -> None:
        """Add ``message``; one that starts a run throws an uncollected trace of the old run away."""
        with self._lock:
            self._messages.append(message)
            if isinstance(message, Started):
                self._trace = None

    def post_trace(self, trace: Trace) -> None:
        """Put ``trace`` in place of an older one that was not collected."""
        with self._lock:
            self._trace = trace
            self._trace_wanted = False

    def request_trace(self) -> None:
        """Ask for a trace of the next update: the window sets the pace, so nothing is recorded that nobody sees."""
        self._trace_wanted = True

    @property
    def trace_wanted(self) -> bool:
        """Whether the window has asked for a trace since the last one."""
        return self._trace_wanted

    def collect(self) -> Parcel:
        """Take everything out."""
        with self._lock:
            parcel = Parcel(self._messages, self._trace)
            self._messages, self._trace = [], None
        return parcel
