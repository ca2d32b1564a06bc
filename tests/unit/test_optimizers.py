"""The optimisers against torch's classes of the same names."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from rnnviz.training.optimizers import OPTIMIZERS

REFERENCES = {
    "sgd": lambda weights: torch.optim.SGD([weights], lr=0.1, fused=True),
    "rmsprop": lambda weights: torch.optim.RMSprop([weights], lr=0.1, foreach=True),
    "adam": lambda weights: torch.optim.Adam([weights], lr=0.1, fused=True),
}
FIRST_UPDATE = """
import sys
from rnnviz import RunConfig, Trainer
for optimizer in ("sgd", "rmsprop", "adam"):
    trainer = Trainer(RunConfig(hidden=2, optimizer=optimizer))
    list(trainer.updates(2))
    trainer.trace()
assert "torch._dynamo" not in sys.modules
"""


def row(values):
    weights = nn.Parameter(values.clone())
    weights.grad = torch.zeros_like(values)
    return weights


def both(name):
    """Ours and torch's, each of weights of its own, and gradients of very different sizes for twenty steps."""
    generator = torch.Generator().manual_seed(3)
    start = torch.randn(50, generator=generator)
    ours, theirs = row(start), row(start)
    gradients = [torch.randn(50, generator=generator) * 10.0 ** (3 * (step % 3) - 3) for step in range(20)]
    return (OPTIMIZERS[name](ours, 0.1), ours), (REFERENCES[name](theirs), theirs), gradients


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_step_is_that_of_torch_bit_for_bit(name):
    (mine, ours), (reference, theirs), gradients = both(name)
    for gradient in gradients:
        ours.grad.copy_(gradient)
        theirs.grad.copy_(gradient)
        mine.step()
        reference.step()
        assert torch.equal(ours, theirs)
    kept = reference.state[theirs]
    assert {name: value for name, value in kept.items() if value is not None}.keys() == mine.memory.keys()
    assert all(torch.equal(value, kept[name]) for name, value in mine.memory.items())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser_reminded_of_what_another_remembers_goes_on_as_that_one(name):
    (first, ours), _, gradients = both(name)
    second, others = None, None
    for step, gradient in enumerate(gradients):
        if step == 7:
            others = row(ours.detach())
            second = OPTIMIZERS[name](others, 0.1)
            second.remind({name: part.numpy().copy() for name, part in reversed(first.memory.items())})
        for optimizer, weights in ((first, ours), (second, others)):
            if optimizer is not None:
                weights.grad.copy_(gradient)
                optimizer.step()
    assert torch.equal(ours, others)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rate_that_changes_holds_from_the_next_step_on(name):
    (mine, ours), (reference, theirs), gradients = both(name)
    for step, gradient in enumerate(gradients):
        mine.rate = reference.param_groups[0]["lr"] = 0.1 / (1 + step)
        ours.grad.copy_(gradient)
        theirs.grad.copy_(gradient)
        mine.step()
        reference.step()
    assert torch.equal(ours, theirs)


def test_weights_without_a_gradient_are_refused():
    with pytest.raises(ValueError, match="no gradient, expected one"):
        OPTIMIZERS["adam"](nn.Parameter(torch.zeros(3)), 0.1).step()


def test_training_begins_without_torch_s_compiler():
    """It takes longer to import than all the rest."""
    subprocess.run([sys.executable, "-c", FIRST_UPDATE], check=True)  # noqa: S603  # our own words
