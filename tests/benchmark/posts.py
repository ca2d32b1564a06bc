"""How many updates the worker's process has posted and when the last was, in a file that both processes look at."""

import mmap
import os
import struct
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from rnnviz.domain.records import UpdateRecord
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.training.serving import serve

FILE, FORM = "RNNVIZ_POSTS", struct.Struct("dd")


class Posts:
    """For the window's process; to be made before the worker is started. Needs a clock that all processes share."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile()  # noqa: SIM115  # as long as this object
        self._file.write(FORM.pack(0.0, 0.0))
        self._file.flush()
        self._shared = mmap.mmap(self._file.fileno(), FORM.size)
        os.environ[FILE] = self._file.name

    @property
    def count(self) -> float:
        """Updates so far."""
        return FORM.unpack_from(self._shared)[0]

    @property
    def last(self) -> float:
        """When the last one was posted, ``time.perf_counter()``; 0 before the first."""
        return FORM.unpack_from(self._shared)[1]


def serve_and_count(pipe: Connection, runs: int) -> None:
    """What the worker's process does, in place of `serve`."""
    with Path(os.environ[FILE]).open("r+b") as file:
        shared = mmap.mmap(file.fileno(), FORM.size)
    post = Mailbox.post

    def counting(mailbox, message):
        if isinstance(message, UpdateRecord):
            FORM.pack_into(shared, 0, FORM.unpack_from(shared)[0] + 1, time.perf_counter())
        post(mailbox, message)

    Mailbox.post = counting
    serve(pipe, runs)
