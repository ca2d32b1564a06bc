"""Started as a program of its own: prints the seconds from its start to the first window and first trained picture."""

import json
import sys
import time

started = float(sys.argv[1])

from PySide6.QtCore import QEvent, QObject  # noqa: E402

from rnnviz.app.layout_store import WindowLayout  # noqa: E402
from rnnviz.app.main import Program, make_application  # noqa: E402
from rnnviz.config.run_config import FIRST_RUN  # noqa: E402

found: dict[str, float] = {}
application = make_application()


class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            found.setdefault("first_window_s", time.time() - started)
        return False


with Program(WindowLayout(), None) as program:
    watcher = FirstPaint()
    program.window.score.viewport().installEventFilter(watcher)

    def on_trace(trace):
        if trace.update:
            found["first_trained_picture_s"] = time.time() - started
            application.quit()

    program.session.trace_changed.connect(on_trace)
    program.window.show()
    program.session.open(FIRST_RUN)
    program.session.run()
    application.exec()
print(json.dumps(found))
