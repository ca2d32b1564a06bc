"""One program and one bare loop of the same size, measured in turns."""

import statistics
import threading
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

import rnnviz.app.worker
from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, make_application
from rnnviz.config import RunConfig
from rnnviz.training.trainer import Trainer
from tests.benchmark.bare import BareLoop
from tests.benchmark.posts import Posts, serve_and_count

LATENESS_MS = 20  # often enough for a percentile


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
        self.posts = Posts()
        rnnviz.app.worker.serve = serve_and_count
        self.program = Program(WindowLayout(width=1600, height=1000, side=side), None)
        self.config = config
        self.bare = BareLoop(config)
        self.paints, self.lateness = PaintCounter(), LatenessMeter()
        self.traces = 0
        self.frame_ms: list[float] = []
        self.drawn: list[tuple[float, float]] = []  # frames and traces a second of every live phase
        self._time_refreshes()

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
        before, started = (self.posts.count, self.paints.paints, self.traces), time.perf_counter()
        wait(seconds)
        passed = time.perf_counter() - started
        counts = [
            now - then for now, then in zip((self.posts.count, self.paints.paints, self.traces), before, strict=True)
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
        return max(0.0, self.posts.last - pressed)

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
            self.worker_mb = peak_mb(program.worker._line._process.pid)
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
            "peak_memory_mb": {"window, with the bare loop": peak_mb("self"), "worker": self.worker_mb},
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


def peak_mb(process) -> int | None:
    """The most memory that a process ever held; None where there is no /proc."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    return next((round(int(line.split()[1]) / 1024) for line in lines if line.startswith("VmHWM")), None)


def pct(values, percent: float) -> float:
    return round(float(np.percentile(values, percent)), 2) if len(values) else 0.0


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition) -> None:
    while not condition():
        wait(0.05)
