"""What `rnnviz.watch` costs a plain training loop: ``python -m tests.benchmark.watch``.

Phases with and without a watch alternate in one process, so that a noisy machine disturbs both alike; the ratio of
neighbours is what counts. Then the size of the recording per hour at this pace, and how much of it is left after kills.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn

import rnnviz
from rnnviz.recording.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


class Loop:
    """An LSTM with a read-out, as in the README; the same batch again and again."""

    def __init__(self, hidden: int, length: int, batch: int) -> None:
        torch.manual_seed(0)
        self.model = nn.ModuleDict({"lstm": nn.LSTM(64, hidden, batch_first=True), "readout": nn.Linear(hidden, 50)})
        self.steps = torch.optim.Adam(self.model.parameters(), 1e-3)
        self.x, self.y = torch.randn(batch, length, 64), torch.randint(50, (batch * length,))

    def update(self, watch: "rnnviz.Watch | None") -> None:
        self.steps.zero_grad()
        out, _ = self.model["lstm"](self.x)
        loss = nn.functional.cross_entropy(self.model["readout"](out).flatten(0, 1), self.y)
        loss.backward()
        if watch is not None:
            watch.update(loss)
        self.steps.step()

    def phase(self, seconds: float, watch: "rnnviz.Watch | None") -> tuple[float, float, float]:
        """Seconds of an update: by the clock, of the loop's own thread, of the whole process."""
        clocks = (time.perf_counter, time.thread_time, time.process_time)
        started, count = [clock() for clock in clocks], 0
        while time.perf_counter() - started[0] < seconds:
            self.update(watch)
            count += 1
        by_clock, by_thread, by_process = (
            (clock() - then) / count for clock, then in zip(clocks, started, strict=True)
        )
        return by_clock, by_thread, by_process


def overhead(loop: Loop, pairs: int, seconds: float, path: Path) -> dict[str, object]:
    watch = rnnviz.watch(loop.model, path, limits=Limits(disk=10**10))
    loop.phase(2, None)
    ratios: list[list[float]] = [[], [], []]
    paces = []
    for pair in range(pairs):
        order = (None, watch) if pair % 2 else (watch, None)
        found = {other is not None: loop.phase(seconds, other) for other in order}
        for kept, bare, watched in zip(ratios, found[False], found[True], strict=True):
            kept.append(watched / bare)
        paces.append(1 / found[False][0])
    time.sleep(0.6)
    watch.close()
    size = path.stat().st_size
    with rnnviz.Recording(path) as recording:
        updates, traces, standing = recording.counts[0], len(recording.traces()), recording.standing
    hours = pairs * seconds / 3600
    names = ("by the clock", "CPU of the loop's thread", "CPU of the process")
    return {
        "updates_per_second_bare": statistics.median(paces),
        "cost_median": {name: statistics.median(kept) - 1 for name, kept in zip(names, ratios, strict=True)},
        "cost_quartiles": {
            name: [quartile - 1 for quartile in statistics.quantiles(kept, n=4)]
            for name, kept in zip(names, ratios, strict=True)
        },
        "updates": updates,
        "traces": traces,
        "missing": standing.in_words,
        "MB_per_hour_unbounded": size / 1e6 / hours,
    }


def survival(kills: int, folder: Path) -> dict[str, object]:
    """Kill a recorded loop at odd moments; seconds of updates that are not in the file, and files that are damaged."""
    lost, damaged = [], 0
    for kill in range(kills):
        path = folder / f"killed-{kill}.rnnviz"
        program = [sys.executable, "-m", "tests.unit.killed", str(path)]
        with subprocess.Popen(program, stdout=subprocess.PIPE, cwd=ROOT) as loop:
            seen, times = 0, {}
            until = None
            while until is None or time.monotonic() < until:
                seen = int(loop.stdout.readline())
                times[seen] = time.monotonic()
                until = until or time.monotonic() + 0.5 + 0.037 * kill
            os.kill(loop.pid, signal.SIGKILL)
        try:
            with rnnviz.Recording(path) as recording:
                newest = recording.counts[1]
                [recording.rebuilt(update) for update in recording.traces()]
            lost.append(times[seen] - times[max(newest, 1)])
        except ValueError as error:
            print(error, file=sys.stderr)
            damaged += 1
    lost_s = {"lost_s_median": statistics.median(lost), "lost_s_max": max(lost)} if lost else {}
    return {"kills": kills, "damaged": damaged, **lost_s}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--kills", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "lstm-256-100-32": overhead(
                Loop(256, 100, 32), options.pairs, options.seconds, Path(folder, "large.rnnviz")
            ),
            "lstm-64-50-32": overhead(Loop(64, 50, 32), options.pairs, options.seconds, Path(folder, "small.rnnviz")),
            "survival": survival(options.kills, Path(folder)),
        }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
