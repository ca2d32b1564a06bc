"""Reading sequences of numbers with their answers from `.npy` and `.npz` files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.arrays import read_arrays
from rnnviz.files.errors import BadFileError

INPUTS = ("", "x", "inputs", "data", "sequences", "arr_0")  # names under which they are looked for
ANSWERS = ("y", "targets", "labels", "target", "label", "arr_1")
LENGTHS = ("lengths", "length", "lens")
MOST_TOKENS, MOST_CHANNELS = 2000, 4096


class Examples(NamedTuple):
    """N sequences, some of them filled up at the end."""

    inputs: Array  # (N, T, D) float64; what fills up is 0
    lengths: Array  # (N,) int64, tokens that count
    answers: Array | None  # (N,) or (N, T) int64 labels; (N, O) or (N, T, O) float64
    note: str  # a clause: shape, where lengths come from


def read_examples(path: Path) -> Examples:
    """Return the sequences in ``path``; raise BadFileError with a sentence where there are none.

    (N, T, D), or (N, T) of one number each, under ``x``; answers under ``y``; how many tokens count under ``lengths``,
    else rows of NaN at the end of a sequence are what fills it up.
    """
    arrays = {name.lower(): array for name, array in read_arrays(path).items()}
    inputs = _named(arrays, INPUTS)
    if inputs is None:
        raise BadFileError(path, f"it has {', '.join(map(repr, arrays))}, expected the sequences under the name 'x'")
    if inputs.ndim not in (2, 3) or not inputs.size:
        raise BadFileError(path, f"the sequences are {inputs.shape}, expected (N, T, D) or (N, T)")
    wide = inputs.astype(np.float64).reshape(*inputs.shape[:2], -1)
    if wide.shape[1] > MOST_TOKENS or wide.shape[2] > MOST_CHANNELS:
        raise BadFileError(
            path, f"the sequences are {inputs.shape}, expected at most {MOST_TOKENS} tokens of {MOST_CHANNELS} numbers"
        )
    lengths, how = _lengths(path, wide, _named(arrays, LENGTHS))
    padding = np.arange(wide.shape[1]) >= lengths[:, None]
    filled = np.where(padding[..., None], 0.0, wide)
    if not np.isfinite(filled).all():
        sequence, token = np.argwhere(~np.isfinite(filled))[0][:2].tolist()
        raise BadFileError(
            path, f"token {token} of sequence {sequence} is not finite, expected numbers, or NaN at the end"
        )
    note = f"{len(wide):,} sequences of {_range(lengths)} tokens, {wide.shape[2]} numbers each{how}"
    return Examples(filled, lengths, _answers(path, wide.shape, padding, _named(arrays, ANSWERS)), note)


def _named(arrays: dict[str, Array], names: tuple[str, ...]) -> Array | None:
    return next((arrays[name] for name in names if name in arrays), None)


def _lengths(path: Path, inputs: Array, given: Array | None) -> tuple[Array, str]:
    count, longest = inputs.shape[:2]
    if given is None:
        there = np.asarray(~np.isnan(inputs).all(axis=2))
        lengths = longest - np.argmax(there[:, ::-1], axis=1)
        lengths[~there.any(axis=1)] = 0
        how = ", filled up with NaN" if (lengths < longest).any() else ""
    else:
        if given.shape != (count,) or given.dtype.kind not in "iu":
            raise BadFileError(path, f"lengths are {given.shape} of {given.dtype}, expected ({count},) whole numbers")
        lengths, how = given.astype(np.int64), ", with their lengths"
    if lengths.min() < 1 or lengths.max() > longest:
        raise BadFileError(path, f"lengths run from {lengths.min()} to {lengths.max()}, expected 1 to {longest}")
    return lengths, how


def _answers(path: Path, shape: tuple[int, ...], padding: Array, given: Array | None) -> Array | None:
    if given is None:
        return None
    count, tokens = shape[:2]
    labels = given.dtype.kind in "iub"
    per_token = given.shape[:2] == (count, tokens) and given.ndim == 3 - labels
    if not per_token and not (given.shape[:1] == (count,) and given.ndim in ((1,) if labels else (1, 2))):
        raise BadFileError(
            path,
            f"the answers are {given.shape} of {given.dtype}, expected {(count,)} labels or numbers, or one a token",
        )
    wide = given.astype(np.int64 if labels else np.float64)
    if labels and wide.min() < 0:
        raise BadFileError(path, f"a label is {wide.min()}, expected 0, 1, 2 and so on")
    wide = wide[:, None] if not labels and wide.ndim == 1 else wide
    known = wide[~padding] if per_token else wide
    if not labels and not np.isfinite(known).all():
        raise BadFileError(path, "an answer is not finite, expected numbers")
    return wide


def _range(lengths: Array) -> str:
    low, high = int(lengths.min()), int(lengths.max())
    return f"{low}" if low == high else f"{low} to {high}"
