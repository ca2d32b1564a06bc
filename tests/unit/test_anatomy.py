"""One update taken apart: every norm against a measurement from outside, and where float32 alone would be wrong."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.domain.post_mortem import PostMortem
from rnnviz.training.anatomy import angle
from rnnviz.training.trainer import DivergedError
from tests.builders import text_file, trainer


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def rows(run):
    return {name: parameter.detach().double().clone() for name, parameter in run.network.named_parameters()}


def taken_apart(run):
    """An update with its anatomy, and its weights before and after in float64."""
    before = rows(run)
    record = run.update()
    return record, run.anatomy(), before, rows(run)


def by_name(anatomy):
    return {(part.name, part.block): part for part in anatomy.parts}


def scaled(run, factor):
    for parameter in run.network.parameters():
        parameter.register_hook(lambda gradient: factor * gradient)


def test_before_the_first_update_there_is_nothing_to_take_apart():
    assert trainer().anatomy() is None


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
@pytest.mark.parametrize(("clip", "threshold"), [("off", 1.0), ("norm", 0.1), ("value", 0.01)])
def test_the_norms_of_an_update_are_those_of_its_record(optimizer, clip, threshold, story):
    run = trainer(optimizer=optimizer, clip=clip, threshold=threshold, layers=2, **story)
    run.update()
    record, found, before, after = taken_apart(run)
    assert (found.update, found.clip, found.threshold) == (2, clip, threshold)
    assert (found.optimizer, found.rate) == (optimizer, 0.01)
    assert found.raw == pytest.approx(record.grad_norm, rel=1e-12)
    assert found.clipped == pytest.approx(record.grad_norm_clipped, rel=1e-6)
    assert found.coefficient == pytest.approx(record.clip_coefficient, rel=1e-6)
    assert found.share_clipped == record.share_clipped
    for name, weights in before.items():
        part = by_name(found)[name, ""]
        assert part.raw == pytest.approx(record.grad_norms[name], rel=1e-12)
        assert part.clipped == pytest.approx(record.grad_norms_clipped[name], rel=1e-6)
        assert part.weight == pytest.approx(float(weights.norm()), rel=1e-12)
        assert part.step == pytest.approx(float((after[name] - weights).norm()), rel=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_has_its_rows_of_every_parameter(cell, story):
    run = trainer(cell=cell, layers=2, **story)
    run.update()
    _, found, before, _ = taken_apart(run)
    gradient = dict(zip(run._row.names, run._last.gradient.double().split(run._row.sizes), strict=True))
    parts, gates = by_name(found), [gate.name for gate in CELLS[cell].gates]
    names = [(name, block) for name in before for block in ("", *(gates if name.startswith("layers") else ()))]
    assert [(part.name, part.block) for part in found.parts] == names
    for name in before:
        for block, gate in enumerate(gates if name.startswith("layers") else ()):
            rows_of_gate = slice(block * 6, (block + 1) * 6)
            shaped = gradient[name].view_as(before[name])
            assert parts[name, gate].raw == pytest.approx(float(shaped[rows_of_gate].norm()), rel=1e-12)
            assert parts[name, gate].weight == pytest.approx(float(before[name][rows_of_gate].norm()), rel=1e-12)


@pytest.mark.parametrize("kind", ["raw", "clipped", "step", "weight"])
def test_squares_of_parts_add_up_to_the_whole(kind, story):
    run = trainer(clip="value", threshold=0.01, **story)
    run.update()
    found = run.anatomy()
    whole = [part for part in found.parts if not part.block]
    total = math.sqrt(sum(getattr(part, kind) ** 2 for part in whole))
    assert getattr(found, kind) == pytest.approx(total, rel=1e-12)
    for part in whole:
        blocks = [getattr(other, kind) for other in found.parts if other.name == part.name and other.block]
        if blocks:
            assert getattr(part, kind) == pytest.approx(math.sqrt(sum(block**2 for block in blocks)), rel=1e-12)


def test_clipping_by_norm_keeps_the_direction_and_plain_descent_follows_it(story):
    run = trainer(clip="norm", threshold=0.01, optimizer="sgd", rate=1.0, **story)
    run.update()
    found = run.anatomy()
    assert found.coefficient < 0.5
    assert found.clip_angle < 1e-4
    assert found.step == pytest.approx(found.clipped, rel=1e-4)
    assert found.step_angle < 0.1  # the weights are float32, a step is a difference of them


def test_clipping_by_value_and_adam_turn_the_direction(story):
    run = trainer(clip="value", threshold=0.01, optimizer="adam", **story)
    record, found, before, after = taken_apart(run)
    assert found.clip_angle == pytest.approx(math.degrees(math.acos(record.clip_cosine)), rel=1e-5)
    step = torch.cat([(after[name] - before[name]).flatten() for name in before])
    clipped = run._last.gradient.double().clamp(-0.01, 0.01)
    cosine = float(-(step @ clipped) / (step.norm() * clipped.norm()))
    assert found.step_angle == pytest.approx(math.degrees(math.acos(cosine)), rel=1e-6)
    assert 10 < found.step_angle < 90


def test_settings_of_the_update_are_told_and_not_those_set_since(story):
    run = trainer(clip="norm", threshold=0.01, **story)
    run.update()
    found = run.anatomy()
    run.set(clip="off", rate=0.5)
    assert run.anatomy() == found


def test_a_restored_trainer_gives_the_same_anatomy(story):
    run = trainer(clip="value", threshold=0.01, **story)
    list(run.updates(3))
    found, there = run.anatomy(), run.snapshot()
    list(run.updates(3))
    assert run.anatomy() != found
    run.restore(there)
    assert run.anatomy() == found


def test_a_fork_with_shifted_biases_does_not_take_the_shift_for_a_step(story):
    run = trainer(**story)
    run.update()
    assert run.fork(rate=0.5).anatomy() == run.anatomy()
    assert run.fork(forget_bias=3.0).anatomy() is None


@pytest.mark.parametrize("factor", [1e30, 1e-30])
def test_a_gradient_whose_squares_leave_float32_has_right_norms(factor, story):
    plain = trainer(clip="norm", threshold=1e-3, optimizer="sgd", **story)
    plain.update()
    run = trainer(clip="norm", threshold=1e-3, optimizer="sgd", **story)
    # Both are powers of two times something: only the exponent changes.
    power = 2.0 ** round(math.log2(factor))
    scaled(run, power)
    run.update()
    expected, found = plain.anatomy(), run.anatomy()
    assert found.raw == pytest.approx(power * expected.raw, rel=1e-12)
    for ours, theirs in zip(found.parts, expected.parts, strict=True):
        assert ours.raw == pytest.approx(power * theirs.raw, rel=1e-9)
    if factor > 1:
        assert found.clipped == pytest.approx(1e-3, rel=1e-5)
        assert found.coefficient == pytest.approx(1e-3 / found.raw, rel=1e-5)
        assert found.clip_angle < 1e-4
    else:
        assert (found.clipped, found.coefficient, found.clip_angle) == (found.raw, 1.0, 0.0)
        assert found.step < 1e-30  # all weights but the smallest are too large to be moved by so little


def test_an_infinite_entry_is_refused_and_the_anatomy_is_that_of_the_update_before(story):
    run = trainer(clip="norm", **story)
    run.update()
    found = run.anatomy()

    def poison(gradient):
        gradient = gradient.clone()
        gradient[0] = math.inf
        return gradient

    run.network.get_parameter("readout.bias").register_hook(poison)
    with pytest.raises(DivergedError):
        run.update()
    assert run.anatomy() == found
    assert all(math.isfinite(value) for part in found.parts for value in dataclasses.astuple(part)[2:])


def test_after_a_step_that_was_taken_back_there_is_nothing_to_take_apart():
    run = trainer(clip="off", optimizer="sgd", rate=1000.0)
    run.network.get_parameter("readout.weight").register_hook(lambda gradient: 1e38 * gradient)
    with pytest.raises(DivergedError) as diverged:
        run.update()
    assert run.anatomy() is None
    assert diverged.value.post_mortem == PostMortem(1, "the step of readout.weight", "an infinite value")


@pytest.mark.parametrize("degrees", [0.0, 1e-9, 1e-5, 30.0, 90.0, 179.999999, 180.0])
def test_angles_are_exact_where_a_cosine_is_not(degrees):
    turned = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    assert angle(np.array([3e30, 0.0]), 1e-30 * turned) == pytest.approx(degrees, rel=1e-12, abs=1e-13)


def test_an_angle_needs_two_directions():
    assert math.isnan(angle(np.zeros(2), np.ones(2)))
    assert math.isnan(angle(np.ones(2), np.array([math.inf, 0.0])))
    assert math.isnan(angle(np.array([math.nan, 0.0]), np.ones(2)))
