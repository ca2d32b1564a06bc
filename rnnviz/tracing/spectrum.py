"""Why gradients vanish or explode: the one-token Jacobians of a sequence and what is behind them, in slices."""

from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis import causes
from rnnviz.analysis.diagnosis import sentences
from rnnviz.analysis.spectrum import JacobianProduct, LyapunovExponents, spectrum_tokens
from rnnviz.cells.cell import Cell
from rnnviz.domain.arrays import Array, log10_norms
from rnnviz.domain.spectrum import LayerSpectrum, Spectrum
from rnnviz.tracing.copies import copied
from rnnviz.tracing.layer import Layer
from rnnviz.tracing.losses import AskedLosses, Loss
from rnnviz.tracing.passes import LayerPass
from rnnviz.tracing.stack import LayerBack, LayerRun, run_backward, run_forward
from rnnviz.tracing.study import Study, Subject
from rnnviz.tracing.trace import zero_states

SLICE_NUMBERS = 40_000_000  # multiplications of one slice: about 10 ms
CALLING = 500_000  # what calling numpy for one token costs, in multiplications


class SpectrumStudy(Study[Spectrum]):
    """`Spectrum` of one sequence, in slices of about 10 ms while S³ allows.

    ``gain`` multiplies W_hh of the copy that is looked at; its biases stay.

    What fills the sequence up is left out. Everything but the loss is computed in float64: a gradient that float32
    would round to 0 is still a number.
    """

    def __init__(self, subject: Subject, *, gain: float = 1.0) -> None:
        subject = subject.own_tokens()
        own = copied(subject.stack, gain=gain, double=True)
        given = zero_states(own, 1) if subject.initial is None else subject.initial
        states = [tuple(part.to(torch.float64, copy=True) for part in state) for state in given]
        self._runs, top = run_forward(own, subject.x.detach()[:, None].to(torch.float64, copy=True), states)
        self._direct = _three_losses(subject.loss, top[:, 0].to(subject.x.dtype), local=subject.local)
        self._gain, self._update = gain, subject.update
        super().__init__(self._work())

    def _work(self) -> Generator[None, None, Spectrum]:
        backs = [back for depth in run_backward(self._runs, self._direct) for back in depth]
        runs = [run for depth in self._runs for run in depth]
        yield
        layers = []
        for run, back in zip(runs, backs, strict=True):
            layers.append((yield from _layer_spectrum(run, back)))
        return Spectrum(
            layers=tuple(layers),
            log10_hidden_grads=tuple(log10_norms(back.gradients.hidden[:, 0]) for back in backs),
            gain=self._gain,
            update=self._update,
            reading=sentences(layers[-len(self._runs[-1])], attended=bool(self._direct[:-1, 1].any())),
        )


def _three_losses(loss: Loss, top: Tensor, *, local: bool) -> Array:
    """Right-hand sides (T, 3, D') in float64: the sum of all losses, the last token's, and the first token's."""
    asked = AskedLosses(loss, top, local=local)
    last, first = (asked.rows(np.array([token])).block(0, 1) for token in (len(top) - 1, 0))
    return np.concatenate([asked.total(), last, first], axis=1).astype(np.float64)


def _layer_spectrum(run: LayerRun, back: LayerBack) -> Generator[None, None, LayerSpectrum]:
    cell, done = run.layer.cell, run.done
    forward = run.layer.direction == "forward"
    turn = slice(None, None, 1 if forward else -1)  # between reading order and the layer's own
    products = yield from _products(done, len(run.hidden))
    lyapunov = yield from _lyapunov(done, len(run.hidden))
    blocks = yield from _blocks(run.layer)
    values = {gate.name: (done.gates[gate.name][:, 0], gate.activation) for gate in cell.gates}
    carried = cell.carried(done.gates)
    candidates = [values[gate.name] for gate in cell.gates if gate.signed]
    states = (run.hidden[turn, 0], cell.activation)
    gradients = log10_norms(back.gradients.hidden[turn, 1 if forward else 2])
    chosen = products.tokens if forward else len(run.hidden) - 1 - products.tokens
    return LayerSpectrum(
        cell=cell.name,
        layer=run.layer.index,
        direction=run.layer.direction,
        log10_norm=products.log10_norm[turn],
        log10_mean=products.log10_mean[turn],
        spectrum_tokens=chosen[turn],
        log10_singular=products.log10_singular[turn],
        lyapunov=lyapunov,
        factors=causes.factors(gradients)[turn],
        slope=causes.slope(gradients),
        mean_slope=causes.mean_slope(*(candidates or [states])[0]),
        saturation={name: causes.saturation(*found) for name, found in (values or {"hidden": states}).items()},
        carry=None if carried is None else causes.carry(carried[:, 0])[turn],
        eigenvalues={name: block.eigenvalues for name, block in blocks.items()},
        radius={name: float(np.abs(block.eigenvalues).max()) for name, block in blocks.items()},
        sigma_max={name: block.sigma_max for name, block in blocks.items()},
    )


class _Products(NamedTuple):
    """Of P_t at every token, in the layer's own order."""

    log10_norm: Array  # (T,)
    log10_mean: Array  # (T,)
    tokens: Array  # (K,)
    log10_singular: Array  # (K, S)


def _products(done: LayerPass, tokens: int) -> Generator[None, None, _Products]:
    chosen = spectrum_tokens(tokens)
    norms, means, singular, spent = np.zeros(tokens), np.zeros(tokens), {}, 0
    product: JacobianProduct | None = None
    for token in reversed(range(tokens)):
        jacobian = done.jacobians(token, token + 1)[0, 0]
        product = product or JacobianProduct(len(jacobian))
        norms[token], means[token] = product.log10_norm(), product.log10_mean()
        if token in chosen:
            singular[token] = product.log10_singular()
        product.prepend(jacobian)
        spent += _cost(len(jacobian)) * (10 if token in chosen else 1)
        if spent >= SLICE_NUMBERS:
            spent = 0
            yield
    return _Products(norms, means, chosen, np.stack([singular[token] for token in chosen]))


def _lyapunov(done: LayerPass, tokens: int) -> Generator[None, None, Array]:
    found: LyapunovExponents | None = None
    spent = 0
    for token in range(tokens):
        jacobian = done.jacobians(token, token + 1)[0, 0]
        found = found or LyapunovExponents(len(jacobian))
        found.append(jacobian)
        spent += _cost(len(jacobian))
        if spent >= SLICE_NUMBERS:
            spent = 0
            yield
    return found.exponents() if found else np.empty(0)


def _cost(size: int) -> int:
    """Numbers multiplied for one token, and what calling costs at any size."""
    return size**3 + CALLING


class _Block(NamedTuple):
    """Of one gate's share of W_hh."""

    eigenvalues: Array
    sigma_max: float


def _blocks(layer: Layer) -> Generator[None, None, dict[str, _Block]]:
    found = {}
    for place, some in enumerate(layer.stretches(layer.written_from + 1)):
        blocks = np.split(some.weights.w_hh.numpy(), layer.cell.blocks)
        for name, block in zip(_block_names(layer.cell), blocks, strict=True):
            found[f"{name}, writing" if place else name] = _Block(causes.eigenvalues(block), causes.sigma_max(block))
            yield
    return found


def _block_names(cell: Cell) -> list[str]:
    if len(cell.gates) == cell.blocks:
        return [gate.name for gate in cell.gates]
    return ["W_hh"] if cell.blocks == 1 else [f"block {index}" for index in range(cell.blocks)]
