"""Composes the program: worker, session, window."""

import gc
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pyqtgraph
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmapCache
from PySide6.QtWidgets import QApplication

from rnnviz.app.first_file import FirstFile
from rnnviz.app.layout_store import WindowLayout, layout_path, load_layout, save_layout
from rnnviz.app.main_window import MainWindow
from rnnviz.config import RunConfig
from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.messages import Failed
from rnnviz.files.assets import asset
from rnnviz.state.session import Session
from rnnviz.training.runner import Runner

COLLECT_EVERY_MS = 2000
SLICE_S = 0.001  # a key press waits for one slice of each thread that computes; Python's own are five times as long
UNSEEN_MS = 1000  # so long the worker waits for a window that is not painted, being minimised
PICTURE_CACHE_KB = 64 * 1024  # for items that are kept as pictures; Qt's own limit is too small for a large screen


class Program:
    """Everything that lives while the window does. Use it in a ``with``: leaving it ends the worker."""

    def __init__(self, layout: WindowLayout, save_to: Path | None) -> None:
        """``save_to``: where the layout is remembered, and beside it recent files and a session of every minute."""
        self.control, self.mailbox = Control(), Mailbox()
        self.runner = Runner(self.control, self.mailbox)
        self.session = Session(self.control, self.mailbox)
        self._save_to = save_to
        self.window = MainWindow(self.session, layout, self._on_close)
        self._collector = _GarbageCollector()
        self.session.run_started.connect(self._collector.settle, Qt.ConnectionType.SingleShotConnection)
        self._first_paint = _FirstPaint(self.runner.start)

    def __enter__(self) -> Self:
        self._slice = sys.getswitchinterval()
        sys.setswitchinterval(SLICE_S)
        self._collector.start()
        self._first_paint.wait_for(self.window)
        if self._save_to is not None:
            self.window.take_away.keeping.keep_in(self._save_to.parent)
        return self

    def __exit__(self, *_: object) -> None:
        self._first_paint.stop()
        self.session.close()
        self.window.close()
        self.runner.close()
        self.window.take_away.keeping.end()
        self._collector.stop()
        sys.setswitchinterval(self._slice)
        # Connected functions keep both alive: they end here and not when some collection finds them.
        self.window.deleteLater()
        self.session.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _on_close(self, layout: WindowLayout) -> None:
        if self._save_to is None:
            return
        try:
            save_layout(self._save_to, layout)
        except OSError as error:
            print(f"rnnviz: the window layout was not saved: {error}", file=sys.stderr)  # noqa: T201  # a program's word


class _FirstPaint(QObject):
    """Starts the worker as soon as the window is to be seen: importing torch would hold that up by 0.3 s."""

    def __init__(self, start: Callable[[], None]) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)
        self._start: Callable[[], None] | None = start

    def wait_for(self, window: MainWindow) -> None:
        window.installEventFilter(self)
        self._timer.start(UNSEEN_MS)

    def stop(self) -> None:
        self._timer.stop()

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            window.removeEventFilter(self)
            if self._start is not None:
                self._timer.start(0)
        return False

    def _begin(self) -> None:
        """Once: a window may be painted only after the wait is over."""
        start, self._start = self._start, None
        if start is not None:
            start()


class _GarbageCollector:
    """Runs Python's cycle collector on this thread only: on the worker's it would destroy Qt objects there."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setInterval(COLLECT_EVERY_MS)
        self._timer.timeout.connect(gc.collect)

    def start(self) -> None:
        gc.disable()
        self._timer.start()

    def settle(self) -> None:
        """Leave what is there now out of later collections: with torch's hundred thousand objects one takes 50 ms."""
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def _show_error(
    window: MainWindow, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say an error of the window itself in the window; the program goes on."""
    sys.__excepthook__(kind, error, trace)
    details = "".join(traceback.format_exception(kind, error, trace))
    window.notice.show_failure(Failed("refused", f"A fault in the window: {kind.__name__}: {error}", details))


def make_application() -> QApplication:
    """Return the one application object, in the style that all colours were made for."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["rnnviz"])
    application.setApplicationName("rnnviz")
    application.setWindowIcon(QIcon(str(asset("icon.svg"))))
    application.setStyle("Fusion")
    pyqtgraph.setConfigOptions(antialias=False)
    QPixmapCache.setCacheLimit(PICTURE_CACHE_KB)
    return application


def run_window(
    config: RunConfig,
    layout_file: Path | None = None,
    theme: str | None = None,
    opened: Path | None = None,
    *,
    beside: bool = False,
) -> int:
    """Open the window, train at once, and stay until it is closed; return the exit code.

    ``opened``: a file to be opened in place of training ``config``, or, ``beside`` it, as soon as that has begun.
    """
    application = make_application()
    file = layout_file or layout_path()
    layout, complaint = load_layout(file)
    if theme is not None:
        layout = layout.model_copy(update={"theme": theme})
    with ExitStack() as stack:
        program = stack.enter_context(Program(layout, file))
        if complaint:
            program.window.notice.show_remark(complaint)
        signal.signal(signal.SIGINT, lambda *_: application.exit(130))
        stack.callback(setattr, sys, "excepthook", sys.excepthook)
        sys.excepthook = partial(_show_error, program.window)
        program.window.show()
        program.window.expect(config)
        if opened is None or beside:
            program.session.open(config)
            program.session.run()
            if opened is not None:
                ask = partial(program.window.open_file, opened)
                once = Qt.ConnectionType.SingleShotConnection
                program.session.config_changed.connect(lambda _: ask(), once)
        else:
            FirstFile(program.window, program.session, config).open(opened)
        return application.exec()
