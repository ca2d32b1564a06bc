"""Clipping cannot fix vanishing: temporal order again, but over fifty tokens.

Measured for seeds 0 to 2, 2000 updates each: with and without clipping at 1 the loss stays at 1.38 to 1.39 nats, which
is ln 4, and a quarter of the held-out sequences is right. Gradients have norms of 0.3 to 0.4 and at most 1.1; in all
three runs together a single one was clipped. With an orthogonal W_hh instead 99 % were right after 850, 550 and 800
updates, and a third to three quarters of the gradients were clipped, of norms up to 261, 285 and 484.
"""

from rnnviz.lessons.clipping import UNCLIPPED
from rnnviz.lessons.lesson import Lesson

LONG = UNCLIPPED.changed(length=50, rate=0.05)

CLIPPING_NO_HELP = Lesson(
    name="clipping_no_help",
    title="Clipping cannot fix vanishing",
    about=(
        "The task that clipping rescues, over fifty tokens instead of twenty: without clipping, with it, and with it "
        "and a W_hh that begins orthogonal. "
        "In the first two runs gradients hardly ever reach the threshold, so that clipping has nothing to do; nothing "
        "of them comes back to the letters to remember, and the loss stays at that of a guess, ln 4 = 1.39. "
        "The orthogonal one carries its gradients back, soon needs the clipping, and has every answer right before a "
        "thousand updates."
    ),
    configs=(LONG, LONG.changed(clip="norm"), LONG.changed(clip="norm", init="orthogonal")),
    updates=1000,
)
