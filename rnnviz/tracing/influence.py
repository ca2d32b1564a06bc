"""Who teaches whom: how strongly the loss of every token asks every earlier state to change.

The losses are the rows of one backward pass, ∂ℓ_s/∂h_t beside ∂ℓ_{s+1}/∂h_t: a block of them is one slice of work.
"""

from collections.abc import Generator

import numpy as np
from torch import Tensor

from rnnviz.domain.arrays import Array, log10_norms
from rnnviz.domain.influence import Influence
from rnnviz.tracing.copies import copied
from rnnviz.tracing.layer import Recurrent, split
from rnnviz.tracing.losses import AskedLosses, Loss
from rnnviz.tracing.stack import LayerRun, run_backward, run_forward
from rnnviz.tracing.study import Study, Subject
from rnnviz.tracing.trace import checked_inputs, initial_states, zero_states

MOST_ROWS = 256  # loss tokens of a live study
SLICE_NUMBERS = 1_500_000  # gradients with respect to gates, of all tokens, rows and layers, in one slice: about 10 ms


def influence(
    module: Recurrent,
    inputs: Tensor,
    loss: Loss,
    initial: Tensor | tuple[Tensor, Tensor] | None = None,
) -> Array:
    """‖∂ℓ_s/∂h_t‖₂ of the top layer's forward direction, (T, T) float64: row s is a loss, column t a state.

    Arguments and errors are those of `rnnviz.trace`. A loss that sees its own token or earlier ones leaves 0 where
    s < t.
    """
    found = layer_influences(module, inputs, loss, initial).log10_norms
    with np.errstate(over="ignore"):
        return np.asarray(10.0 ** found[-2 if module.bidirectional else -1])


def layer_influences(
    module: Recurrent,
    inputs: Tensor,
    loss: Loss,
    initial: Tensor | tuple[Tensor, Tensor] | None = None,
) -> Influence:
    """The same of every layer and direction, as log10. Arguments and errors are those of `rnnviz.trace`."""
    stack = split(module)
    x = checked_inputs(module, inputs)
    return InfluenceStudy(Subject(stack, x, loss, initial_states(module, stack, initial)), most=len(x)).finish()


class InfluenceStudy(Study[Influence]):
    """`Influence` of one sequence, in slices of about 10 ms.

    With more tokens than ``most``, as many evenly spaced losses are taken; the last token's is one of them.
    """

    def __init__(self, subject: Subject, *, most: int = MOST_ROWS) -> None:
        own = copied(subject.stack)
        given = zero_states(own, 1) if subject.initial is None else subject.initial
        states = [tuple(part.clone() for part in state) for state in given]
        self._runs, top = run_forward(own, subject.x.detach()[:, None].clone(), states)
        self._direct = AskedLosses(subject.loss, top[:, 0], local=subject.local).rows(loss_tokens(len(subject.x), most))
        self._one_way = all(len(depth) == 1 and depth[0].direction == "forward" for depth in own)
        self._update = subject.update
        super().__init__(self._work())

    def _work(self) -> Generator[None, None, Influence]:
        layers, size = [run for depth in self._runs for run in depth], self._direct.length
        norms = [np.full((len(self._direct.tokens), size), -np.inf) for _ in layers]
        sums = [np.zeros((size, run.hidden.shape[-1])) for run in layers]
        rows = rows_of_a_slice(layers, size)
        for start in range(0, len(self._direct.tokens), rows):
            block = slice(start, min(start + rows, len(self._direct.tokens)))
            for layer, hidden in enumerate(self._hidden(self._block(block))):
                norms[layer][block, : len(hidden)] = log10_norms(hidden).T
                with np.errstate(invalid="ignore"):  # of opposite infinities
                    sums[layer][: len(hidden)] += hidden.sum(axis=1, dtype=np.float64)
            yield
        totals = self._hidden(self._direct.total())
        residuals = (residual(found, total[:, 0]) for found, total in zip(sums, totals, strict=True))
        directions = tuple(run.layer.direction for run in layers)
        return Influence(self._direct.tokens, tuple(norms), tuple(residuals), self._update, directions)

    def _block(self, block: slice) -> Array:
        """Right-hand sides (T', R, ·): where time runs one way nothing comes from behind the last of them."""
        direct = self._direct.block(block.start, block.stop)
        if not self._one_way:
            return direct
        used = np.flatnonzero(direct.any(axis=(1, 2)))
        return direct[: used[-1] + 1] if used.size else direct[:1]

    def _hidden(self, direct: Array) -> list[Array]:
        """dL/dh of every layer and direction, (T', R, H)."""
        return [back.gradients.hidden for depth in run_backward(self._runs, direct) for back in depth]


def loss_tokens(tokens: int, most: int) -> Array:
    """At most ``most`` of 0 … T − 1, evenly spaced and rising, the last one always among them."""
    if tokens <= most:
        return np.arange(tokens)
    return np.asarray(tokens - 1 - np.arange(most)[::-1] * tokens // most)


def rows_of_a_slice(layers: list[LayerRun], tokens: int) -> int:
    """How many losses go backward together in one slice."""
    numbers: int = sum(tokens * run.layer.cell.blocks * run.hidden.shape[-1] for run in layers)
    return max(1, SLICE_NUMBERS // numbers)


def residual(found: Array, total: Array) -> float:
    """Largest ‖found_t − total_t‖ / ‖total_t‖ of all tokens; both (T, H). NaN where either is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        error = log10_norms(found - total.astype(np.float64))
        relative = np.where(np.isneginf(error), 0.0, 10.0 ** (error - log10_norms(total)))
    return float(relative.max())
