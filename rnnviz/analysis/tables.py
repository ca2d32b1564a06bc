"""What views show, as tables: the same arrays, unrounded, with names and units."""

from collections.abc import Mapping

import numpy as np

from rnnviz.analysis.flow import direct_name
from rnnviz.analysis.live_values import live_values
from rnnviz.analysis.memory import mean_by_lag, nearest_row, row_by_lag
from rnnviz.analysis.products import carry_range, realised
from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.arrays import Array
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.influence import Influence
from rnnviz.domain.spectrum import LayerSpectrum
from rnnviz.domain.table import Column, Table, counted, side_by_side, wide
from rnnviz.domain.trace import LayerTrace, Reading, Trace

LOG10 = "log10"  # the unit of what is drawn on a log scale: powers of ten would overflow


def token_columns(trace: Trace) -> tuple[Column, ...]:
    """Number of each token, what was read, what came, what was guessed, and the loss."""
    columns = [counted("token", trace.tokens)]
    reading = trace.reading
    if reading is not None:
        columns += [
            Column("read", "", reading.tokens),
            Column("came", "", reading.targets),
            Column("guessed", "", reading.predictions),
            *_said(reading),
        ]
    if trace.losses is not None:
        columns.append(Column(*_what_losses_are(reading), trace.losses))
    return tuple(columns)


def _what_losses_are(reading: Reading | None) -> tuple[str, str]:
    """Name and unit. Where nothing is asked, L is a scalar of the states that somebody chose."""
    if reading is None or all(target is None for target in reading.targets):
        return "part of L", "1"
    return "loss", "nats" if reading.given is None else "MSE"


def _said(reading: Reading) -> list[Column]:
    """Numbers that were read, wanted and predicted, or the probability of what came."""
    columns: list[Column] = []
    if reading.values is not None:
        columns += wide("read", "1", reading.values, reading.channels)
    if reading.wanted is not None and reading.given is not None:
        columns += wide("wanted", "1", reading.wanted, reading.outputs)
        columns += wide("predicted", "1", reading.given, reading.outputs)
    if reading.probabilities is not None:
        columns.append(Column("probability of what came", "1", _of_what_came(reading, reading.probabilities)))
    return columns


def _of_what_came(reading: Reading, probabilities: Array) -> Array:
    places = {label: place for place, label in enumerate(reading.vocabulary)}
    rows = zip(probabilities, reading.targets, strict=True)
    return np.array([np.nan if target is None else row[places[target]] for row, target in rows])


def unfolded(title: str, trace: Trace) -> Table:
    """Tokens, and of every layer the gradient that reaches each."""
    gradients = [
        Column(f"‖∂L/∂h‖₂ {layer.name}", LOG10, layer.log10_hidden_grads)
        for layer in trace.layers
        if layer.hidden_grads is not None
    ]
    return Table(title, (*token_columns(trace), *gradients))


def units(title: str, letter: str, values: Array) -> Table:
    """``values`` (T, H): a row a token, a column a unit."""
    return Table(title, (counted("token", len(values)), *wide(letter, "1", values)))


def gates(title: str, layer: LayerTrace, sign: str = "") -> Table:
    """Every gate, a row a token, a column a unit; ``sign`` stands before the names, “Δ” for what changed of them."""
    columns = (column for name, values in layer.gates.items() for column in wide(f"{sign}{name}", "1", values))
    return Table(title, (counted("token", len(layer.hidden)), *columns))


def gradients(title: str, trace: Trace, layer: LayerTrace) -> Table:
    """The norms of the total gradient, the direct part, and that of the loss which is read last, in one ``layer``."""
    if layer.hidden_grads is None:
        return Table(title)
    last = "last loss" if layer.direction == "forward" else "loss of token 0"
    return Table(
        title,
        (
            counted("token", len(layer.hidden)),
            Column("‖∂L/∂h‖₂ total", LOG10, layer.log10_hidden_grads),
            Column(f"‖∂L/∂h‖₂ {direct_name(trace, layer)}", LOG10, layer.log10_hidden_grads_direct),
            Column(f"‖∂L/∂h‖₂ {last}", LOG10, layer.log10_hidden_grads_end),
        ),
    )


def influence_matrix(title: str, influence: Influence, layer: int) -> Table:
    """A row a loss token, a column a state token."""
    norms = influence.log10_norms[layer]
    rows = Column("loss token", "1", influence.loss_tokens)
    return Table(title, (rows, *wide("‖∂ℓ/∂h‖₂ state", LOG10, norms)))


def influence_row(title: str, influence: Influence, layer: int, token: int) -> Table:
    """The row of the loss token nearest to ``token``."""
    row = nearest_row(influence, token)
    name = f"‖∂ℓ/∂h‖₂ loss of token {int(influence.loss_tokens[row])}"
    return Table(title, (counted("token", influence.tokens), Column(name, LOG10, influence.log10_norms[layer][row])))


