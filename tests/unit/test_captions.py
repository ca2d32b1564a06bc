"""The sentences of the sub-steps: their numbers are those of the record and of the trace."""

import dataclasses
import math
import re

import numpy as np
import pytest

from rnnviz.analysis.captions import caption
from rnnviz.analysis.flow import reach
from rnnviz.domain.phase import PHASES
from rnnviz.training.optimizers import OPTIMIZERS
from tests.builders import arrays_file, full_trace, reading, record, trainer


def numbers(sentence):
    """Every number of a sentence, in order."""
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e[+-]\d+)?", sentence)]


def made(**changes):
    """Trace and record of a real update, the fifth."""
    run = trainer(**changes)
    *_, newest = run.updates(5)
    return run.trace(), newest


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_of_every_update_has_its_sentence(phase, optimizer):
    words = caption(phase, *made(optimizer=optimizer))
    assert words.split(":")[0].lower() == phase
    assert words.endswith(".")
    assert "nan" not in words


def test_forward_counts_the_tokens():
    assert numbers(caption("forward", full_trace(tokens=13), record())) == [13]


def test_the_loss_is_told_of_the_shown_sequence_and_of_the_batch():
    trace, newest = made()
    shown, worst, batch = numbers(caption("loss", trace, newest))
    assert shown == pytest.approx(trace.losses.mean(), rel=5e-4)
    assert worst == trace.losses.argmax()
    assert batch == pytest.approx(newest.loss, rel=5e-4)


def test_the_loss_of_a_sequence_is_the_mean_over_the_tokens_that_have_a_target():
    trace, newest = made(task="temporal_order")
    shown, worst, _ = numbers(caption("loss", trace, newest))
    assert worst == trace.tokens - 1
    assert shown == pytest.approx(trace.losses[-1], rel=5e-4)


def test_losses_of_numbers_are_squared_errors():
    words = caption("loss", *made(task="sines"))
    assert "nats" not in words
    assert words.endswith(" MSE.")


def test_the_reach_does_not_count_what_fills_a_sequence_up(tmp_path):
    trace, newest = made(task="own_arrays", file=arrays_file(tmp_path))
    assert (trace.tokens, trace.padding) == (12, 3)
    alone = trace.top.log10_hidden_grads_last[:9]
    back = int(8 - np.flatnonzero(alone >= alone.max() - 2).min())
    assert reach(trace.top, trace.padding) == back
    words = caption("backward", trace, newest)
    assert "reaches the first token" in words if back == 8 else f"after {back} of 8 tokens" in words


def test_a_last_token_without_a_target_is_told_to_have_no_loss():
    assert caption("backward", *made(task="look_ahead")).endswith("Nothing comes from the last token: it has no loss.")


def test_a_trace_without_losses_tells_the_batch_alone():
    trace = dataclasses.replace(full_trace(), losses=None)
    assert numbers(caption("loss", trace, record(loss=1.25))) == [1.25]


def test_a_loss_without_a_reading_is_the_mean_over_all_tokens():
    trace = dataclasses.replace(full_trace(), reading=None)
    assert numbers(caption("loss", trace, record(loss=1.25))) == [1.5, 0, 1.25]


def test_a_sequence_without_any_target_tells_the_batch_alone():
    trace = dataclasses.replace(full_trace(), reading=reading(targets=(None,) * 8))
    assert numbers(caption("loss", trace, record(loss=1.25))) == [1.25]


def falling(decades):
    """A trace whose last loss's gradient falls by so many decades a token."""
    size = 10.0 ** (decades * (np.arange(8) - 7.0))
    return full_trace(hidden_grads_last=np.repeat(size[:, None], 6, axis=1))


@pytest.mark.parametrize(("decades", "back"), [(3.0, 0), (1.5, 1), (0.9, 2), (0.5, 4), (0.3, 6)])
def test_backward_says_after_how_many_tokens_the_gradient_is_small(decades, back):
    words = caption("backward", falling(decades), record())
    assert numbers(words) == [1, back, 7]
    assert "falls below 1 % of its peak" in words


