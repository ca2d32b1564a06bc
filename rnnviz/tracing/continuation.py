"""A network that goes on by itself, in slices: what it has just said is what it reads next."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.chances import chances, drawn, entropy, lots
from rnnviz.analysis.horizons import root_mean_squares, squared_errors
from rnnviz.cells.cell import State
from rnnviz.domain.arrays import Array
from rnnviz.domain.continuation import Forecast, GoingOn, Sampled, States

States_ = Sequence[State] | None  # a state for each layer, (B, H) each; None: zeros
Reader = Callable[[Tensor, States_], tuple[Tensor, Sequence[State]]]  # (B, T) or (B, T, D) → outputs (B, T, ·), states
Rule = Callable[[Array, int, int], Array]  # series (T, D), origin, steps → (steps, D)

ALTERNATIVES = 5
SLICE = 8  # tokens; of a small network about 1.5 ms


@dataclass(frozen=True)
class Beginning:
    """A network and what it reads before it goes on. The network must not change any more."""

    read: Reader
    inputs: Tensor  # (P,) indices, or (P, D) numbers
    initial: States_ = None
    slice_: int = SLICE  # tokens that are read between two pauses


@torch.no_grad()
def sampling(
    begin: Beginning, vocabulary: tuple[str, ...], length: int, how: GoingOn, update: int | None = None
) -> Generator[None, None, Sampled]:
    """Draw ``length`` labels behind the beginning, each read at once.

    The lot that decides a token depends on the seed and its place alone: whoever goes on from a token that was drawn
    draws the same ones again.
    """
    start = len(begin.inputs)
    outputs, states = begin.read(begin.inputs[None], begin.initial)
    draws: list[_Draw] = []
    for lot in lots(how.seed, start + length)[start:]:
        logits = outputs[0, -1].numpy()
        if not np.isfinite(logits).all():
            break
        sharpened = chances(logits, how.temperature)
        draws.append(_Draw(drawn(sharpened, lot), chances(logits), sharpened))
        if len(draws) < length:
            outputs, states = begin.read(torch.tensor([[draws[-1].code]]), states)
        if len(draws) % begin.slice_ == 0:
            yield
    prefix = tuple(vocabulary[code] for code in begin.inputs.tolist())
    marks: dict[str, Any] = {
        "how": how,
        "initial": as_arrays(begin.initial),
        "update": update,
        "broken": len(draws) < length,
    }
    return Sampled(prefix=prefix, **_columns(draws, vocabulary), **marks)


class _Draw(NamedTuple):
    """One label that was drawn."""

    code: int
    own: Array  # (V,) probabilities
    sharpened: Array  # (V,) those at the temperature


def _columns(draws: list[_Draw], vocabulary: tuple[str, ...]) -> dict[str, Any]:
    """What `Sampled` keeps of every label."""
    most = min(ALTERNATIVES, len(vocabulary))
    orders = [np.argsort(-draw.own, kind="stable")[:most] for draw in draws]
    others = [draw.own[order] for draw, order in zip(draws, orders, strict=True)]
    return {
        "drawn": tuple(vocabulary[draw.code] for draw in draws),
        "chances": np.array([draw.own[draw.code] for draw in draws]),
        "drawn_at": np.array([draw.sharpened[draw.code] for draw in draws]),
        "entropy": np.array([entropy(draw.sharpened) for draw in draws]),
        "others": tuple(tuple(vocabulary[place] for place in order) for order in orders),
        "other_chances": np.array(others).reshape(len(draws), most),
    }


@dataclass(frozen=True)
class Series:
    """A displayed series and what a forecast of it is compared with."""

    known: Array  # (T + 1, D): the T tokens that are read, and what came after the last
    asked: Array  # (T + 1,) whether a number counts, which those of the training part do not
    rules: Mapping[str, Rule]
    names: tuple[str, ...] = ()


@torch.no_grad()
def forecasting(
    begin: Beginning, series: Series, how: GoingOn, update: int | None = None
) -> Generator[None, None, Forecast]:
    """Go on behind the token ``how.after``, and for the errors behind every token of the second half.

    Behind the first token, where a cursor stands that nobody has moved, nothing is known yet: there the forecast begins
    so early that its last step is the last number known.
    ``begin.inputs`` (T, D) are all tokens that are displayed.
    """
    tokens, ahead = len(begin.inputs), how.ahead
    origin = min(how.after, tokens - 1) or max(tokens - ahead, 0)
    origins = np.arange(tokens // 2, tokens)
    outputs, states = yield from _every_token(begin)
    behind = torch.tensor([origin, *origins])
    said = yield from _ahead(begin.read, outputs[behind], _picked(states, behind), ahead)
    errors = squared_errors(series.known, series.asked, origins, said[1:])
    rules = {
        name: _by_rule(rule, series.known, [origin, *origins.tolist()], ahead) for name, rule in series.rules.items()
    }
    ruled = {name: squared_errors(series.known, series.asked, origins, rows[1:]) for name, rows in rules.items()}
    # A comparison is fair only behind the same tokens.
    common = np.all([np.isfinite(row) for row in ruled.values()], axis=0) if ruled else np.full(errors.shape, True)
    count = (common & ~np.isnan(errors)).sum(axis=0)
    return Forecast(
        known=series.known,
        origin=origin,
        given=said[0],
        rules={name: rows[0] for name, rows in rules.items()},
        errors=root_mean_squares(np.where(common, errors, np.nan)),
        rule_errors={name: root_mean_squares(np.where(common, rows, np.nan)) for name, rows in ruled.items()},
        origins=count,
        how=how,
        names=series.names,
        update=update,
    )


def _every_token(begin: Beginning) -> Generator[None, None, tuple[Tensor, list[list[Tensor]]]]:
    """Read token by token: outputs (T, O), and of every layer the parts of its states, (T, H) each."""
    outputs: list[Tensor] = []
    states: list[Sequence[State]] = []
    last: States_ = begin.initial
    for count, token in enumerate(begin.inputs, start=1):
        output, last = begin.read(token[None, None], last)
        outputs.append(output[0, 0])
        states.append(last)
        if count % begin.slice_ == 0:
            yield
    layers = range(len(states[0]))
    parts = [[torch.cat([state[k][p] for state in states]) for p in range(len(states[0][k]))] for k in layers]
    return torch.stack(outputs), parts


def _picked(parts: list[list[Tensor]], places: Tensor) -> list[State]:
    return [tuple(part[places] for part in layer) for layer in parts]


def _ahead(read: Reader, first: Tensor, states: Sequence[State], ahead: int) -> Generator[None, None, Array]:
    """What is said from ``first`` (O, D) on, (O, ahead, D)."""
    said = [first]
    for _ in range(ahead - 1):
        outputs, states = read(said[-1][:, None], states)
        said.append(outputs[:, 0])
        yield
    return torch.stack(said, 1).numpy()


def _by_rule(rule: Rule, known: Array, origins: Sequence[int], ahead: int) -> Array:
    return np.stack([rule(known, origin, ahead) for origin in origins])


def as_arrays(states: States_) -> States | None:
    """States of one sequence, (1, H) each, as arrays (H,)."""
    return None if states is None else tuple(tuple(part[0].numpy() for part in state) for state in states)


def as_states(arrays: States | None) -> list[State] | None:
    """The reverse."""
    return (
        None if arrays is None else [tuple(torch.from_numpy(part.copy())[None] for part in state) for state in arrays]
    )
