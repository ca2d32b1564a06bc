"""Copies of layers that stay as they are while the originals go on training."""

import copy

import torch

from rnnviz.tracing.layer import Layer


def copied(stack: list[list[Layer]], *, gain: float = 1.0, double: bool = False) -> list[list[Layer]]:
    """Layers with weights of their own, W_hh multiplied by ``gain``, in float64 if ``double``; biases as they are."""
    return [[_copied(layer, gain, double=double) for layer in depth] for depth in stack]


def _copied(layer: Layer, gain: float, *, double: bool) -> Layer:
    module = copy.deepcopy(layer.module).requires_grad_(False)
    if double:
        module = module.double()
    with torch.no_grad():
        module.get_parameter("weight_hh_l0").mul_(gain)
    return Layer(layer.cell, module, layer.index, layer.direction)
