"""The loss and the share of right predictions, over the tokens that have a target.

``outputs`` of the read-out (…, V) are logits where ``targets`` are labels (…), int64: cross-entropy in nats. Where
targets are numbers (…, O), float, they are predictions themselves: squared error, mean over the numbers of a token.
NO_TARGET and NaN stand for nothing to predict.
"""

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.tasks.task import NO_TARGET


def mean_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of the tokens that have a target; NaN for none."""
    if targets.is_floating_point():
        return token_losses(outputs, targets).sum() / _known_tokens(targets).sum()
    return nn.functional.cross_entropy(*_in_rows(outputs, targets), ignore_index=NO_TARGET)


def token_losses(outputs: Tensor, targets: Tensor) -> Tensor:
    """Loss at every token (…), 0 where there is no target."""
    if targets.is_floating_point():
        known = ~targets.isnan()
        return _errors(outputs, targets, known).square().sum(-1) / known.sum(-1).clamp(min=1)
    flat = nn.functional.cross_entropy(
        outputs.flatten(0, -2), targets.flatten(), ignore_index=NO_TARGET, reduction="none"
    )
    return flat.view_as(targets)


def accuracy(outputs: Tensor, targets: Tensor, tolerance: float) -> float:
    """Share of right predictions.

    Of labels: tokens with a target at which the most probable prediction is the right one. Of numbers: those that are
    predicted with an error of at most ``tolerance``.
    """
    # numpy's argmax takes a third of the time of torch's; it never is NO_TARGET.
    if targets.is_floating_point():
        wanted, given = targets.numpy(), outputs.detach().numpy()
        return float(np.count_nonzero(np.abs(given - wanted) <= tolerance) / np.count_nonzero(~np.isnan(wanted)))
    given, wanted = (rows.numpy() for rows in _in_rows(outputs.detach(), targets))
    return float(np.count_nonzero(given.argmax(-1) == wanted) / np.count_nonzero(wanted != NO_TARGET))


def logit_gradient(outputs: Tensor, targets: Tensor) -> Tensor:
    """d(mean loss)/d(outputs), 0 where there is no target.

    (softmax − one-hot) / (number of tokens with a target), or 2 · error / (numbers of the token · number of tokens).
    """
    tokens = _known_tokens(targets)
    if targets.is_floating_point():
        known = ~targets.isnan()
        return 2 * _errors(outputs, targets, known) / known.sum(-1, keepdim=True).clamp(min=1) / tokens.sum()
    wrong = outputs.softmax(-1) - nn.functional.one_hot(targets.clamp(min=0), outputs.shape[-1])
    return wrong * (tokens / tokens.sum())[..., None]


def _in_rows(outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """All tokens (N, V) and (N,), in the order in which the outputs lie in memory: to copy them takes time."""
    if outputs.ndim > 2 and outputs.transpose(0, 1).is_contiguous():  # a batch
        outputs, targets = outputs.transpose(0, 1), targets.transpose(0, 1)
    return outputs.flatten(0, -2), targets.flatten()


def _known_tokens(targets: Tensor) -> Tensor:
    return (~targets.isnan()).any(-1) if targets.is_floating_point() else targets != NO_TARGET


def _errors(outputs: Tensor, targets: Tensor, known: Tensor) -> Tensor:
    # Selected before the difference is squared: NaN times 0 would be NaN in the gradient.
    return torch.where(known, outputs - targets, torch.zeros_like(outputs))
