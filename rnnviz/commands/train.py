"""``rnnviz train``: a training without a window, recorded."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.commands.command import BAD_FILE, CANNOT_START, DIVERGED, INTERRUPTED, OK, USAGE, Command, as_json, fail

if TYPE_CHECKING:
    from rnnviz.config import RunConfig
    from rnnviz.recording.trained import TrainingRecorder
    from rnnviz.training.trainer import Trainer


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "what", metavar="CONFIG.json|LESSON", help="a file with settings (RunConfig as JSON), or the name of a lesson"
    )
    parser.add_argument("--updates", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--out", type=Path, default=Path("run.rnnviz"), metavar="FILE", help="the recording to write")
    parser.add_argument("--every", type=float, default=1.0, help="least seconds between two traces (default 1)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--json", action="store_true", help="print what was recorded as JSON")


def run(options: Namespace) -> int:
    """Train, record, say where the recording is."""
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415  # --help must not wait for it

    if options.updates < 1:
        return fail(USAGE, f"--updates is {options.updates}, expected at least 1")
    if not options.every >= 0:
        return fail(USAGE, f"--every is {options.every}, expected seconds, 0 or more")
    try:
        return _train(_config(options.what), options)
    except BadFileError as error:
        return fail(BAD_FILE, str(error))


def _config(what: str) -> "RunConfig":
    """Settings of a lesson's first run, or out of a file. Raises BadFileError."""
    from rnnviz.config.settings import read_settings  # noqa: PLC0415  # as above
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415
    from rnnviz.lessons import LESSONS  # noqa: PLC0415

    if what in LESSONS:
        return LESSONS[what].configs[0]
    path = Path(what)
    if not path.is_file():
        raise BadFileError(path, f"is no file, and no lesson; expected a file or one of {', '.join(LESSONS)}")
    return read_settings(path)


def _train(config: "RunConfig", options: Namespace) -> int:
    import sqlite3  # noqa: PLC0415

    import torch  # noqa: PLC0415  # takes a second

    from rnnviz.recording.trained import TrainingRecorder  # noqa: PLC0415
    from rnnviz.training.trainer import Trainer  # noqa: PLC0415

    torch.set_num_threads(1)
    trainer = Trainer(config)
    try:
        recorder = TrainingRecorder(options.out, trainer, every=options.every)
    except (OSError, sqlite3.Error) as error:
        return fail(CANNOT_START, f"{options.out} cannot be written: {error}")
    code = OK
    try:
        code = _updates(trainer, recorder, options)
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        recorder.close()
    if recorder.failure is not None:
        return fail(CANNOT_START, f"{recorder.path}: not all was recorded: {recorder.failure}")
    update = trainer.newest
    print(f"{recorder.path}: {update:,} updates", file=sys.stderr)  # noqa: T201  # a program's word
    if options.json:
        loss = None if trainer.record is None else trainer.record.loss
        print(as_json({"out": str(recorder.path), "updates": update, "loss": loss, "code": code}))  # noqa: T201
    return code


def _updates(trainer: "Trainer", recorder: "TrainingRecorder", options: Namespace) -> int:
    from tqdm import tqdm  # noqa: PLC0415

    from rnnviz.training.trainer import DivergedError  # noqa: PLC0415

    with tqdm(total=options.updates, unit="update", disable=options.quiet) as bar:
        try:
            for record in trainer.updates(options.updates):
                recorder.add(record, last=record.update == options.updates)
                bar.update()
        except DivergedError as error:
            bar.close()
            return fail(DIVERGED, str(error))
    return OK


TRAIN = Command("train", "Train without a window and record it; rnnviz FILE shows the recording.", configure, run)
