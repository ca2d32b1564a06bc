"""Sides from which a run can be looked at: each shows the views that belong to it."""

from typing import Literal

Side = Literal["learning", "influence", "causes", "clipping", "output"]

SIDES: dict[Side, str] = {
    "learning": "Learning",
    "influence": "Influence",
    "causes": "Causes",
    "clipping": "Clipping",
    "output": "Output",
}