def by_lag(title: str, influence: Influence, layer: int, token: int) -> Table:
    """The mean over all losses and the one nearest to ``token``, over the distance; NaN beyond the sequence's end."""
    row = nearest_row(influence, token)
    mean, own = mean_by_lag(influence, layer), row_by_lag(influence, layer, row)
    padded = np.full(len(mean), np.nan)
    padded[: len(own)] = own
    return Table(
        title,
        (
            Column("tokens back", "tokens", np.arange(len(mean))),
            Column("‖∂ℓ/∂h‖₂ mean of all losses", LOG10, mean),
            Column(f"‖∂ℓ/∂h‖₂ loss of token {int(influence.loss_tokens[row])}", LOG10, padded),
        ),
    )


def products(title: str, layer: LayerSpectrum) -> Table:
    """The product of Jacobians from each token to the one that the layer reads last."""
    return Table(
        title,
        (
            counted("token", len(layer.log10_norm)),
            Column("largest singular value", LOG10, layer.log10_norm),
            Column("geometric mean of all", LOG10, layer.log10_mean),
            Column(f"gradient of {layer.end_loss}", LOG10, realised(layer)),
        ),
    )


def eigenvalues(title: str, layer: LayerSpectrum) -> Table:
    """A row an eigenvalue; ρ and the largest stretch of its block beside it."""
    blocks = layer.eigenvalues
    values = np.concatenate(list(blocks.values()))
    names = tuple(name for name, found in blocks.items() for _ in found)
    return Table(
        title,
        (
            Column("block", "", names),
            Column("Re λ", "1", values.real),
            Column("Im λ", "1", values.imag),
            Column("ρ of the block", "1", np.array([layer.radius[name] for name in names])),
            Column("σ_max of the block", "1", np.array([layer.sigma_max[name] for name in names])),
        ),
    )


def saturation(title: str, layer: LayerSpectrum, limits: Mapping[str, tuple[str, str]]) -> Table:
    """A row a unit of a gate; where the cell carries, its path to the token read last is in the columns behind.

    ``limits``: what is low and what is high, in words, by the name of the gate.
    """
    names = tuple(name for name, shares in layer.saturation.items() for _ in shares[0])
    shares = np.concatenate(list(layer.saturation.values()), axis=1)
    units_ = np.concatenate([np.arange(found.shape[1]) for found in layer.saturation.values()])
    dots = Table(
        title,
        (
            Column("gate", "", names),
            Column("unit", "1", units_),
            Column("low", "", tuple(limits[name][0] for name in names)),
            Column("high", "", tuple(limits[name][1] for name in names)),
            Column("share of tokens low", "1", shares[0]),
            Column("share of tokens high", "1", shares[1]),
        ),
    )
    return side_by_side(title, (dots, _carry(title, layer)))


def _carry(title: str, layer: LayerSpectrum) -> Table:
    """The elementwise path from each token to the one read last; nothing for a cell without one."""
    found = carry_range(layer)
    if not found.size:
        return Table(title)
    names = ("smallest", "median", "largest")
    return Table(title, (counted("token", found.shape[1]), *wide(f"carry path to {layer.end}:", LOG10, found.T, names)))


def anatomy(title: str, found: UpdateAnatomy) -> Table:
    """A row a parameter or gate block, the first of all weights together."""
    parts = found.parts
    columns = [Column("parameter", "", ("all weights", *(part.name for part in parts)))]
    columns.append(Column("block", "", ("", *(part.block for part in parts))))
    for name, about in (("raw", "raw gradient"), ("clipped", "clipped gradient"), ("step", "step"), ("weight", "")):
        values = np.array([getattr(found, name), *(getattr(part, name) for part in parts)])
        columns.append(Column(f"‖{about or 'weights'}‖₂", "1", values))
    return Table(title, tuple(columns))


def live(title: str, layer: LayerTrace, cursor: Cursor) -> Table:
    """The numbers of one unit at one token, by the names that formulas use."""
    found = live_values(layer, cursor.token, cursor.unit)
    return Table(title, (Column("quantity", "", tuple(found)), Column("value", "1", np.array(list(found.values())))))


def said(title: str, reading: Reading, token: int) -> Table:
    """What is expected at a token: the probability of every label, or every wanted and predicted number."""
    if reading.probabilities is not None:
        labels = Column("label", "", reading.vocabulary)
        return Table(title, (labels, Column("probability", "1", reading.probabilities[token])))
    if reading.wanted is None or reading.given is None:
        return Table(title)
    names = Column("number", "", reading.outputs)
    wanted, given = Column("wanted", "1", reading.wanted[token]), Column("predicted", "1", reading.given[token])
    return Table(title, (names, wanted, given))
