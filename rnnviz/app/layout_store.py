"""What the window remembers from one start to the next: a small typed JSON file, no opaque blob.

Qt's own ``saveState`` blobs crash the process when one byte is wrong; a file of names and numbers cannot.
"""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rnnviz.domain.views import SIDES
from rnnviz.drawing.theme import THEMES

Pixels = Annotated[int, Field(ge=0, le=20000)]


class WindowLayout(BaseModel):
    """Sizes in pixels."""

    model_config = ConfigDict(frozen=True)

    width: int = Field(default=1600, ge=200, le=20000)
    height: int = Field(default=1000, ge=200, le=20000)
    columns: tuple[Pixels, Pixels, Pixels] | None = None  # widths of settings, score and panels
    hidden_tracks: frozenset[str] = frozenset()
    hidden_panels: frozenset[str] = frozenset()
    side: str = Field(default="learning", pattern="|".join(f"^{name}$" for name in (*SIDES, "all")))
    theme: str = Field(default="dark", pattern="|".join(f"^{name}$" for name in THEMES))


def layout_path() -> Path:
    """Return where the file lies on this system."""
    return user_config_path("rnnviz", appauthor=False) / "layout.json"


def load_layout(path: Path) -> tuple[WindowLayout, str]:
    """Return the remembered layout, or the standard one and a sentence that says why."""
    try:
        return WindowLayout.model_validate_json(path.read_bytes()), ""
    except FileNotFoundError:
        return WindowLayout(), ""
    except (OSError, ValueError) as error:
        reason = str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            reason = ": ".join([*(str(part) for part in first["loc"]), first["msg"]])
        return WindowLayout(), f"The saved window layout {path} cannot be used ({reason}); the standard one is shown."


def save_layout(path: Path, layout: WindowLayout) -> None:
    """Write the file whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(layout.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
