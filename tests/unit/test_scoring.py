"""Losses, right answers and the gradient they begin with, against torch and by hand."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.tasks.task import NO_TARGET
from rnnviz.training.scoring import accuracy, logit_gradient, mean_loss, token_losses
from tests.builders import normal

NAN = math.nan


def wanted_labels():
    return torch.tensor([[0, 3, NO_TARGET, 1], [2, NO_TARGET, NO_TARGET, NO_TARGET]])


def wanted_numbers():
    """Two tokens without a target, one with half of one."""
    wanted = normal(2, 4, 2, seed=1)
    wanted[0, 2] = wanted[1, 3] = NAN
    wanted[1, 0, 1] = NAN
    return wanted


def test_the_loss_of_numbers_is_torchs_where_all_are_wanted():
    outputs, wanted = normal(3, 5, 2), normal(3, 5, 2, seed=1)
    torch.testing.assert_close(mean_loss(outputs, wanted), nn.functional.mse_loss(outputs, wanted))
    each = nn.functional.mse_loss(outputs, wanted, reduction="none").mean(-1)
    torch.testing.assert_close(token_losses(outputs, wanted), each)


def test_the_loss_of_numbers_counts_what_is_wanted_alone():
    outputs, wanted = normal(2, 4, 2), wanted_numbers()
    errors = (outputs - wanted).square()
    expected = errors.mean(-1)
    expected[0, 2] = expected[1, 3] = 0
    expected[1, 0] = errors[1, 0, 0]
    torch.testing.assert_close(token_losses(outputs, wanted), expected)
    torch.testing.assert_close(mean_loss(outputs, wanted), expected.sum() / 6)


def test_the_loss_of_labels_counts_tokens_with_a_target_alone():
    outputs, wanted = normal(2, 4, 5), wanted_labels()
    known = wanted != NO_TARGET
    each = nn.functional.cross_entropy(outputs[known], wanted[known], reduction="none")
    torch.testing.assert_close(token_losses(outputs, wanted)[known], each)
    assert not token_losses(outputs, wanted)[~known].any()
    torch.testing.assert_close(mean_loss(outputs, wanted), each.mean())


@pytest.mark.parametrize(("wanted", "size"), [(wanted_labels(), 5), (wanted_numbers(), 2)], ids=["labels", "numbers"])
def test_the_gradient_of_the_outputs_is_autograds(wanted, size):
    outputs = normal(2, 4, size).requires_grad_()
    mean_loss(outputs, wanted).backward()
    assert torch.isfinite(outputs.grad).all()
    torch.testing.assert_close(logit_gradient(outputs.detach(), wanted), outputs.grad)


def test_more_padding_changes_nothing():
    outputs, wanted = normal(2, 4, 2), wanted_numbers()
    longer = torch.cat([outputs, normal(2, 3, 2, seed=7)], 1)
    filled = torch.cat([wanted, torch.full((2, 3, 2), NAN)], 1)
    torch.testing.assert_close(mean_loss(longer, filled), mean_loss(outputs, wanted))
    assert accuracy(longer, filled, 0.5) == accuracy(outputs, wanted, 0.5)


def test_a_number_is_right_within_the_tolerance_and_not_beyond():
    wanted = torch.tensor([[[1.0, NAN], [2.0, 3.0]], [[NAN, NAN], [4.0, NAN]]])
    outputs = torch.tensor([[[1.25, 0.0], [2.0, 3.5]], [[9.0, 9.0], [3.75, 0.0]]])
    assert accuracy(outputs, wanted, 0.25) == 3 / 4
    assert accuracy(outputs, wanted, 0.125) == 1 / 4
    assert accuracy(outputs, wanted, 0.5) == 1.0


def test_labels_are_right_where_they_are_the_most_probable():
    outputs = torch.eye(5)[torch.tensor([[0, 3, 4, 2], [2, 0, 0, 0]])]
    assert accuracy(outputs, wanted_labels(), NAN) == 3 / 4


def test_outputs_that_are_not_numbers_are_not_right():
    wanted = np.ones((1, 3, 1), np.float32)
    outputs = torch.tensor([[[NAN], [math.inf], [1.0]]])
    assert accuracy(outputs, torch.from_numpy(wanted), 0.1) == pytest.approx(1 / 3)
