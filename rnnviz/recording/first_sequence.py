"""The first sequence of what a recurrent module reads and gives: padded, packed or alone."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

Pick = Callable[[Tensor], Tensor]  # what holds a whole batch → the first sequence, off the graph and of its own


def picker(given: Tensor | PackedSequence, *, batch_first: bool) -> Pick:
    """How the first sequence (T, ·) is taken out of tensors laid out as ``given``, or as its ``data``."""
    if isinstance(given, PackedSequence):
        rows = _packed_rows(given)
        return lambda tensor: tensor.detach()[rows.to(tensor.device)]
    if given.ndim == 2:
        return lambda tensor: tensor.detach().clone()
    return lambda tensor: tensor.detach()[0 if batch_first else slice(None), slice(None) if batch_first else 0].clone()


def data_of(given: Tensor | PackedSequence) -> Tensor:
    """The tensor behind a packed sequence, or the tensor itself."""
    return given.data if isinstance(given, PackedSequence) else given


def first_state(state: Tensor) -> Tensor:
    """(layers·directions, B, H) or (layers·directions, H) → (layers·directions, H) of the first sequence."""
    state = state.detach()
    return (state[:, 0] if state.ndim == 3 else state).clone()


def first_row(step: Tensor) -> Tensor:
    """(B, ·) or (·,) of one token → (·,) of the first sequence."""
    step = step.detach()
    return (step[0] if step.ndim == 2 else step).clone()


def states_of(given: Any) -> tuple[Tensor, ...]:
    """H, or h and c, of what torch's modules take and give as a state; empty for None."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _packed_rows(packed: PackedSequence) -> Tensor:
    """Where the first sequence of the batch, in the order that the user gave it in, lies in ``packed.data``."""
    sizes = packed.batch_sizes
    place = 0 if packed.unsorted_indices is None else int(packed.unsorted_indices[0])
    starts = torch.cumsum(sizes, 0) - sizes
    return (starts + place)[sizes > place]
