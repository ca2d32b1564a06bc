"""The session files that were saved or opened last."""

import json
from pathlib import Path

from rnnviz.files.whole import write_whole

MOST = 8


def load_recent(file: Path) -> list[Path]:
    """The newest first; none where the list cannot be read."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [Path(entry) for entry in found if isinstance(entry, str)][:MOST] if isinstance(found, list) else []


def add_recent(file: Path, path: Path) -> None:
    """Put ``path`` first. Raises OSError."""
    path = path.absolute()
    listed = [path, *(other for other in load_recent(file) if other != path)][:MOST]
    text = json.dumps([str(entry) for entry in listed], ensure_ascii=False, indent=2)
    write_whole(file, lambda opened: opened.write(text.encode()))
