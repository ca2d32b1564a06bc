"""Started as a program of its own: prints the seconds from its start to the first window and first trained picture."""

import json
import sys
import time


def main(started: float) -> None:
    """Everything is imported here: the worker's process imports this module too."""
    from PySide6.QtCore import QEvent, QObject  # noqa: PLC0415

    from rnnviz.app.layout_store import WindowLayout  # noqa: PLC0415
    from rnnviz.app.main import Program, make_application  # noqa: PLC0415
    from rnnviz.config.run_config import FIRST_RUN  # noqa: PLC0415

    found: dict[str, float] = {}
    application = make_application()

    class FirstPaint(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                found.setdefault("first_window_s", time.time() - started)
            return False

    def on_trace(trace):
        if trace.update:
            found["first_trained_picture_s"] = time.time() - started
            application.quit()

    with Program(WindowLayout(), None) as program:
        watcher = FirstPaint()
        program.window.score.viewport().installEventFilter(watcher)
        program.session.trace_changed.connect(on_trace)
        program.window.show()
        program.session.open(FIRST_RUN)
        program.session.run()
        application.exec()
    print(json.dumps(found))


if __name__ == "__main__":
    main(float(sys.argv[1]))