@pytest.mark.parametrize("decades", [0.2, 0.0, -0.2])
def test_backward_says_when_the_gradient_reaches_the_first_token(decades):
    words = caption("backward", falling(decades), record())
    assert "falls" not in words
    assert "reaches the first token with more than 1 % of its peak" in words


def test_backward_says_when_the_gradient_is_not_finite():
    trace = full_trace(hidden_grads_last=np.full((8, 6), np.inf))
    assert "not finite" in caption("backward", trace, record())


def test_backward_of_a_trace_without_a_loss_says_nothing_of_it():
    assert numbers(caption("backward", full_trace(hidden_grads_last=None), record())) == []


def test_clip_off_tells_the_norm_as_it_is():
    trace, newest = made(clip="off")
    words = caption("clip", trace, newest)
    assert words.startswith("Clip: off")
    assert numbers(words) == [pytest.approx(newest.grad_norm, rel=5e-3)]


@pytest.mark.parametrize("clip", ["norm", "value"])
def test_clip_says_when_nothing_is_above_the_threshold(clip):
    trace, newest = made(clip=clip, threshold=1000.0)
    words = caption("clip", trace, newest)
    assert "used as it is" in words
    assert numbers(words) == [pytest.approx(newest.grad_norm, rel=5e-3), 1000]


def test_clip_by_norm_tells_norm_factor_and_what_is_left():
    trace, newest = made(clip="norm", threshold=0.01)
    norm, factor, left = numbers(caption("clip", trace, newest))
    assert norm == pytest.approx(newest.grad_norm, rel=5e-3)
    assert factor == pytest.approx(newest.clip_coefficient, rel=5e-3)
    assert left == pytest.approx(newest.grad_norm_clipped, rel=5e-3) == pytest.approx(0.01, rel=5e-3)


def test_clip_by_value_tells_norm_threshold_what_is_left_and_the_angle():
    trace, newest = made(clip="value", threshold=0.01)
    norm, threshold, left, angle = numbers(caption("clip", trace, newest))
    assert norm == pytest.approx(newest.grad_norm, rel=5e-3)
    assert threshold == 0.01
    assert left == pytest.approx(newest.grad_norm_clipped, rel=5e-3)
    assert angle == pytest.approx(math.degrees(math.acos(newest.clip_cosine)), abs=0.5)
    assert angle > 1


def test_a_cosine_beyond_one_by_rounding_is_no_angle():
    words = caption("clip", full_trace(), record(clip="value", clipped=True, clip_cosine=1 + 1e-9))
    assert words.endswith("by 0°.")


def test_update_tells_how_far_the_weights_move():
    trace, newest = made(rate=0.03)
    ratio, rate = numbers(caption("update", trace, newest))
    assert ratio == pytest.approx(newest.update_ratio, rel=5e-2)
    assert rate == 0.03


OTHERS = {"rate": math.nan, "threshold": math.nan, "update_ratio": math.nan, "loss": -2.5, "grad_norm": 3.25}


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("loss", "Loss: what was differentiated is -2.5."),
        (
            "clip",
            "Clip: the norm of the whole gradient is 3.25, as watch.update() found it. "  # noqa: ISC004  # one sentence
            "What may have been clipped after that is not recorded.",
        ),
        ("update", "Update: what the optimiser did is not recorded. The next forward pass uses the new weights."),
    ],
)
def test_of_somebody_elses_loop_only_what_is_known_is_told(phase, words):
    assert caption(phase, dataclasses.replace(full_trace(), losses=None), record(**OTHERS)) == words


@pytest.mark.parametrize("phase", ["loss", "clip", "update"])
def test_numbers_of_another_update_than_the_traces_say_of_which(phase):
    assert "of update" not in caption(phase, full_trace(), record(update=1))
    assert " of update 7" in caption(phase, full_trace(), record(update=7))
