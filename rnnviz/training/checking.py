"""The self-check of the newest update: its weight gradient, rebuilt from states and gates."""

import torch

from rnnviz.domain.trace import SelfCheck
from rnnviz.networks import Network
from rnnviz.tracing.self_check import Beside, rebuilt_error
from rnnviz.training.batch_read import direct_gradient, in_time, stack_that_read, writes_at
from rnnviz.training.dropout import masks_from
from rnnviz.training.newest import Newest
from rnnviz.training.parameter_row import ParameterRow


def check(newest: Newest, before: Network, row: ParameterRow) -> SelfCheck:
    """Compare with the gradient that was used, with the outputs dropped that were dropped in it.

    ``before``: the network that it was taken of.
    """
    inputs, targets, initial, dropout, ends = newest.read
    writes = writes_at(before, targets)
    stack = stack_that_read(before, newest.read, writes)
    masks = masks_from(dropout, newest.config, (inputs.shape[0], inputs.shape[1]))
    with torch.no_grad():
        x = before.embedding(inputs).transpose(0, 1).contiguous()
        top = before(inputs, initial, masks, writes, ends).top
    direct = direct_gradient(before, top, targets)
    names = {parameter: name for name, parameter in before.named_parameters()}
    weights = [module.get_parameter("weight_hh_l0") for module in before.recurrent]
    used = [row.part(newest.gradient, names[weight]).view_as(weight) for weight in weights]
    beside = Beside(initial, in_time(masks))
    error = rebuilt_error(stack, x, direct.transpose(0, 1).contiguous(), used, beside)
    return SelfCheck(newest.update, error)
