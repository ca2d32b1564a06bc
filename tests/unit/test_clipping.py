"""Gradient clipping against torch's, and where float32 squares leave their range."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.training import clipping

FIVE = ((3.0, -0.5), (0.0, 4.0))  # two tensors


def in_a_row(gradients):
    """The entries of all tensors, and where each tensor starts."""
    starts = np.cumsum([0, *(gradient.numel() for gradient in gradients[:-1])])
    return torch.cat([gradient.flatten() for gradient in gradients]), starts


def clip_gradients(gradients, clip, threshold):
    """Clip as the trainer does, and put the result back into the tensors."""
    row, starts = in_a_row(gradients)
    found = clipping.clip_gradients(row, starts, clip, threshold)
    for gradient, part in zip(gradients, row.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))
    return found


def squared_norms(gradients):
    row, starts = in_a_row(gradients)
    return clipping.squared_norms(row.numpy(), starts)


def tensors(*rows):
    return [torch.tensor(row) for row in rows]


def clipped_by_torch(gradients, clip, threshold):
    """The gradients after torch's own clipping, and the norm before it when clipping by norm."""
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    by_norm = nn.utils.clip_grad_norm_
    norm = by_norm(parameters, threshold) if clip == "norm" else nn.utils.clip_grad_value_(parameters, threshold)
    return [parameter.grad for parameter in parameters], norm


def cosine(before, after):
    a, b = (torch.cat([tensor.double().flatten() for tensor in part]) for part in (before, after))
    return float(a @ b / (a.norm() * b.norm()))


@pytest.mark.parametrize("clip", ["norm", "value"])
@pytest.mark.parametrize("threshold", [0.1, 1.0, 3.5, 1000.0])
def test_gradients_are_clipped_as_torch_does(clip, threshold):
    random = torch.Generator().manual_seed(0)
    gradients = [torch.randn(7, 5, generator=random), torch.randn(4, generator=random)]
    expected, norm = clipped_by_torch(gradients, clip, threshold)
    before = [gradient.clone() for gradient in gradients]
    found = clip_gradients(gradients, clip, threshold)
    for ours, theirs in zip(gradients, expected, strict=True):
        # torch sums the squares in float32, we in float64: the coefficients, and so the products, differ by roundings.
        torch.testing.assert_close(ours, theirs, rtol=4e-7, atol=0)
    if norm is not None:
        assert found.norm == pytest.approx(float(norm), rel=2e-7)
    assert found.clipped == any(not torch.equal(a, b) for a, b in zip(before, gradients, strict=True))
    assert found.norm_clipped == pytest.approx(float(np.sqrt(squared_norms(gradients).sum())), rel=1e-6)
    assert found.coefficient == pytest.approx(found.norm_clipped / found.norm, rel=1e-12)
    assert found.cosine == pytest.approx(cosine(before, gradients), abs=1e-6)
    np.testing.assert_allclose(found.norms_clipped, np.sqrt(squared_norms(gradients)), rtol=1e-6)


@pytest.mark.parametrize(("threshold", "after"), [(1.0, 1 / (1 + 2e-7)), (5.0, 5 / (1 + 2e-7)), (6.0, 5.0)])
def test_the_norm_after_clipping_follows_from_the_formula(threshold, after):
    """before · min(1, threshold / (before + 1e-6)), with before = 5."""
    gradients = tensors((3.0, 0.0), (0.0, 4.0))
    found = clip_gradients(gradients, "norm", threshold)
    assert found.norm == 5.0
    assert found.norms.tolist() == [3.0, 4.0]
    assert found.norm_clipped == pytest.approx(after, rel=1e-15)
    assert found.clipped == (threshold < 6)
    np.testing.assert_allclose(found.norms_clipped, [0.6 * after, 0.8 * after], rtol=1e-15)


def test_clipping_by_norm_keeps_the_direction():
    assert clip_gradients(tensors(*FIVE), "norm", 1.0).cosine == 1.0


