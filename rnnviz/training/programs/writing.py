"""Writes the program, and beside it the first weights and batches."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from rnnviz.config.run_config import RunConfig
from rnnviz.domain.arrays import Array
from rnnviz.files.whole import write_whole
from rnnviz.training.data import Data
from rnnviz.training.programs.text import Sizes, program_text
from rnnviz.training.run import Changes, Run
from rnnviz.training.trainer import Trainer

LEAST, MOST = 100, 1000  # batches


def write_program(path: Path, run: Run, updates: int | None = None) -> None:
    """Write ``path`` and its ``.npz``: so many ``updates`` of ``run`` from its very beginning, with all its changes.

    As many as it has made if left out, at least 100 and at most 1000. Raises OSError.
    """
    count = min(max(run.trainer.newest, LEAST), MOST) if updates is None else updates
    config, task = run.began, run.trained.task
    fresh, data = Trainer(config, task=task), Data(config, task)
    arrays = {f"weights/{name}": _array(value) for name, value in fresh.network.named_parameters()}
    for number in range(count):
        inputs, targets = data.draw()
        arrays |= {f"inputs/{number}": _narrow(_array(inputs)), f"targets/{number}": _narrow(_array(targets))}
        ends = data.ends(targets)
        arrays |= {} if ends is None else {f"ends/{number}": _array(ends)}
    sizes = Sizes(data.reads.size, data.predicts.size, reads_numbers=arrays["inputs/0"].dtype.kind == "f")
    changes = {update + 1: told for update, told in _changes(config, run.changes).items() if update < count and told}
    text = program_text(config, sizes, changes, re.sub(r'[\\"]', "_", path.stem))
    write_whole(path.with_suffix(".npz"), lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))
    write_whole(path, lambda file: file.write(text.encode()))


def _changes(config: RunConfig, changes: list[Changes]) -> dict[int, dict[str, Any]]:
    """By the update after which they were made; the forget gates' bias as what is added to it."""
    told: dict[int, dict[str, Any]] = {}
    for update, given in changes:
        later = config.changed(**given)
        different = {name: new for name, (_, new) in config.difference(later).items() if name != "shown"}
        if "forget_bias" in different:
            before = told.get(update, {}).get("forget_bias", 0.0)
            different["forget_bias"] = before + (later.forget_bias or 0.0) - (config.forget_bias or 0.0)
        told.setdefault(update, {}).update(different)
        config = later
    return told


def _array(tensor: Tensor) -> Array:
    return np.array(tensor.detach().numpy())


def _narrow(array: Array) -> Array:
    """Indices as short integers: a quarter of the file."""
    short = array.dtype.kind == "i" and np.abs(array).max(initial=0) < 2**15
    return array.astype(np.int16) if short else array
