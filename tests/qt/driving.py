"""A program under test: opened, driven with keys and clicks, and waited for."""

import gc
import multiprocessing
import pickle
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication, QToolTip

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program
from rnnviz.app.worker import Worker
from rnnviz.config import RunConfig
from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox, News, Parcel
from rnnviz.exchange.orders import Given, Orders
from rnnviz.training.runner import Runner
from tests.builders import config

PATIENCE_MS = 60_000
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


class Piped(Orders):
    """Orders and news as a pipe would hand them over: copies, so that what cannot travel is found."""

    def __init__(self, control: Control, mailbox: Mailbox) -> None:
        self._control, self._mailbox = control, mailbox
        self.request_trace = mailbox.request_trace

    def give(self, order: Given) -> None:
        """Hand over a copy."""
        self._control.give(pickle.loads(pickle.dumps(order)))  # noqa: S301  # our own

    def collect(self) -> Parcel:
        """A copy of everything."""
        return pickle.loads(pickle.dumps(self._mailbox.collect()))  # type: ignore[no-any-return]  # noqa: S301


class InThread:
    """A worker in the tests' own process: they can look into it, and need not import torch again."""

    def __init__(self) -> None:
        self.control, self.mailbox = Control(), Mailbox()
        self.runner = Runner(self.control, self.mailbox)
        self.orders: Orders = Piped(self.control, self.mailbox)
        self.news: News = self.orders

    def start(self) -> None:
        """Start the thread."""
        self.runner.start()

    def close(self) -> None:
        """End it, and wait for that."""
        self.runner.close()


class Driven:
    """The program with a hand on its keyboard."""

    def __init__(self, qtbot: Any, layout: WindowLayout, save_to: Path | None, worker: Worker | None = None) -> None:
        self.qtbot = qtbot
        self.worker: Any = InThread() if worker is None else worker
        self.program: Any = Program(layout, save_to, self.worker)
        self.window: Any = self.program.window
        self.session: Any = self.program.session
        self._stack = ExitStack()
        self._stack.enter_context(self.program)

    def open(self, run: RunConfig) -> None:
        """Show the window and begin the first run."""
        self.window.show()
        self.session.open(run)

    def close(self) -> None:
        """End the program as leaving its ``with`` does, and forget it; nothing of it may be left after that."""
        if self.program is None:
            return
        self._stack.close()
        assert not any(timer.isActive() for timer in self.timers())
        for part in (self.window, self.session):
            if shiboken6.isValid(part):
                part.deleteLater()
        self.program = self.window = self.session = None
        delete_what_was_to_be_deleted()

    def timers(self) -> list[QTimer]:
        """All timers that the program made."""
        owners = [part for part in (self.window, self.session) if shiboken6.isValid(part)]
        return [
            self.program._collector._timer,
            *(timer for owner in owners for timer in owner.findChildren(QTimer)),
        ]

    def until(self, condition: Callable[[], Any]) -> None:
        """Let the window live until ``condition`` holds."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def applies(self, panel):
        """Whether the panel of this name has anything to show in the present run."""
        return self.window.column.panels[panel].applies_to(self.session.config, self.session.facts)

    def key(self, key: Any, modifiers: Any = NO_MODIFIER) -> None:
        """Press a key in the window."""
        self.qtbot.keyClick(self.window, key, modifiers)

    def train(self, updates: int) -> None:
        """Train for so many updates and wait for the picture of the last one."""
        last = self.updates + updates
        self.session.run_for(updates)
        self.until(lambda: self.session.trace is not None and self.session.trace.update == last)

    def settle(self) -> None:
        """Wait until everything that was ordered so far has come back: what changes last is known last."""
        rate = self.session.config.rate * 1.25
        self.session.change(rate=rate)
        self.until(lambda: self.session.config.rate == rate)

    @property
    def updates(self) -> int:
        """Number of the newest update."""
        last = self.session.history.last
        return 0 if last is None else last.update

    @property
    def cursor(self) -> tuple[int, int, int]:
        """Token, layer and unit."""
        cursor = self.window.selection.cursor
        return cursor.token, cursor.layer, cursor.unit


def delete_what_was_to_be_deleted() -> None:
    """Carry out ``deleteLater``, which the event loop of a test never does by itself, and collect Python's cycles."""
    QToolTip.hideText()
    for _ in range(2):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        QCoreApplication.processEvents()


def threads() -> set[threading.Thread]:
    """All threads but the one that tqdm keeps for its bars."""
    return {thread for thread in threading.enumerate() if type(thread).__name__ != "TMonitor"}


def processes() -> set[Any]:
    """All that this one has started and not waited for."""
    return set(multiprocessing.active_children())


def windows() -> Counter[str]:
    """Kinds of top-level widgets and how many there are, tool tips aside: Qt deletes those when it likes."""
    kinds = (widget.metaObject().className() for widget in QApplication.topLevelWidgets())
    return Counter(kind for kind in kinds if kind != "QTipLabel")


def a_small_run(**changes: Any) -> RunConfig:
    """“hello world” with a network that learns in a millisecond an update."""
    return config(**{"task": "hello", **changes})
