"""``rnnviz verify [MODEL]``: the equations that rnnviz shows, against torch on this machine."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.commands.command import BAD_FILE, OK, Command, as_json, fail

if TYPE_CHECKING:
    from rnnviz.checkpoints.verify import Agreement

DISAGREES = 1
HEADINGS = ("layer", "cell", "precision", "h", "gates, c", "∂L/∂x", "∂L/∂W_hh", "")


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "model", nargs="?", type=Path, metavar="MODEL", help="a .pt, .pth or .safetensors file; default: every cell"
    )
    parser.add_argument("--json", action="store_true", help="print the errors as JSON")


def run(options: Namespace) -> int:
    """Print the largest relative errors; 1 when one is more than rounding explains."""
    from rnnviz.checkpoints import inspect, open_checkpoint  # noqa: PLC0415  # torch, which --help must not wait for
    from rnnviz.checkpoints.verify import verify_cells, verify_opened  # noqa: PLC0415
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415

    try:
        if options.model is None:
            found = list(verify_cells())
        else:
            opened = open_checkpoint(options.model)
            inspect(opened)  # raises where there is nothing recurrent
            found = list(verify_opened(opened))
    except BadFileError as error:
        return fail(BAD_FILE, str(error))
    print(_json(found) if options.json else _table(found))  # noqa: T201  # a program's word
    return OK if all(entry.passed for entry in found) else DISAGREES


def _json(found: "list[Agreement]") -> str:
    import torch  # noqa: PLC0415  # as in run

    entries = [{**asdict(entry), "passed": entry.passed} for entry in found]
    return as_json({"torch": torch.__version__, "passed": all(e.passed for e in found), "layers": entries})


def _table(found: "list[Agreement]") -> str:
    """Aligned columns, and a sentence."""
    rows = [HEADINGS, *(_row(entry) for entry in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    wrong = sum(not entry.passed for entry in found)
    verdict = "All agree" if not wrong else f"{wrong} of {len(found)} disagree"
    last = f"{verdict} with torch: largest relative errors, of h and ∂L/∂x at the worst of all tokens."
    return "\n".join([*lines, last])


def _row(entry: "Agreement") -> tuple[str, ...]:
    errors = (entry.values, entry.gates, entry.inputs, entry.recurrent)
    return entry.what, entry.cell, entry.precision, *(f"{error:.1e}" for error in errors), "✓" if entry.passed else "✗"


VERIFY = Command(
    "verify",
    "Compare the equations of every cell, or those of a model's layers, with torch: values and gradients. "
    "Exit code 1 when they disagree.",
    configure,
    run,
)
