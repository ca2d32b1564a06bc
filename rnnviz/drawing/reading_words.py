"""What was read, wanted and said at one token, in words for the pointer."""

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import Reading
from rnnviz.drawing.items import visible_token

NAMED = 4  # numbers that are named one by one


def reading_in_words(reading: Reading, losses: Array, token: int) -> str:
    """Three lines at most: what was read and came, what was guessed, the loss."""
    read, target = read_in_words(reading, token), reading.targets[token]
    if target is None:
        return f"token {token}: read {read}, nothing to predict here"
    if reading.given is not None and reading.wanted is not None:
        said = "\n".join(numbers_said(reading, token, NAMED))
        return f"token {token}: read {read}\n{said}\nloss {losses[token]:.3g} (squared error)"
    row = np.empty(0) if reading.probabilities is None else reading.probabilities[token]
    best = ", ".join(f"{visible_token(reading.vocabulary[index])} {row[index]:.0%}" for index in np.argsort(-row)[:3])
    came = visible_token(target)
    return f"token {token}: read {read}, then came {came}\nguesses {best}\nloss {losses[token]:.3f} nats"


def read_in_words(reading: Reading, token: int) -> str:
    """A label, or numbers by name."""
    if reading.values is None:
        return visible_token(reading.tokens[token])
    row = reading.values[token]
    if len(row) > NAMED:
        return f"{len(row)} numbers, {signed(row.min())} … {signed(row.max())}"
    return ", ".join(f"{name} {signed(value)}" for name, value in zip(reading.channels, row, strict=True))


def numbers_said(reading: Reading, token: int, most: int) -> list[str]:
    """“sum: predicted 0.53, wanted 0.61 (error 0.08)” for each number that is wanted, the ``most`` wrongest of them."""
    if reading.given is None or reading.wanted is None:
        return []
    return [
        number_said(reading.outputs[place], float(reading.given[token, place]), float(reading.wanted[token, place]))
        for place in wrongest(reading, token)[:most]
    ]


def number_said(name: str, given: float, wanted: float) -> str:
    """“sum: predicted 0.53, wanted 0.61 (error 0.08)”; nothing before it without a name."""
    said = f"predicted {signed(given)}, wanted {signed(wanted)} (error {abs(given - wanted):.2g})"
    return f"{name}: {said}" if name else said


def wrongest(reading: Reading, token: int) -> list[int]:
    """Places of the numbers that are wanted at ``token``: as they stand if they are few, else the wrongest first."""
    if reading.given is None or reading.wanted is None:
        return []
    errors = np.abs(reading.given[token] - reading.wanted[token])
    known = np.flatnonzero(~np.isnan(reading.wanted[token]))
    if len(known) <= NAMED:
        return [*map(int, known)]
    return [*map(int, known[np.argsort(-errors[known], kind="stable")])]


def signed(value: float) -> str:
    """Three digits, with a minus that is one."""
    return f"{value:.3g}".replace("-", "−")
