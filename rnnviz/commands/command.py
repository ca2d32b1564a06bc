"""What every command of the program shares: its shape, its exit codes, its way to say that something is wrong."""

import json
import math
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OK, USAGE, BAD_FILE, CANNOT_START, DIVERGED, INTERRUPTED = 0, 2, 3, 4, 5, 130


@dataclass(frozen=True)
class Command:
    """``rnnviz NAME …``. Modules of commands import neither torch nor Qt before ``run``: ``--help`` must not wait."""

    name: str
    about: str  # one line for --help
    configure: Callable[[ArgumentParser], None]  # adds the arguments
    run: Callable[[Namespace], int]  # returns the exit code


def as_json(answer: dict[str, Any]) -> str:
    """``answer`` for another program. JSON has no NaN and no infinity: null stands for them."""
    return json.dumps(_finite(answer), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def fail(code: int, sentence: str) -> int:
    """Say ``sentence`` where errors are read, and return ``code``."""
    print(f"rnnviz: {sentence}", file=sys.stderr)  # noqa: T201  # a program's word
    return code
