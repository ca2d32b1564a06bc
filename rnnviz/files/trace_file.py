"""A trace as ``.npz``."""

from pathlib import Path

import numpy as np

from rnnviz.domain.notebook import arrays_of
from rnnviz.domain.trace import Trace
from rnnviz.files.whole import write_whole


def write_trace(path: Path, trace: Trace) -> None:
    """Write every array by name, see `arrays_of`; read it with ``numpy.load(path)``. Raises OSError."""
    arrays = arrays_of(trace)
    write_whole(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))
