"""Runs the window for some minutes and prints the memory it holds: ``python -m tests.benchmark.soak --minutes 10``."""

import argparse
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from PySide6.QtCore import QTimer

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, make_application
from rnnviz.config.run_config import FIRST_RUN


def resident_mb(process: int) -> float:
    """Linux only: memory that a process holds."""
    return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def report(program: Program) -> None:
    window, worker = resident_mb(os.getpid()), resident_mb(program.worker._line._process.pid)
    print(f"{len(program.session.history)} updates, window {window:.1f} MB, worker {worker:.1f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    application = make_application()
    with Program(WindowLayout(), None) as program:
        program.window.show()
        program.session.open(FIRST_RUN)
        program.session.run()
        clock = QTimer()
        clock.timeout.connect(lambda: report(program))
        clock.start(30_000)
        QTimer.singleShot(int(minutes * 60_000), application.quit)
        application.exec()


if __name__ == "__main__":
    main()
