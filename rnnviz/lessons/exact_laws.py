"""Closed forms that can be seen: networks so simple that the gradient's way back is known exactly, untrained.

All are asked once, after the last of a hundred tokens, so that the gradient has one source. Formulas: Pascanu, Mikolov
and Bengio (2013) for products of Jacobians, Hochreiter and Schmidhuber (1997) for the carousel of c.
"""

from rnnviz.config import RunConfig
from rnnviz.lessons.lesson import Lesson

_ASKED_ONCE = RunConfig(
    task="temporal_order",
    cell="rnn_tanh",
    length=100,
    hidden=32,
    embedding=0,
    others="zero",
    clip="off",
    forget_bias=None,
)


def _lesson(name: str, title: str, about: str, *configs: RunConfig) -> Lesson:
    return Lesson(name, title, about, configs, updates=0, side="causes")


_ROTATION = _ASKED_ONCE.changed(init="orthogonal", gain=0.9)
DECAY = _lesson(
    "decay",
    "The exact decay law",
    "W_hh is a rotation times ρ, and nothing else acts: states stay 0, so tanh is the identity. The gradient of the "
    "last loss then is exactly ρ^k, k tokens back: a straight line. ρ is 0.9 here (3·10⁻⁵ after 99 tokens), 1 and 1.1 "
    "in the companions (T shows them); the slider makes any other.",
    _ROTATION,
    _ROTATION.changed(gain=1.0),
    _ROTATION.changed(gain=1.1),
)

CONSTANT = _lesson(
    "constant",
    "A ReLU that forgets nothing",
    "W_hh is the identity, all other weights are positive: every unit stays open, and the gradient is the same at "
    "every token, to the last digit. The companion has 0.95 on the diagonal: 0.95^k.",
    _ASKED_ONCE.changed(cell="rnn_relu", init="identity", others="positive"),
    _ASKED_ONCE.changed(cell="rnn_relu", init="identity", others="positive", gain=0.95),
)

CAROUSEL = _lesson(
    "carousel",
    "The forget gate is the memory",
    "An LSTM whose gates see their bias alone: ∂c_T/∂c_t is exactly σ(b_f)^(T−t). With b_f = 5 half of it is left "
    "after a hundred tokens, with 1 (a companion) 3·10⁻¹⁴, with 0 (the other) 2·10⁻³⁰: see the carry path and the "
    "largest singular value.",
    *(_ASKED_ONCE.changed(cell="lstm", init="zero", forget_bias=bias) for bias in (5.0, 1.0, 0.0)),
)

KEEPING = _lesson(
    "keeping",
    "The update gate is the memory",
    "A GRU whose gates see nothing: z is ½ at every token. Exactly half of the gradient is left a token, 2^−k "
    "after k tokens.",
    _ASKED_ONCE.changed(cell="gru", init="zero"),
)

ONE_UNIT = _lesson(
    "one_unit",
    "One unit, one number",
    "A single linear unit with the weight w = 0.97: the gradient is w^k, k tokens back, and the sign of a logarithm "
    "decides about everything. The companion has w = 1.03.",
    _ASKED_ONCE.changed(hidden=1, init="identity", gain=0.97),
    _ASKED_ONCE.changed(hidden=1, init="identity", gain=1.03),
)

AXES = _lesson(
    "axes",
    "Every axis has its own exponent",
    "W_hh is diagonal, 1/8 to 1: each axis shrinks by its own factor. The Lyapunov exponents are ln |d_i|; far "
    "back nothing but the axis of the largest is left of the gradient.",
    _ASKED_ONCE.changed(hidden=8, init="diagonal"),
)

TRANSIENT = _lesson(
    "transient",
    "Growing before it decays",
    "All eigenvalues are 0.9, and yet the product of Jacobians first grows, as k · 0.9^(k−1): W_hh is not normal, its "
    "σ_max is well above 1. Eigenvalues rule the end, singular values the beginning.",
    _ASKED_ONCE.changed(hidden=2, init="jordan", gain=0.9),
)
