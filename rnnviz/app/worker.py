"""The worker as the window has it: a process of its own, which shares neither lock nor memory with the drawing."""

import multiprocessing
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Protocol

from rnnviz.exchange.mailbox import News, Parcel
from rnnviz.exchange.messages import Failed, Started
from rnnviz.exchange.orders import (
    LASTING,
    Begin,
    CallFor,
    Close,
    Given,
    Inspect,
    Open,
    OpenModel,
    OpenSession,
    Orders,
    Run,
    SaveSession,
    Wait,
    WantTrace,
)
from rnnviz.training.serving import serve

LOST = "The process that trains is gone, and the run with it; begin a new run, or open one."
AT_ONCE = 4096  # bytes that fit into a pipe though nobody reads them now
LOOK_S = 0.002
PATIENCE_S = 60.0  # for the last update, and for what is still to be written; then the process is ended
NEEDS_ANOTHER = (Begin, Open, OpenModel, OpenSession, Inspect)  # process, where there is none
NEEDS_NO_RUN = (Close, Wait, *LASTING)


class Worker(Protocol):
    """Whoever carries out orders."""

    @property
    def orders(self) -> Orders:
        """What takes them."""

    @property
    def news(self) -> News:
        """What comes of them."""

    def start(self) -> None:
        """Begin to carry them out."""

    def close(self) -> None:
        """End after the update under way, and wait for that."""


class WorkerProcess(Orders):
    """Owns the process. Orders and news in one: both pass through the same pipe.

    A process that dies is told, and another takes its place with the next run. For one thread, the window's.
    """

    def __init__(self) -> None:
        self._arrived: deque[Parcel] = deque()
        self._line: _Line | None = None
        self._early: list[Given] = []  # orders before the start
        self._lasting: dict[type, Given] = {}
        self._runs = 0
        self._wants_trace = self._asked = False  # a trace: to be asked for, asked for since the last parcel
        self._started = self._closed = False

    @property
    def orders(self) -> Orders:
        """What takes orders."""
        return self

    @property
    def news(self) -> News:
        """What comes of them."""
        return self

    def start(self) -> None:
        """Start the process, once; it imports torch and carries out what was ordered meanwhile."""
        if not self._started:
            self._started = True
            early, self._early = self._early, []
            self._connect(early)

    def give(self, order: Given) -> None:
        """Send ``order``; where there is no process, have one for what begins a run and refuse everything else."""
        if isinstance(order, (Wait, *LASTING)):
            self._lasting[type(order)] = order
        if self._line is not None:
            self._line.look()  # whether it is still there
        if not self._started:
            self._early.append(order)
        elif self._line is not None and self._line.send(order):
            return
        elif isinstance(order, NEEDS_ANOTHER) and not self._closed:
            self._connect([*self._lasting.values(), order])
        elif not (isinstance(order, NEEDS_NO_RUN) or order == Run(0) or _is_quiet(order)):
            self._arrived.append(Parcel([Failed("lost", LOST)], None))

    def collect(self) -> Parcel:
        """Take out what came in last, and have the next sent."""
        if not self._arrived and self._line is not None:
            self._line.look()
        if self._arrived:
            return self._take(self._arrived.popleft())
        if self._wants_trace and not self._asked and self._line is not None:  # the next parcel may never come
            self._line.send(WantTrace())
            self._asked = True
        self._wants_trace = False
        return Parcel([], None)

    def request_trace(self) -> None:
        """Ask for a trace of the next update; the next look for news hands it over."""
        self._wants_trace = True

    def _take(self, parcel: Parcel) -> Parcel:
        self._runs = max([self._runs, *(message.run for message in parcel.messages if isinstance(message, Started))])
        if self._line is not None and self._line.call(trace=self._wants_trace):
            self._wants_trace, self._asked = False, self._wants_trace
        return parcel

    def close(self) -> None:
        """End the process after the update under way and after what is to be written, and wait for that."""
        self._closed = True
        if self._line is not None:
            self._line.close()
            self._line = None

    def _connect(self, orders: Iterable[Given]) -> None:
        if self._line is not None:
            self._line.close()
        try:
            self._line = _Line(self._arrived, self._runs)
        except OSError as error:
            self._line = None
            self._arrived.append(Parcel([Failed("lost", f"The worker cannot be started: {error}")], None))
            return
        self._wants_trace = self._asked = False
        self._line.call()
        for order in orders:
            self._line.send(order)


def _is_quiet(order: Given) -> bool:
    return isinstance(order, SaveSession) and order.quietly


class _Line:
    """One process and the pipe to it. Raises OSError where none can be had."""

    def __init__(self, arrived: deque[Parcel], runs: int) -> None:
        context = multiprocessing.get_context("spawn")  # forked, it would share Qt's locks
        self._arrived = arrived
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=serve, args=(far_end, runs), name="rnnviz-worker", daemon=True)
        self._process.start()
        far_end.close()  # so that the end of the process is the end of what comes through the pipe
        self._called = False  # a parcel that has not come yet
        self._sent = 0  # bytes since the last parcel: nobody may have read them
        self.alive = True

    def send(self, order: Given | CallFor | WantTrace) -> bool:
        """Hand it over; say whether there was a process to take it."""
        data = ForkingPickler.dumps(order)
        self._sent += len(data)
        try:
            if self.alive and self._sent <= AT_ONCE:
                self._pipe.send_bytes(data)
            elif self.alive:
                self._send_long(data)
        except OSError:
            self.look()
        return self.alive

    def call(self, *, trace: bool = False) -> bool:
        """Have the next parcel sent as soon as there is one, if none is on its way; say whether that was so."""
        free, self._called = not self._called, True
        if free:
            self.send(CallFor(trace))
        return free

    def look(self, seconds: float = 0.0) -> None:
        """Take in what has come, or that the process is gone. ``seconds``: to wait for it."""
        try:
            while self.alive and self._pipe.poll(seconds):
                self._arrived.append(self._pipe.recv())
                self._called, self._sent = False, 0
        except (EOFError, OSError):
            self._end()
            self._tell(Failed("lost", _farewell(self._process)))
        except Exception as error:  # noqa: BLE001  # whatever it is, nothing more can be read, and the window says so
            self._process.kill()
            self._end()
            self._tell(Failed("lost", f"{LOST} What it sent cannot be read: {error}", traceback.format_exc()))

    def close(self) -> None:
        """Let the process end, and wait for that, taking in what it still sends."""
        self.send(Close())
        ends = time.monotonic() + PATIENCE_S
        while self.alive and time.monotonic() < ends:
            self.look(1.0)
        self._end()
        self._pipe.close()
        self._process.close()

    def _end(self) -> None:
        """Wait for the process, which has nothing more to do, or end it."""
        self._process.join(1.0)
        self._process.kill()
        self._process.join()

    def _send_long(self, data: memoryview) -> None:
        """More than a pipe holds: the process may have to get rid of something first."""
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(self._pipe.send_bytes, data)
            while not sent.done():
                self.look(LOOK_S)
            sent.result()

    def _tell(self, failed: Failed) -> None:
        self.alive = False
        self._arrived.append(Parcel([failed], None))


def _farewell(process: SpawnProcess) -> str:
    code = process.exitcode or 0
    how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with exit code {code}"
    return f"{LOST} It ended {how}."
