"""A picture of the window after so many updates, without a display."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop
from tqdm import tqdm

from rnnviz.app.filling import Filling
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, make_application
from rnnviz.config import RunConfig
from rnnviz.exchange.messages import Failed
from rnnviz.state.session import Session

FAILURES = {"refused": 3, "diverged": 5, "crashed": 4, "lost": 4}  # exit codes


def take_screenshot(
    config: RunConfig,
    updates: int,
    file: Path,
    layout: WindowLayout,
    begin: Callable[[Session], None] | None = None,
) -> int:
    """Train for ``updates`` updates, write the window's picture to ``file`` (PNG); return the exit code.

    ``begin`` opens something in place of training ``config``. All that is shown is waited for.
    """
    application = make_application()
    loop = QEventLoop()
    training = begin is None
    with Program(layout, None) as program, tqdm(total=updates, unit="update", disable=not training) as bar:
        session, filling = program.session, Filling(program.window)

        def on_refreshed() -> None:
            bar.update(len(session.history) - bar.n if training else 0)
            reached = 0 if session.trace is None else session.trace.update or 0
            if (reached >= updates or not training) and filling.done():
                loop.exit(0)

        def on_failed(failed: Failed) -> None:
            if failed.kind in ("companion", "ended"):
                return
            print(f"rnnviz: {failed.sentence}", file=sys.stderr)  # noqa: T201  # a program's word
            loop.exit(FAILURES[failed.kind])

        signal.signal(signal.SIGINT, lambda *_: loop.exit(130))
        session.refreshed.connect(on_refreshed)
        session.failed.connect(on_failed)
        program.window.show()
        if begin is None:
            session.open(config)
            session.run_for(updates)
        else:
            begin(session)
        code = loop.exec()
        if code == 0:
            program.window.show_latest()
            application.processEvents()
            if not program.window.grab().save(str(file), "PNG"):
                print(f"rnnviz: {file}: the picture cannot be written there", file=sys.stderr)  # noqa: T201
                code = 4
        return code
