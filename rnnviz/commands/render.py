"""``rnnviz render``: one view in a file, without a display."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from rnnviz.commands.command import BAD_FILE, CANNOT_START, OK, USAGE, Command, as_json, fail
from rnnviz.commands.sources import beginning

FORMATS = ("png", "svg", "pdf", "csv")


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument("source", nargs="?", metavar="SESSION|CONFIG.json|LESSON", help="what is shown")
    parser.add_argument("--view", help="a name from --list")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help=f"written to; its suffix, {', '.join(FORMATS)}")
    parser.add_argument("--updates", type=_count, metavar="N", help="to train before; default 0, a lesson's own")
    for name, about in (("token", "of the sequence"), ("layer", "of all directions"), ("unit", "of the layer")):
        parser.add_argument(f"--{name}", type=_count, metavar="N", help=f"where the cursor is, {about}, from 0")
    parser.add_argument("--size", type=_size, default=(1600, 1000), help="of the window, WIDTHxHEIGHT")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark", help="colours; default dark")
    parser.add_argument("--list", action="store_true", help="name all views and end")
    parser.add_argument("--json", action="store_true", help="write the list, or what was written, as JSON")


def _run(options: Namespace) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform == "win32":
        import torch  # noqa: F401, PLC0415  # imported after Qt it cannot load its libraries there
    try:
        from rnnviz.app.rendering import all_views  # noqa: PLC0415  # Qt takes a while
    except ImportError as error:
        return fail(CANNOT_START, f"Qt cannot be loaded: {error}")
    views = all_views()
    if options.list:
        print(_listed(views, for_program=options.json))  # noqa: T201  # what was asked for
        return OK
    if (wrong := _wrong(options, views)) is not None:
        return fail(USAGE, wrong)
    return _render(options)


def _render(options: Namespace) -> int:
    from rnnviz.app.layout_store import WindowLayout  # noqa: PLC0415  # after Qt was found
    from rnnviz.app.rendering import Wanted, render  # noqa: PLC0415
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415

    try:
        begin, usual = beginning(options.source)
    except BadFileError as error:
        return fail(BAD_FILE, str(error))
    except ValueError as error:
        return fail(USAGE, str(error))
    updates = usual if options.updates is None else options.updates
    wanted = Wanted(options.view, options.out, updates, options.token, options.layer, options.unit)
    width, height = options.size
    code = render(begin, wanted, WindowLayout(width=width, height=height, theme=options.theme))
    if code == OK and options.json:
        print(as_json({"view": options.view, "file": str(options.out), "updates": updates}))  # noqa: T201
    return code


def _wrong(options: Namespace, views: dict[str, str]) -> str | None:
    """What is wrong with the arguments together."""
    for name in ("source", "view", "out"):
        if getattr(options, name) is None:
            return f"{name} is missing, expected: rnnviz render SOURCE --view NAME -o FILE (or --list)"
    if options.view not in views:
        return f"--view is {options.view!r}, expected one of {', '.join(views)}"
    form = options.out.suffix[1:].lower()
    allowed = FORMATS[:-1] if options.view == "window" else FORMATS
    if form not in allowed:
        return (
            f"--out is {str(options.out)!r}, expected a name that ends in {', '.join('.' + name for name in allowed)}"
        )
    return None


def _listed(views: dict[str, str], *, for_program: bool) -> str:
    if for_program:
        return as_json(views)
    return "\n".join(f"{name:18} {title}" for name, title in views.items())


def _count(text: str) -> int:
    if not text.isdigit():
        raise ArgumentTypeError(f"is {text!r}, expected a whole number, 0 or more")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 1060 <= int(width) <= 9999 and 600 <= int(height) <= 9999):
        raise ArgumentTypeError(f"size is {text!r}, expected WIDTHxHEIGHT in pixels, at least 1060x600")
    return int(width), int(height)


RENDER = Command("render", "Write one view of a run to a picture or a table, without a display.", _configure, _run)
