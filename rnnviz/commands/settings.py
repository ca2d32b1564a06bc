"""Settings of a run out of a file."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.config import RunConfig


def read_settings(path: Path) -> "RunConfig":
    """Read a RunConfig as JSON. Raises BadFileError."""
    from pydantic import ValidationError  # noqa: PLC0415  # --help must not wait for it

    from rnnviz.config.run_config import RunConfig, sentences  # noqa: PLC0415
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415
    from rnnviz.files.text import read_text  # noqa: PLC0415

    try:
        return RunConfig.model_validate_json(read_text(path))
    except ValidationError as error:
        raise BadFileError(path, sentences(error)) from error
