"""Composes the program: worker, session, window."""

import gc
import signal
import sys
import traceback
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pyqtgraph
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmapCache
from PySide6.QtWidgets import QApplication

from rnnviz.app.first_file import FirstFile
from rnnviz.app.layout_store import WindowLayout, layout_path, load_layout, save_layout
from rnnviz.app.main_window import MainWindow
from rnnviz.app.worker import Worker, WorkerProcess
from rnnviz.config import RunConfig
from rnnviz.exchange.messages import Failed
from rnnviz.files.assets import asset
from rnnviz.state.session import Session

COLLECT_EVERY_MS = 2000
SLICE_S = 0.001  # a key press waits for one slice of a thread that computes, a film's say; Python's are 5 ms
PICTURE_CACHE_KB = 64 * 1024  # for items that are kept as pictures; Qt's own limit is too small for a large screen


class Program:
    """Everything that lives while the window does. Use it in a ``with``: leaving it ends the worker."""

    def __init__(self, layout: WindowLayout, save_to: Path | None, worker: Worker | None = None) -> None:
        """``save_to``: where the layout is remembered, and beside it recent files and a session of every minute.

        ``worker``: who trains; a process of its own if not given.
        """
        self.worker = WorkerProcess() if worker is None else worker
        self.session = Session(self.worker.orders, self.worker.news)
        self._save_to = save_to
        self.window = MainWindow(self.session, layout, self._on_close)
        self._collector = _GarbageCollector()
        self.session.run_started.connect(self._collector.settle, Qt.ConnectionType.SingleShotConnection)

    def __enter__(self) -> Self:
        self._slice = sys.getswitchinterval()
        sys.setswitchinterval(SLICE_S)
        self._collector.start()
        self.worker.start()
        if self._save_to is not None:
            self.window.take_away.keeping.keep_in(self._save_to.parent)
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.window.close()
        self.worker.close()
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


class _GarbageCollector:
    """Runs Python's cycle collector on this thread only: on another it would destroy Qt objects there."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setInterval(COLLECT_EVERY_MS)
        self._timer.timeout.connect(gc.collect)

    def start(self) -> None:
        gc.disable()
        self._timer.start()

    def settle(self) -> None:
        """Leave what is there now out of later collections: many objects, none of which becomes garbage."""
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
