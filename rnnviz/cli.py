"""The command line: arguments → one call."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz import __version__
from rnnviz.commands import COMMANDS
from rnnviz.commands.command import BAD_FILE, CANNOT_START, INTERRUPTED, USAGE, fail
from rnnviz.commands.named import settings_of

if TYPE_CHECKING:
    from rnnviz.config import RunConfig

SMALLEST = (1060, 600)  # the window's smallest size

EXIT_CODES = (
    "exit codes: 0 ok, 2 usage, 3 bad file, 4 cannot start, 5 the training diverged (with --screenshot, train), "
    "130 interrupted"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    # One thread for the numbers, set before any library counts the cores: two fight with the window.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run_command(given) if given and given[0] in COMMANDS else _run(_parser().parse_args(given))
    except KeyboardInterrupt:
        return INTERRUPTED


def _run_command(given: Sequence[str]) -> int:
    command = COMMANDS[given[0]]
    parser = argparse.ArgumentParser(prog=f"rnnviz {command.name}", description=command.about, epilog=EXIT_CODES)
    command.configure(parser)
    return command.run(parser.parse_args(given[1:]))


def _parser() -> argparse.ArgumentParser:
    from rnnviz.cells import CELLS  # noqa: PLC0415  # after the thread counts are set
    from rnnviz.tasks import TASKS  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="rnnviz",
        description="Watch a recurrent network learn, token by token, and see why gradients vanish or explode.",
        epilog=EXIT_CODES,
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="a recording, session, weights, data, settings or word vectors, a folder of WAV files, or a text to learn",
    )
    parser.add_argument("--version", action="version", version=f"rnnviz {__version__}")
    parser.add_argument("--task", help=f"what is learned: {', '.join(TASKS)}; default python")
    parser.add_argument(
        "--text", type=Path, metavar="FILE", help="learn from this UTF-8 text file, or from the file that --task reads"
    )
    parser.add_argument("--cell", help=f"the recurrent cell: {', '.join(CELLS)}; default lstm")
    parser.add_argument("--seed", type=int, help="of weights and data")
    parser.add_argument("--theme", choices=["dark", "light"], help="colours; default: as last time")
    parser.add_argument("--reset-layout", action="store_true", help="forget the remembered window layout")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="write a PNG picture and end; needs no display")
    parser.add_argument("--updates", type=int, default=300, help="updates before the screenshot (default 300)")
    parser.add_argument("--size", type=_size, default=(1600, 1000), help="of the screenshot, WIDTHxHEIGHT")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= SMALLEST[0] and int(height) >= SMALLEST[1]):
        raise argparse.ArgumentTypeError(f"size is {text!r}, expected WIDTHxHEIGHT in pixels, at least {SMALLEST}")
    return int(width), int(height)


def _run(options: argparse.Namespace) -> int:
    if options.screenshot is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif (missing := missing_display()) is not None:
        return fail(CANNOT_START, f"{missing}; use --screenshot FILE to draw a picture without one")
    try:
        config = settings_of(options)
    except ValueError as error:
        return _unusable(error)
    if options.file is not None and (refusal := _refused(options.file)) is not None:
        return fail(BAD_FILE, refusal)
    if options.updates < 1:
        return fail(USAGE, f"--updates is {options.updates}, expected at least 1")
    if options.text is not None:
        from rnnviz.tasks import TASKS  # noqa: PLC0415  # --help and --version must not wait for it

        try:
            TASKS[config.task].open(options.text, config.length, config.lag, config.column)
        except ValueError as error:
            return _unusable(error)
    return _open_window(options, config)


def _unusable(error: ValueError) -> int:
    from pydantic import ValidationError  # noqa: PLC0415  # as above

    from rnnviz.config.run_config import sentences  # noqa: PLC0415
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415

    if isinstance(error, ValidationError):
        return fail(USAGE, sentences(error))
    if isinstance(error, BadFileError):
        return fail(BAD_FILE, str(error))
    raise error


def _refused(path: Path) -> str | None:
    """Why ``path`` cannot be opened; None where it can, or where that is known only after it was read."""
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415
    from rnnviz.files.sounds import is_sound  # noqa: PLC0415
    from rnnviz.recording.reader import Recording  # noqa: PLC0415
    from rnnviz.recording.schema import SUFFIX, is_recording  # noqa: PLC0415

    if path.suffix != SUFFIX and not is_recording(path):
        what = "is a folder without WAV files" if path.is_dir() else "does not exist"
        return None if path.is_file() or is_sound(path) else f"{path}: {what}, expected a file"
    try:
        Recording(path).close()
    except BadFileError as error:
        return str(error)
    return None


def _open_window(options: argparse.Namespace, config: "RunConfig") -> int:
    if sys.platform == "win32" and options.screenshot is not None and options.file is not None:
        import torch  # noqa: F401, PLC0415  # for weights; imported after Qt it cannot load its libraries there
    try:
        from rnnviz.app.layout_store import layout_path  # noqa: PLC0415
        from rnnviz.app.main import run_window  # noqa: PLC0415
    except ImportError as error:
        return fail(CANNOT_START, f"Qt cannot be loaded: {error}")
    if options.reset_layout:
        try:
            layout_path().unlink(missing_ok=True)
        except OSError as error:
            return fail(CANNOT_START, f"the window layout cannot be forgotten: {error}")
    if options.screenshot is None:
        if options.file is None:
            return run_window(config, theme=options.theme)
        return run_window(config, theme=options.theme, opened=options.file, beside=options.beside)
    return _take_picture(options, config)


def _take_picture(options: argparse.Namespace, config: "RunConfig") -> int:
    from rnnviz.app.layout_store import WindowLayout  # noqa: PLC0415  # after Qt was found
    from rnnviz.app.screenshot import take_screenshot  # noqa: PLC0415

    width, height = options.size
    layout = WindowLayout(width=width, height=height, theme=options.theme or "dark")
    if options.file is None:
        return take_screenshot(config, options.updates, options.screenshot, layout)
    from rnnviz.commands.sources import beginning  # noqa: PLC0415  # imports torch for weights
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415

    try:
        begin = beginning(str(options.file)).begin
    except BadFileError as error:
        return fail(BAD_FILE, str(error))
    except ValueError as error:
        return fail(USAGE, str(error))
    return take_screenshot(config, options.updates, options.screenshot, layout, begin)


def missing_display() -> str | None:
    """Say why no window can be opened here; None where one can, as far as can be told before trying."""
    if not sys.platform.startswith("linux") or "QT_QPA_PLATFORM" in os.environ:
        return None
    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    display = os.environ.get("DISPLAY")
    if not display:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    if display.startswith(":") and not _answers(display[1:].partition(".")[0]):
        return f"the display {display} does not answer"
    return None


def _answers(number: str) -> bool:
    """Whether an X server on this machine takes connections; Qt would abort the process if not."""
    import socket  # noqa: PLC0415  # only needed here

    for address in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):  # noqa: S108  # where X servers listen
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
