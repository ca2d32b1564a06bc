"""``rnnviz.jacobians``: how every state of a sequence depends on the one before it."""

from torch import Tensor

from rnnviz.domain.arrays import Array
from rnnviz.tracing.layer import Recurrent, split
from rnnviz.tracing.stack import run_forward
from rnnviz.tracing.trace import checked_inputs, initial_states


def jacobians(
    module: Recurrent,
    inputs: Tensor,
    initial: Tensor | tuple[Tensor, Tensor] | None = None,
) -> list[Array]:
    """J_t = ∂s_t/∂s_{t−1} of every token, (T, S, S) for each layer and direction, in the order of `Trace.layers`.

    The state s is h with S = H, or for an LSTM h then c with S = 2H. Tokens are in reading order; s_{t−1} is the state
    before in the direction of the layer, so for the backward one that of the next token; at the token read first it is
    the initial state. Arguments and errors are those of `rnnviz.trace`.
    """
    stack = split(module)
    x = checked_inputs(module, inputs)
    runs, _ = run_forward(stack, x[:, None], initial_states(module, stack, initial))
    return [
        run.done.jacobians(0, len(x))[:: 1 if run.layer.direction == "forward" else -1, 0]
        for depth in runs
        for run in depth
    ]
