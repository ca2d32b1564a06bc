"""How many numbers a network learns, and networks of another cell that learn about as many."""

from rnnviz.cells import CELLS
from rnnviz.config.run_config import RunConfig
from rnnviz.domain.values import Symbols, Values


def parameters(config: RunConfig, reads: Values, predicts: Values) -> int:
    """Number of weights and biases that such a network learns, torch's two biases a gate included."""
    blocks, hidden = CELLS[config.cell].blocks, config.hidden
    embedding = config.embedding if isinstance(reads, Symbols) else 0  # 0: W_ih reads the tokens themselves
    copies = 2 if config.bidirectional or config.decoder else 1
    width = hidden * (1 + config.bidirectional)
    sizes = [embedding or reads.size] + [width] * (config.layers - 1)
    recurrent = copies * sum(blocks * hidden * (size + hidden + 2) for size in sizes)
    learned = 0 if config.frozen else reads.size * embedding
    return learned + recurrent + _attention(config.attention, width) + (width + 1) * predicts.size


def _attention(score: str, width: int) -> int:
    """Those of an attention between states of ``width`` numbers: its score, and W [c, h] + b."""
    scores = {"dot": 0, "general": width**2, "additive": 2 * width**2 + 2 * width}
    return 0 if score == "off" else scores[score] + (2 * width + 1) * width


def same_budget(config: RunConfig, cell: str, reads: Values, predicts: Values) -> RunConfig:
    """Return ``config`` with another cell and as many hidden units as bring it nearest to as many parameters."""
    budget = parameters(config, reads, predicts)

    def surplus(hidden: int) -> int:
        return parameters(config.changed(cell=cell, hidden=hidden), reads, predicts) - budget

    low, high = 1, 1024
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if surplus(middle) <= 0 else (low, middle)
    return config.changed(cell=cell, hidden=min((low, high), key=lambda hidden: abs(surplus(hidden))))