def test_clipping_by_value_turns_the_direction():
    gradients = tensors(*FIVE)
    found = clip_gradients(gradients, "value", 1.0)
    assert [gradient.tolist() for gradient in gradients] == [[1.0, -0.5], [0.0, 1.0]]
    assert found.clipped
    assert found.norm_clipped == 1.5
    assert found.cosine == pytest.approx(7.25 / (1.5 * math.sqrt(25.25)), rel=1e-12)
    assert found.norms_clipped.tolist() == [math.sqrt(1.25), 1.0]


@pytest.mark.parametrize("clip", ["off", "norm", "value"])
def test_nothing_happens_to_gradients_within_the_threshold(clip):
    gradients = tensors(*FIVE)
    found = clip_gradients(gradients, clip, 0.1 if clip == "off" else 100.0)
    assert [gradient.tolist() for gradient in gradients] == [list(row) for row in FIVE]
    assert not found.clipped
    assert (found.coefficient, found.cosine) == (1.0, 1.0)
    assert found.norm == found.norm_clipped == pytest.approx(math.sqrt(25.25), rel=1e-15)


@pytest.mark.parametrize("clip", ["off", "norm", "value"])
def test_a_gradient_of_zero_stays_zero(clip):
    gradients = tensors((0.0, 0.0), (0.0,))
    found = clip_gradients(gradients, clip, 1.0)
    assert (found.norm, found.norm_clipped, found.clipped) == (0.0, 0.0, False)
    assert not torch.cat(gradients).any()


def test_a_finite_gradient_whose_squares_overflow_is_scaled_and_not_erased():
    gradients = tensors((3e30, 0.0), (0.0, 4e30))
    found = clip_gradients(gradients, "norm", 1.0)
    assert found.norm == pytest.approx(5e30, rel=1e-6)
    assert found.norm_clipped == pytest.approx(1.0, rel=1e-6)
    np.testing.assert_allclose(torch.cat(gradients).numpy(), [0.6, 0.0, 0.0, 0.8], rtol=1e-6)


def test_a_large_gradient_can_be_cut_by_value():
    gradients = tensors((3e30, 0.5), (0.0, -4e30))
    found = clip_gradients(gradients, "value", 1.0)
    assert torch.cat(gradients).tolist() == [1.0, 0.5, 0.0, -1.0]
    assert found.norm == pytest.approx(5e30, rel=1e-6)
    assert found.norm_clipped == 1.5
    assert found.cosine == pytest.approx(7 / (5 * 1.5), rel=1e-6)


@pytest.mark.parametrize("clip", ["off", "norm", "value"])
def test_a_gradient_whose_squares_underflow_still_has_a_norm(clip):
    gradients = tensors((3e-30, 0.0), (0.0, 4e-30))
    found = clip_gradients(gradients, clip, 1.0)
    assert found.norm == pytest.approx(5e-30, rel=1e-6)
    assert found.norms.tolist() == pytest.approx([3e-30, 4e-30], rel=1e-6)
    assert not found.clipped
    assert torch.cat(gradients).tolist() == pytest.approx([3e-30, 0.0, 0.0, 4e-30], rel=1e-6)


def test_a_threshold_below_float32_cuts_every_entry_to_zero():
    gradients = tensors(*FIVE)
    found = clip_gradients(gradients, "value", 1e-60)
    assert not torch.cat(gradients).any()
    assert (found.norm_clipped, found.coefficient, found.clipped) == (0.0, 0.0, True)
    assert found.cosine == 0.0


@pytest.mark.parametrize("clip", ["off", "norm", "value"])
@pytest.mark.parametrize("poison", [math.inf, -math.inf, math.nan])
def test_entries_that_are_not_finite_show_in_the_norm_of_their_tensor(clip, poison):
    found = clip_gradients(tensors((1.0, 2.0), (poison, 1.0)), clip, 1.0)
    assert found.norms[0] == math.sqrt(5)
    assert not np.isfinite(found.norms[1])
    assert np.isnan(found.norms[1]) == math.isnan(poison)
    assert not np.isfinite(found.norm)


def test_squared_norms_are_summed_in_double_precision():
    found = squared_norms([torch.full((2, 3), 1e-30), torch.tensor([2.0])])
    assert found.dtype == np.float64
    assert found.tolist() == pytest.approx([6e-60, 4.0], rel=1e-6)
