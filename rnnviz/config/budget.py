"""How many numbers a network learns, and networks of another cell that learn about as many."""

from rnnviz.cells import CELLS
from rnnviz.config.run_config import RunConfig


def parameters(config: RunConfig, vocabulary: int, labels: int) -> int:
    """Number of weights and biases, torch's two biases a gate included, for so many tokens and labels."""
    blocks, hidden = CELLS[config.cell].blocks, config.hidden
    read = config.embedding or vocabulary  # 0: the tokens are read one-hot
    directions = 1 + config.bidirectional
    width = hidden * directions
    sizes = [read] + [width] * (config.layers - 1)
    recurrent = directions * sum(blocks * hidden * (size + hidden + 2) for size in sizes)
    return vocabulary * config.embedding + recurrent + (width + 1) * labels


def same_budget(config: RunConfig, cell: str, vocabulary: int, labels: int) -> RunConfig:
    """Return ``config`` with another cell and as many hidden units as bring it nearest to as many parameters."""
    budget = parameters(config, vocabulary, labels)

    def surplus(hidden: int) -> int:
        return parameters(config.changed(cell=cell, hidden=hidden), vocabulary, labels) - budget

    low, high = 1, 1024
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if surplus(middle) <= 0 else (low, middle)
    return config.changed(cell=cell, hidden=min((low, high), key=lambda hidden: abs(surplus(hidden))))
