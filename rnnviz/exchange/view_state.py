"""How the window looked at a run: what a session file has beside the run itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor


@dataclass(frozen=True, eq=False)
class ViewState:
    """Cursor, layout, and the map of the gradient per token over the run, which is made of what was shown."""

    cursor: Cursor = field(default_factory=Cursor)
    layout: Mapping[str, Any] = field(default_factory=dict)  # plain JSON
    flow_updates: Array = field(default_factory=lambda: np.empty(0))  # (N,)
    flow_norms: Array = field(default_factory=lambda: np.empty((0, 0), np.float32))  # (N, T) log10 ‖∂L/∂h_t‖₂
    flow_apart: int = 1  # updates from one column to the next, at least
