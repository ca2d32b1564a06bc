"""From the worker to the window: records and messages are all kept, of traces and studies only the newest."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.studies import StudyName
from rnnviz.domain.trace import Trace
from rnnviz.exchange.messages import (
    Changed,
    CompanionRecord,
    CompanionsChanged,
    Failed,
    Inspected,
    Intervened,
    Opened,
    Past,
    Reach,
    Recorded,
    Showing,
    Started,
    Written,
)

LINGER_S = 0.012  # from the first news to the parcel: the trace of an update that is looked at comes after its record

Message = (
    UpdateRecord
    | Started
    | Opened
    | Changed
    | Failed
    | CompanionsChanged
    | CompanionRecord
    | Intervened
    | Reach
    | Showing
    | Inspected
    | Recorded
    | Past
    | Written
)


@dataclass(frozen=True)
class Parcel:
    """What came in since the last look."""

    messages: list[Message]  # in the order in which they were posted
    trace: Trace | None  # of the run of the last message
    studies: dict[StudyName, Any] = field(default_factory=dict)  # likewise
    kept: tuple[int, ...] | None = None  # updates that can be gone back to, if that changed


class News(Protocol):
    """For the window: what comes from the worker."""

    def collect(self) -> Parcel:
        """Take everything out."""

    def request_trace(self) -> None:
        """Ask for a trace of the next update: the window sets the pace, so nothing is recorded that nobody sees."""


class Mailbox:
    """Filled by the worker, emptied by the window, or by a postman on its behalf. Neither ever waits for the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)  # for a postman
        self._called_for = self._closed = False
        self._trace_wanted = False
        self._messages: list[Message] = []
        self._trace: Trace | None = None
        self._studies: dict[StudyName, Any] = {}
        self._kept: tuple[int, ...] | None = None

    def post(self, message: Message) -> None:
        """Add ``message``; one that starts a run or shows another throws away what was not collected of the old."""
        with self._lock:
            self._messages.append(message)
            if isinstance(message, Started | Showing):
                self._trace, self._studies = None, {}
            if isinstance(message, Started):
                self._kept = None
            self._tell()

    def post_trace(self, trace: Trace) -> None:
        """Put ``trace`` in place of an older one that was not collected."""
        with self._lock:
            self._trace = trace
            self._tell()

    def post_study(self, name: StudyName, study: Any) -> None:
        """Put a study in place of an older one of its kind; None takes away what the window has."""
        with self._lock:
            self._studies[name] = study
            self._tell()

    def post_kept(self, updates: tuple[int, ...]) -> None:
        """Say which updates can be gone back to."""
        with self._lock:
            self._kept = updates
            self._tell()

    def request_trace(self) -> None:
        """Ask for a trace of the next update: the window sets the pace, so nothing is recorded that nobody sees."""
        self._trace_wanted = True

    def take_request(self) -> None:
        """Begin to make the trace that was asked for."""
        self._trace_wanted = False

    @property
    def trace_wanted(self) -> bool:
        """Whether the window has asked for a trace that nobody has begun to make."""
        return self._trace_wanted

    def collect(self) -> Parcel:
        """Take everything out."""
        with self._lock:
            parcel = Parcel(self._messages, self._trace, self._studies, self._kept)
            self._messages, self._trace, self._studies, self._kept = [], None, {}, None
        return parcel

    def call_for(self) -> Parcel | None:
        """Take everything out; None where there is nothing, which is then for a postman to deliver when it comes."""
        with self._lock:
            self._called_for = not self._has_news()
        return None if self._called_for else self.collect()

    def parcels(self) -> Iterator[Parcel]:
        """For a postman: what comes in after it was called for in vain. Ends when closed."""
        while True:
            with self._lock:
                self._news.wait_for(lambda: self._closed or (self._called_for and self._has_news()))
                if self._closed:
                    return
                self._called_for = False
            time.sleep(LINGER_S)
            yield self.collect()

    def close(self) -> None:
        """Send the postman home."""
        with self._lock:
            self._closed = True
            self._news.notify()

    def _tell(self) -> None:
        if self._called_for:  # else he has nothing to do, and to wake him would cost the training something
            self._news.notify()

    def _has_news(self) -> bool:
        return bool(self._messages or self._studies or self._trace is not None or self._kept is not None)
