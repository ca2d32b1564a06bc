"""How much of a plain training loop's speed is left while the whole window draws: ``python -m tests.benchmark.live``.

Bare and live phases alternate in one run, so that a noisy machine disturbs both alike; the ratio of neighbours is what
counts. In a live phase the score is painted at every refresh, thirty times a second, whether or not it changed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rnnviz.config.run_config import FIRST_RUN

SIZES = {"lstm-64-50-32": FIRST_RUN, "lstm-128-200-32": FIRST_RUN.changed(hidden=128, length=200)}


def startup() -> dict[str, float]:
    """Medians of three starts."""
    runs = []
    for _ in range(3):
        command = [sys.executable, "-m", "tests.benchmark.startup", str(time.time())]
        runs.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}


def main() -> None:
    import torch  # noqa: PLC0415  # here, since the worker's process imports this module too

    from rnnviz.app.main import make_application  # noqa: PLC0415
    from rnnviz.app.panel_column import TABS  # noqa: PLC0415
    from tests.benchmark.meter import Meter  # noqa: PLC0415

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
