"""The one error of this room."""

from pathlib import Path


class BadFileError(ValueError):
    """A file cannot be used. The message names the file, what was found and what was expected."""

    def __init__(self, path: Path, finding: str) -> None:
        super().__init__(f"{path}: {finding}")
        self.path = path
