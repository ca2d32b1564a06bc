"""Copies of layers that stay as they are while the originals go on training."""

import copy
from dataclasses import replace

import torch
from torch import nn

from rnnviz.tracing.layer import Layer


def copied(stack: list[list[Layer]], *, gain: float = 1.0, double: bool = False) -> list[list[Layer]]:
    """Layers with weights of their own, W_hh multiplied by ``gain``, in float64 if ``double``; biases as they are."""
    return [[_copied(layer, gain, double=double) for layer in depth] for depth in stack]


def _copied(layer: Layer, gain: float, *, double: bool) -> Layer:
    module, *decoder = (_own(module, gain, double=double) for module in layer.modules)
    return replace(layer, module=module, decoder=decoder[0] if decoder else None)


def _own(module: nn.Module, gain: float, *, double: bool) -> nn.Module:
    own = copy.deepcopy(module).requires_grad_(False)
    if double:
        own = own.double()
    with torch.no_grad():
        own.get_parameter("weight_hh_l0").mul_(gain)
    return own
