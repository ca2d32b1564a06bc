"""How much of a plain training loop's speed is left while the whole window draws: ``python -m tests.benchmark.live``.

Bare and live phases alternate in one process, so that a noisy machine disturbs both alike; the ratio of neighbours is
what counts. In a live phase the score is painted at every refresh, thirty times a second, whether or not it changed.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, make_application
from rnnviz.app.panel_column import TABS
from rnnviz.config import RunConfig
from rnnviz.config.run_config import FIRST_RUN
from rnnviz.domain.records import UpdateRecord
from rnnviz.training.trainer import Trainer
from tests.benchmark.bare import BareLoop

SIZES = {"lstm-64-50-32": FIRST_RUN, "lstm-128-200-32": FIRST_RUN.changed(hidden=128, length=200)}
LATENESS_MS = 20  # often enough for a percentile; every look takes the lock from the training it measures


class PaintCounter(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.paints = 0

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.paints += 1
        return False


class LatenessMeter(QObject):
    """How much later than asked a timer fires: what a key press would have to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(LATENESS_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late_ms.append(max(0.0, (now - self._last) * 1e3 - LATENESS_MS))
        self._last = now


class Meter:
    """One program and one bare loop of the same size, measured in turns."""

    def __init__(self, config: RunConfig, side: str) -> None:
        self.program = Program(WindowLayout(width=1600, height=1000, side=side), None)
        self.config = config
        self.bare = BareLoop(config)
        self.paints, self.lateness = PaintCounter(), LatenessMeter()
        self.posted: list[float] = []
        self.traces = 0
        self.frame_ms: list[float] = []
        self.drawn: list[tuple[float, float]] = []  # frames and traces a second of every live phase
        self._time_posts()
        self._time_refreshes()

    def _time_posts(self) -> None:
        mailbox, post = self.program.mailbox, self.program.mailbox.post

        def timed(message):
            if isinstance(message, UpdateRecord):
                self.posted.append(time.perf_counter())
            post(message)

        mailbox.post = timed

    def _time_refreshes(self) -> None:
        session, refresh = self.program.session, self.program.session.refresh
        viewport = self.program.window.score.viewport()
        viewport.installEventFilter(self.paints)

        def timed():
            started = time.perf_counter()
            refresh()
            self.frame_ms.append((time.perf_counter() - started) * 1e3)
            viewport.update()

        session._timer.timeout.disconnect()
        session._timer.timeout.connect(timed)
        session.trace_changed.connect(lambda _: setattr(self, "traces", self.traces + 1))

    def live(self, seconds: float) -> float:
        """Updates a second with the window drawing."""
        self.program.session._timer.start()
        self.program.session.run()
        wait(0.15)
        self.lateness.start()
        before, started = (len(self.posted), self.paints.paints, self.traces), time.perf_counter()
        wait(seconds)
        passed = time.perf_counter() - started
        counts = [
            now - then for now, then in zip((len(self.posted), self.paints.paints, self.traces), before, strict=True)
        ]
        self.drawn.append((counts[1] / passed, counts[2] / passed))
        rate = counts[0] / passed
        self.lateness.stop()
        self.pause()
        return rate

    def pause(self) -> float:
        """Seconds until the last update after Stop was pressed."""
        pressed = time.perf_counter()
        self.program.session.pause()
        wait(0.25)
        self.program.session._timer.stop()
        return max(0.0, self.posted[-1] - pressed) if self.posted else 0.0

    def bare_rate(self, seconds: float) -> float:
        """The plain loop in a thread of its own, everything else standing still."""
        rates: list[float] = []
        thread = threading.Thread(target=lambda: rates.append(self.bare.updates_per_second(seconds)))
        thread.start()
        thread.join()
        return rates[0]

    def measure(self, pairs: int, seconds: float) -> dict[str, object]:
        with self.program as program:
            program.window.show()
            program.session.open(self.config)
            wait_until(lambda: program.session.trace is not None)
            self.live(1.0)
            self.bare_rate(0.5)
            self.clear()
            rates, stops = [], []
            for _ in range(pairs):
                bare = self.bare_rate(seconds)
                live = self.live(seconds)
                rates.append((bare, live))
                stops.append(self.stop_ms())
            return self.report(rates, stops)

    def clear(self) -> None:
        self.frame_ms, self.lateness.late_ms, self.drawn = [], [], []

    def stop_ms(self) -> float:
        self.program.session._timer.start()
        self.program.session.run()
        wait(0.1)
        return self.pause() * 1e3

    def report(self, rates, stops) -> dict[str, object]:
        late = np.array(self.lateness.late_ms)
        ratios = [live / bare for bare, live in rates]
        frames, traces = np.median(self.drawn, axis=0)
        return {
            "platform": make_application().platformName(),
            "bare_updates_per_s": round(statistics.median(bare for bare, _ in rates), 1),
            "live_updates_per_s": round(statistics.median(live for _, live in rates), 1),
            "kept": round(statistics.median(ratios), 3),
            "kept_of_each_pair": [round(ratio, 3) for ratio in ratios],
            "frames_per_s": round(float(frames), 1),
            "traces_per_s": round(float(traces), 1),
            "lateness_ms": {"p50": pct(late, 50), "p99": pct(late, 99), "max": pct(late, 100)},
            "ms_per_frame": {"median": pct(self.frame_ms, 50), "p99": pct(self.frame_ms, 99)},
            "ms_per_trace": self.trace_ms(),
            "stop_ms": {"median": pct(stops, 50), "max": pct(stops, 100)},
            "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }

    def trace_ms(self) -> float:
        trainer = Trainer(self.config)
        list(trainer.updates(2))
        times = []
        for _ in range(20):
            started = time.perf_counter()
            trainer.trace()
            times.append((time.perf_counter() - started) * 1e3)
        return round(statistics.median(times), 2)


def pct(values, percent: float) -> float:
    return round(float(np.percentile(values, percent)), 2) if len(values) else 0.0


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition) -> None:
    while not condition():
        wait(0.05)


def startup() -> dict[str, float]:
    """Medians of three starts."""
    runs = []
    for _ in range(3):
        command = [sys.executable, "-m", "tests.benchmark.startup", str(time.time())]
        runs.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--pairs", type=int, default=9, help="of bare and live phases a size")
    parser.add_argument("--seconds", type=float, default=1.5, help="of a phase")
    parser.add_argument("--size", choices=[*SIZES], action="append", help="default: all")
    parser.add_argument("--side", choices=[*TABS], default="learning", help="which panels are open; all: every one")
    options = parser.parse_args()
    torch.set_num_threads(1)
    make_application()
    result: dict[str, object] = {"start": startup()}
    for name in options.size or SIZES:
        result[name] = Meter(SIZES[name], options.side).measure(options.pairs, options.seconds)
    print(json.dumps(result, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
