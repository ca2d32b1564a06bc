"""Default weights vanish, even in an LSTM: what torch begins with, before anything is learned.

Measured at T = 100, H = 32, with the loss after the last token alone: ‖∂L/∂h_1‖ / ‖∂L/∂h_100‖, geometric mean of seeds
0 to 4: simple 2e-23 (3e-27 to 8e-20), LSTM 9e-21 (1e-21 to 3e-19), GRU 1e-20 (5e-22 to 1e-19); 0.59, 0.63 and 0.63 a
token. Their σ_max(W_hh) is 1.07 to 1.14 all the while.
"""

from rnnviz.config import RunConfig
from rnnviz.lessons.lesson import Lesson

AS_TORCH_BEGINS = RunConfig(task="delayed_bit", length=100, hidden=32, cell="rnn_tanh", clip="off", forget_bias=None)

VANISHING = Lesson(
    name="vanishing",
    title="Default weights vanish, even in an LSTM",
    about=(
        "A simple network, an LSTM and a GRU with the weights that torch gives them, untrained, asked once after a "
        "hundred tokens (T shows the companions). "
        "All three lose about four tenths of the gradient at every token: some 4·10⁻²² of it is left at the first, "
        "10⁻²⁰ in the gated ones, for their gates begin half open. "
        "A largest singular value of W_hh above 1 does not prevent it: it is an upper bound and no promise."
    ),
    configs=(AS_TORCH_BEGINS, AS_TORCH_BEGINS.changed(cell="lstm"), AS_TORCH_BEGINS.changed(cell="gru")),
    updates=0,
    side="causes",
)
