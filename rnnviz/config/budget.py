"""How many numbers a network learns, and networks of another cell that learn about as many."""

from rnnviz.cells import CELLS
from rnnviz.config.run_config import RunConfig


def parameters(config: RunConfig, labels: int) -> int:
    """Number of weights and biases for a vocabulary of ``labels``, torch's two biases a gate included."""
    blocks, hidden = CELLS[config.cell].blocks, config.hidden
    read = config.embedding or labels  # 0: the tokens are read one-hot
    directions = 1 + config.bidirectional
    width = hidden * directions
    sizes = [read] + [width] * (config.layers - 1)
    recurrent = directions * sum(blocks * hidden * (size + hidden + 2) for size in sizes)
    return labels * config.embedding + recurrent + (width + 1) * labels


def same_budget(config: RunConfig, cell: str, labels: int) -> RunConfig:
    """Return ``config`` with another cell and as many hidden units as bring it nearest to as many parameters."""
    budget = parameters(config, labels)

    def distance(hidden: int) -> int:
        return abs(parameters(config.changed(cell=cell, hidden=hidden), labels) - budget)

    low, high = 1, 1024
    while high - low > 1:
        middle = (low + high) // 2
        fits = parameters(config.changed(cell=cell, hidden=middle), labels) <= budget
        low, high = (middle, high) if fits else (low, middle)
    return config.changed(cell=cell, hidden=min((low, high), key=distance))
