"""A recorded update as it is shown: its trace, what studies can look at, and what is not in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.domain.trace import LayerTrace, Reading, Trace, numbers_in_words
from rnnviz.files.errors import BadFileError
from rnnviz.recording.about import Facts
from rnnviz.recording.capture import WHOLE, Captured
from rnnviz.recording.rebuild import layers_of, subject_of
from rnnviz.recording.sequence import Assembler, Sequence
from rnnviz.tracing.study import Subject

MOST_CHANNELS = 64  # numbers of a token that are drawn
LONGEST_LABEL = 50
AGREES = 1e-4  # relative difference of outputs that float32 explains


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """``difference``: of the rebuilt outputs from the recorded ones, relative to their largest entry."""

    trace: Trace
    subject: Subject | None
    difference: float
    remark: str  # what is not shown, or not as it was; empty where all is

    @property
    def update(self) -> int:
        """The update that it is of."""
        return self.trace.update or 0


def rebuild(path: Path, facts: Facts, captured: Captured) -> Rebuilt:
    """Put ``captured`` together. Raises BadFileError for what does not fit together."""
    places = sorted({part for part, _ in captured.arrays if part != WHOLE})
    if not places or places[0] < 0 or places[-1] >= len(facts.parts):
        raise BadFileError(
            path, f"the trace of update {captured.update} is of modules that the recording does not name"
        )
    sequences = [Assembler(path, facts.parts[place], captured, place).sequence() for place in places]
    shown = _alike(sequences)
    layers, difference = _layers(shown)
    try:
        reading = _reading(captured, shown[0].x.numpy())
        trace = Trace(layers, reading=reading, update=captured.update, **_around(captured, shown[0]))
    except (ValueError, TypeError, LookupError) as error:
        raise BadFileError(
            path, f"the trace of update {captured.update} does not fit together: {type(error).__name__}: {error}"
        ) from error
    subject = subject_of(shown[0], captured.update) if len(shown) == 1 else None
    return Rebuilt(trace, subject, difference, _remark(sequences, shown, difference))


def _around(captured: Captured, sequence: Sequence) -> dict[str, Any]:
    """What a trace has beside its layers."""
    whole, texts, written = captured.of(WHOLE), captured.reading or {}, (captured.reading or {}).get("written")
    return {
        "losses": whole.get("losses"),
        "attention": whole.get("attention"),
        "decoded_from": sequence.stack[0][0].written_from or None,
        "padding": sequence.padding,
        "carried": texts.get("carried") is True,
        "written": written if type(written) is int else None,
    }


def _alike(sequences: list[Sequence]) -> list[Sequence]:
    """Those that can be drawn above each other: most of one length, of equally many the longer."""
    lengths = [len(sequence.x) for sequence in sequences]
    length = max(lengths, key=lambda length: (lengths.count(length), length))
    return [sequence for sequence in sequences if len(sequence.x) == length]


def _layers(sequences: list[Sequence]) -> tuple[tuple[LayerTrace, ...], float]:
    layers: list[LayerTrace] = []
    differences = []
    for sequence in sequences:
        found, difference = layers_of(sequence)
        depth = 1 + max((layer.layer for layer in layers), default=-1)
        layers += [replace(layer, layer=layer.layer + depth) for layer in found]
        differences.append(difference)
    return tuple(layers), float(np.max(differences))


def _remark(sequences: list[Sequence], shown: list[Sequence], difference: float) -> str:
    said = []
    others = [sequence for sequence in sequences if sequence not in shown]
    if others:
        names = ", ".join(f"{sequence.part.name} ({len(sequence.x)} tokens)" for sequence in others)
        said.append(f"Not shown, as their sequences have another length: {names}; watch(…, layers=[…]) chooses.")
    if not difference <= AGREES and any(sequence.output is not None for sequence in shown):
        dropped = any(sequence.part.dropout for sequence in shown)
        why = "dropout between layers is left out here" if dropped else "it was computed otherwise than these equations"
        said.append(f"The output differs from the one in the training by {difference:.0e} of its largest entry: {why}.")
    return " ".join(said)


def _reading(captured: Captured, x: Array) -> Reading:
    """What is known of the tokens: all of it, labels alone, or the numbers (T, D) that the module read."""
    texts = captured.reading or {}
    if "targets" in texts:
        return _whole_reading(texts, captured.of(WHOLE))
    labels = tuple(str(label)[:LONGEST_LABEL] for label in texts.get("tokens", ()))
    named, drawn = len(labels) == len(x), x.shape[1] <= MOST_CHANNELS
    nothing = np.zeros((len(x), 0), np.float32)
    return Reading(
        tokens=labels if named else tuple(numbers_in_words(row) for row in x),
        targets=(None,) * len(x),
        values=x if drawn and not named else None,
        channels=tuple(f"input {k + 1}" for k in range(x.shape[1])) if drawn and not named else (),
        wanted=nothing,
        given=nothing,
    )


def _whole_reading(texts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Reading:
    named = {name: tuple(texts[name]) for name in ("tokens", "targets", "vocabulary", "channels", "outputs")}
    frames = {name: tuple(texts[name]) if texts.get(name) else None for name in ("frame", "outputs_frame")}
    numbers = {name: arrays.get(name) for name in ("probabilities", "values", "wanted", "given")}
    found = Reading(**named, **frames, **numbers, tolerance=float(texts["tolerance"]))  # type: ignore[arg-type]  # by name
    if len(found.targets) != len(found.tokens) or not all(isinstance(text, str) for text in found.tokens):
        raise ValueError("tokens and targets are not as many")
    if not {target for target in found.targets if target is not None} <= {*found.vocabulary} and found.given is None:
        raise ValueError("a target is not in the vocabulary")
    return found
