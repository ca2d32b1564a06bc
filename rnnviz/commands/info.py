"""``rnnviz info FILE``: what a file is. One line for each kind that rnnviz knows."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnviz.commands.command import BAD_FILE, OK, Command, as_json, fail
from rnnviz.files.suffixes import SESSION, WEIGHTS


@dataclass(frozen=True)
class Kind:
    """A kind of file. ``describe`` gives what is known as names and values for JSON; raises BadFileError."""

    name: str
    recognises: Callable[[Path], bool]  # by what is in the file; must not raise
    describe: Callable[[Path], dict[str, Any]]


def _is_recording(path: Path) -> bool:
    from rnnviz.recording.schema import is_recording  # noqa: PLC0415  # --help must not wait for it

    return is_recording(path)


def _recording(path: Path) -> dict[str, Any]:
    from rnnviz.recording.introduction import state_in_words  # noqa: PLC0415
    from rnnviz.recording.reader import Recording  # noqa: PLC0415

    with Recording(path) as recording:
        facts, standing, (count, newest) = recording.facts, recording.standing, recording.counts
        traces = recording.traces()
        last = recording.records(newest - 1, 1) if newest else []
    return {
        "state": state_in_words(standing),
        "model": facts.model,
        "parameters": facts.parameters,
        "recurrent": [part.in_words for part in facts.parts],
        "left out": list(facts.left_out),
        "newest update": newest,
        "updates": count,
        "traces": len(traces),
        "newest loss": last[0].loss if last else None,
        "missing": standing.in_words,
        "note": standing.remark,
        "rnnviz": facts.rnnviz,
        "torch": facts.torch,
        "bytes": path.stat().st_size,
    }


def _is_session(path: Path) -> bool:
    return path.name.lower().endswith(SESSION)


def _session(path: Path) -> dict[str, Any]:
    from rnnviz.training.sessions.reading import describe_session  # noqa: PLC0415  # imports torch

    return describe_session(path)


def _is_checkpoint(path: Path) -> bool:
    return path.suffix.lower() in WEIGHTS


def _checkpoint(path: Path) -> dict[str, Any]:
    from rnnviz.checkpoints import describe_checkpoint  # noqa: PLC0415  # imports torch

    return describe_checkpoint(path)


KINDS: tuple[Kind, ...] = (
    Kind("recording", _is_recording, _recording),
    Kind("session", _is_session, _session),
    Kind("trained weights", _is_checkpoint, _checkpoint),
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help=f"of these kinds: {', '.join(k.name for k in KINDS)}")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: Namespace) -> int:
    """Print what the file is."""
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415

    path: Path = options.file
    kind = next((kind for kind in KINDS if kind.recognises(path)), None)
    if kind is None:
        what = "is not of a kind that rnnviz knows" if path.is_file() else "is no file"
        return fail(BAD_FILE, f"{path}: {what}, expected one of: {', '.join(kind.name for kind in KINDS)}")
    try:
        found = {"file": str(path), "kind": kind.name, **kind.describe(path)}
    except BadFileError as error:
        return fail(BAD_FILE, str(error))
    print(as_json(found) if options.json else _in_words(found))  # noqa: T201  # the answer
    return OK


def _in_words(found: dict[str, Any]) -> str:
    rows = []
    for name, value in found.items():
        values = value if isinstance(value, list) else [value]
        rows += [f"{name:14} {_plain(entry)}" for entry in values if entry not in ("", None)]
    return "\n".join(rows)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        told = {name: entry for name, entry in value.items() if entry not in ("", None, [])}
        return ", ".join(f"{name.replace('_', ' ')} {_plain(entry)}" for name, entry in told.items())
    if isinstance(value, list):
        return "; ".join(f"({_plain(entry)})" if isinstance(entry, dict) else _plain(entry) for entry in value)
    return _number_or_word(value)


def _number_or_word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}" if isinstance(value, float) else str(value)


INFO = Command(
    "info", "Say what a file is: a recording, of what, how long, whether it is still being written.", configure, run
)
