"""Settings of a run out of a file."""

import json
from pathlib import Path

from pydantic import ValidationError

from rnnviz.config.run_config import RunConfig, sentences
from rnnviz.files.errors import BadFileError
from rnnviz.files.text import read_text

LARGEST_BYTES = 100_000


def read_settings(path: Path) -> RunConfig:
    """Read a RunConfig as JSON. Raises BadFileError."""
    try:
        return RunConfig.model_validate_json(read_text(path))
    except ValidationError as error:
        raise BadFileError(path, sentences(error)) from error


def is_settings(path: Path) -> bool:
    """Whether ``path`` is meant as one: a small .json with an object, at least half of whose names are settings.

    Then it is told what is wrong with the others. Does not raise.
    """
    if path.suffix.lower() != ".json" or not path.is_file() or path.stat().st_size > LARGEST_BYTES:
        return False
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and 2 * len(content.keys() & RunConfig.model_fields.keys()) >= len(content)
