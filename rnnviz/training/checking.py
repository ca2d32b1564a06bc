"""The self-check of the newest update: its weight gradient, rebuilt from states and gates."""

import torch

from rnnviz.domain.trace import SelfCheck
from rnnviz.networks import Network
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.self_check import rebuilt_error
from rnnviz.training.newest import Newest
from rnnviz.training.parameter_row import ParameterRow
from rnnviz.training.scoring import logit_gradient


def check(newest: Newest, before: Network, stack: list[list[Layer]], row: ParameterRow) -> SelfCheck:
    """Compare with the gradient that was used; ``before``: the network that it was taken of, ``stack``: its layers."""
    with torch.no_grad():
        x = before.embedding(newest.inputs).transpose(0, 1).contiguous()
        logits, _ = before(newest.inputs)
        direct = logit_gradient(logits, newest.targets) @ before.readout.weight
    used = [
        row.part(newest.gradient, f"layers.{depth}.weight_hh_l0").view_as(layer.get_parameter("weight_hh_l0"))
        for depth, layer in enumerate(before.layers)
    ]
    return SelfCheck(newest.update, rebuilt_error(stack, x, direct.transpose(0, 1).contiguous(), used))
