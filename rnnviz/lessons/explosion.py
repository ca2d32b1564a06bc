"""Explosion, chaos and saturation: an untrained simple network whose W_hh grows.

W_hh Gaussian with standard deviation g/√H, H = 64, T = 100, one loss after the last token. Measured, geometric mean of
seeds 0 to 4, ‖∂L/∂h_1‖ / ‖∂L/∂h_100‖, Lyapunov exponent and mean φ′: g = 0.9: 2e-6, −0.125, 0.96; 1.5: 57, 0.051, 0.64;
2: 1.2e6, 0.153, 0.49; 3: 4.9e12, 0.303, 0.31. (Sompolinsky, Crisanti and Sommers (1988): chaos without inputs from
g = 1 on.)
"""

from rnnviz.config import RunConfig
from rnnviz.lessons.lesson import Lesson

ORDER = RunConfig(
    task="temporal_order",
    length=100,
    hidden=64,
    embedding=0,
    cell="rnn_tanh",
    init="gaussian",
    gain=0.9,
    clip="off",
)

EXPLOSION = Lesson(
    name="explosion",
    title="Explosion, chaos and saturation",
    about=(
        "An untrained simple network whose recurrent weights have the gain 0.9, 1.5, 2 and 3 (T shows one after the "
        "other). "
        "The ratio of the first gradient to the last goes from 3·10⁻⁵ to 700, 6·10⁵ and some 10¹² (in chaos the last "
        "digits decide: 5·10¹² in the float32 of the rows, 2·10¹² in the float64 of the spectrum), and the Lyapunov "
        "exponent changes its sign: from then on neighbouring states part, which is chaos. "
        "It would explode faster still if the units did not saturate: the mean slope φ′ falls from 0.96 to 0.30."
    ),
    configs=(ORDER, *(ORDER.changed(gain=gain) for gain in (1.5, 2.0, 3.0))),
    updates=0,
    side="causes",
)
