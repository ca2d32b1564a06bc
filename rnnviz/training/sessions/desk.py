"""Writes what the window ordered: at once what the user waits for, in slices what is kept quietly."""

import time
from collections.abc import Generator
from pathlib import Path

from rnnviz.domain.intervention import Intervention
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.messages import Failed, Written
from rnnviz.exchange.orders import Keep, SaveSession
from rnnviz.training.programs.writing import write_program
from rnnviz.training.run import Run
from rnnviz.training.sessions.writing import session_in_slices

SLICE_S = 0.005
SHARE = 0.05  # of the worker's time while training goes on


class SessionDesk:
    """For the worker."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._quiet: tuple[Path, Generator[None]] | None = None
        self._next = 0.0  # time.monotonic() of the next slice

    def carry_out(self, order: Keep, run: Run, interventions: tuple[Intervention, ...]) -> None:
        """Write the run as it is; what is to be written quietly is only begun."""
        try:
            if isinstance(order, SaveSession):
                self._save(order, run, interventions)
            else:
                write_program(order.path, run)
                self._mailbox.post(Written(order.path, "program"))
        except OSError as error:
            self._failed(order.path, error)

    def _save(self, order: SaveSession, run: Run, interventions: tuple[Intervention, ...]) -> None:
        slices = session_in_slices(run, interventions, order)
        if order.quietly:
            self._quiet = order.path, slices
            return
        for _ in slices:
            pass
        self._mailbox.post(Written(order.path, "session"))

    def turn(self) -> None:
        """Between two updates: a slice, if one is due."""
        if self._quiet is not None and time.monotonic() >= self._next:
            self.rest()

    def rest(self) -> bool:
        """Nothing else is to do: a slice; say whether there was any."""
        if self._quiet is None:
            return False
        path, slices = self._quiet
        started = time.monotonic()
        try:
            while time.monotonic() - started < SLICE_S:
                next(slices)
        except StopIteration:
            self._quiet = None
            self._mailbox.post(Written(path, "autosave"))
        except OSError as error:
            self._quiet = None
            self._failed(path, error)
        ended = time.monotonic()
        self._next = ended + (ended - started) / SHARE
        return True

    def close(self) -> None:
        """Leave what is not finished; the file of before is whole."""
        if self._quiet is not None:
            self._quiet[1].close()
            self._quiet = None

    def _failed(self, path: Path, error: OSError) -> None:
        self._mailbox.post(Failed("refused", f"{path}: cannot be written: {error.strerror or error}"))
