"""The complete description of a run: the same configuration and seed give the same numbers, bit for bit."""

import reprlib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from rnnviz.cells import CELLS
from rnnviz.tasks import TASKS

Optimizer = Literal["sgd", "rmsprop", "adam"]
Clip = Literal["off", "norm", "value"]
Init = Literal["default", "orthogonal", "gaussian", "identity", "pascanu", "zero", "diagonal", "jordan"]
VectorsFrom = Literal["random", "counted", "file"]
Others = Literal["default", "zero", "positive"]
Shown = Literal["fixed", "batch"]
AttentionScore = Literal["off", "dot", "general", "additive"]
WRITES = ("many → one", "many → many after reading")  # shapes of tasks that are read first, then answered

LIVE_FIELDS = ("rate", "clip", "threshold", "dropout", "shown")  # may change while running
FORK_FIELDS = (*LIVE_FIELDS, "optimizer", "forget_bias")  # may differ in a fork


def _entry(
    group: str, title: str, default: Any, about: str, *, slider: tuple[float, float] | None = None, **limits: Any
) -> Any:
    """Describe a field for validation and for the form; ``slider`` is the range worth dragging through."""
    return Field(
        default,
        title=title,
        description=about,
        json_schema_extra={"group": group, "slider": list(slider) if slider else None},
        **limits,
    )


class RunConfig(BaseModel):
    """Frozen; make a variant with ``config.changed(hidden=64)``."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    cell: Annotated[str, AfterValidator(CELLS.check)] = _entry("Model", "Cell", "lstm", "The recurrent cell.")
    layers: int = _entry("Model", "Layers", 1, "Recurrent layers on top of each other.", slider=(1, 4), ge=1, le=4)
    bidirectional: bool = _entry(
        "Model",
        "Bidirectional",
        False,
        "Every layer has a second half with weights of its own that reads from the last token to the first; both are "
        "joined. It sees what comes later: predicting the next character then is no task, it has read it.",
    )
    hidden: int = _entry("Model", "Hidden units", 32, "Units H per layer.", slider=(4, 128), ge=1, le=1024)
    embedding: int = _entry(
        "Model",
        "Embedding",
        16,
        "Numbers that stand for one token and are learned, too. 0: none, W_ih reads the token as a one among zeros.",
        slider=(0, 64),
        ge=0,
        le=1024,
    )
    decoder: bool = _entry(
        "Model",
        "Own decoder",
        False,
        "Encoder and decoder: the tokens at which something is written are read with weights of their own, beginning "
        "with the state in which reading ended. Off: one set of weights reads and writes.",
    )
    attention: AttentionScore = _entry(
        "Model",
        "Attention",
        "off",
        "While it writes, the network looks back at the states h of all tokens that it read, and reads out what it "
        "found there beside its own state. How a state is asked for: dot: hᵀe; general: hᵀW e (both Luong 2015); "
        "additive: vᵀtanh(W h + U e) (Bahdanau 2015).",
    )
    vectors: VectorsFrom = _entry(
        "Model",
        "Vectors",
        "random",
        "How the embedding begins. random: torch's own, standard normal: nothing is known of any token. counted: from "
        "the text that is trained on: which tokens stand near which (positive PMI, within two tokens), factorised and "
        "scaled to the same size. file: from your file of pre-trained vectors.",
    )
    vectors_file: Path | None = _entry(
        "Model",
        "Vectors file",
        None,
        "A UTF-8 text of pre-trained vectors as GloVe or word2vec write it: in each line a word and its numbers. The "
        "embedding becomes as wide as the file says. Words that are missing there begin at random and are counted.",
    )
    frozen: bool = _entry(
        "Model",
        "Frozen",
        False,
        "The embedding stays as it begins; everything else is trained. Off: it is learned with the rest.",
    )
    init: Init = _entry(
        "Model",
        "Initial W_hh",
        "default",
        "How the recurrent weights W_hh begin. default: torch's own, uniform ±1/√H; orthogonal: gain × a random "
        "rotation; gaussian: standard deviation gain/√H; identity: gain × the identity. pascanu: W_hh, W_ih and the "
        "read-out all with standard deviation 0.1 × gain, biases 0, as in the paper of 2013 on clipping. For exact "
        "laws: zero; diagonal: gain × 1/H, 2/H … 1; jordan: gain on the diagonal and ones above it.",
    )
    others: Others = _entry(
        "Model",
        "W_ih, biases",
        "default",
        "How the weights of the input and the biases begin. default: torch's own, uniform ±1/√H; zero: at first "
        "nothing but W_hh acts, so that states stay 0 and slopes of tanh 1; positive: torch's own without their signs.",
    )
    gain: float = _entry(
        "Model",
        "Gain",
        1.0,
        "Scales what “Initial W_hh” sets; torch's default has none.",
        slider=(0.1, 3),
        gt=0,
        le=100,
    )
    forget_bias: float | None = _entry(
        "Model",
        "Forget bias",
        1.0,
        "Bias of the LSTM's forget gate at the start: 0 halves the memory at every token, 5 keeps 99 %. "
        "Off: torch's own.",
        slider=(-2, 6),
        ge=-50,
        le=50,
    )
    task: Annotated[str, AfterValidator(TASKS.check)] = _entry("Task", "Data", "hello", "What is learned.")
    file: Path | None = _entry("Task", "File", None, "A UTF-8 text, for the task “Own text”.")
    column: str | None = _entry(
        "Task",
        "Column",
        None,
        "Which column of the file an own series is, by its name; which two own texts and their labels are, as "
        "“review → stars”. Empty: the usual.",
    )
    length: int = _entry(
        "Task",
        "Length T",
        20,
        "Tokens in a sequence; some tasks have a length of their own.",
        slider=(5, 200),
        ge=1,
        le=2000,
    )
    lag: int | None = _entry(
        "Task",
        "Lag",
        None,
        "How many tokens something has to be remembered, in the tasks that let it be chosen beside the length. What is "
        "counted, and which lags fit the length, stands below. Off: the task's own lag, as published.",
        ge=0,
        le=1999,
    )
    batch: int = _entry("Task", "Batch B", 16, "Sequences in a batch.", slider=(1, 64), ge=1, le=1024)
    optimizer: Optimizer = _entry("Training", "Optimiser", "adam", "How a gradient becomes a step.")
    rate: float = _entry("Training", "Rate", 0.005, "Learning rate.", slider=(1e-4, 1.0), gt=0, le=1000)
    clip: Clip = _entry(
        "Training",
        "Clip gradient",
        "norm",
        "norm: scale the whole gradient down to the threshold, its direction stays. "
        "value: cut every entry to ±threshold, its direction turns.",
    )
    threshold: float = _entry(
        "Training", "Threshold", 1.0, "Largest norm (or entry) that is let through.", slider=(0.01, 10), gt=0, le=1e6
    )
    dropout: float = _entry(
        "Training",
        "Dropout",
        0.0,
        "Share of the outputs of every layer that are set to 0 in an update, others each time; the rest is made larger "
        "to make up for it. Between layers and before the read-out, never from token to token. All views but the loss "
        "of training are without it.",
        slider=(0, 0.9),
        ge=0,
        le=0.9,
    )
    carry: bool = _entry(
        "Training",
        "Carry state",
        False,
        "Batches follow each other in the text, and each begins with the state in which the one before ended "
        "(truncated backpropagation through time): memory may be longer than T, gradients do not pass the boundary. "
        "Off: every sequence begins with zeros.",
    )
    seed: int = _entry("Training", "Seed", 0, "Of weights and data.", slider=(0, 20), ge=0, le=2**31 - 1)
    shown: Shown = _entry(
        "What you see",
        "Sequence",
        "fixed",
        "fixed: always the same sequence, held out where possible, so that updates can be compared. "
        "batch: the first sequence of the very batch that the update learned from.",
    )

    @model_validator(mode="after")
    def _file_where_needed(self) -> "RunConfig":
        kind = TASKS[self.task]
        if kind.needs_file and self.file is None:
            raise ValueError(f"file is not set, expected the path of {kind.file_kind} for the task {self.task!r}")
        return self

    @model_validator(mode="after")
    def _vectors_where_needed(self) -> "RunConfig":
        if self.vectors == "file" and self.vectors_file is None and self.embeds:
            raise ValueError(
                "vectors_file is not set, expected the path of a GloVe or word2vec text file with vectors 'file'"
            )
        return self

    @model_validator(mode="after")
    def _of_a_length_that_fits(self) -> "RunConfig":
        kind = TASKS[self.task]
        most = self.length if kind.greatest_length is None else kind.greatest_length
        least = kind.least_length if self.lag is None or kind.lag is None else kind.lag.least + kind.lag.room
        if kind.own_length or least <= self.length <= most:
            return self
        limit = f"at least {least}" if self.length < least else f"at most {most}"
        raise ValueError(f"length is {self.length}, expected {limit} for the task {self.task!r}")

    @model_validator(mode="after")
    def _of_a_lag_that_fits(self) -> "RunConfig":
        dial = TASKS[self.task].lag
        if self.lag is None or (dial is not None and dial.least <= self.lag <= dial.greatest(self.length)):
            return self
        if dial is None:
            able = ", ".join(kind.name for kind in TASKS.values() if kind.lag is not None)
            raise ValueError(
                f"lag is {self.lag}, expected none for the task {self.task!r}, whose lag cannot be chosen; it can for "
                f"{able}"
            )
        raise ValueError(
            f"lag is {self.lag}, expected {dial.fitting(self.length)} for {self.length} tokens of the task "
            f"{self.task!r}"
        )

    @model_validator(mode="after")
    def _state_can_be_carried(self) -> "RunConfig":
        if not self.carry:
            return self
        if self.bidirectional:
            raise ValueError(
                "carry is True, expected False with bidirectional: what reads backward begins at the end, where no "
                "state has come to"
            )
        if not TASKS[self.task].consecutive:
            able = ", ".join(kind.name for kind in TASKS.values() if kind.consecutive)
            raise ValueError(
                f"carry is True, but sequences of the task {self.task!r} do not follow each other; expected one of "
                f"{able}"
            )
        return self

    @model_validator(mode="after")
    def _reads_before_it_writes(self) -> "RunConfig":
        kind = TASKS[self.task]
        for name, given, shapes in (("attention", self.attention, WRITES), ("decoder", self.decoder, WRITES[1:])):
            if given not in {"off", False} and (kind.shape not in shapes or self.carry):
                able = ", ".join(other.name for other in TASKS.values() if other.shape in shapes)
                raise ValueError(
                    f"{name} is {given}, expected {'off' if name == 'attention' else False}: it needs a task that is "
                    f"read first and answered then ({able}), without a carried state"
                )
        if self.decoder and self.bidirectional:
            raise ValueError(
                "decoder is True, expected False with bidirectional: what it writes comes one after the other"
            )
        return self

    @property
    def embeds(self) -> bool:
        """Whether there is an embedding: not of numbers, and not where tokens are read as a one among zeros."""
        return self.embedding > 0 and not TASKS[self.task].reads_numbers

    def changed(self, **changes: Any) -> "RunConfig":
        """Return a copy with ``changes`` in it, validated anew. Raises ValidationError."""
        return RunConfig(**{**self.model_dump(), **changes})

    def difference(self, other: "RunConfig") -> dict[str, tuple[Any, Any]]:
        """Return what differs: by name, the value here and the value in ``other``."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in RunConfig.model_fields}
        return {name: (ours, theirs) for name, (ours, theirs) in pairs.items() if ours != theirs}

    def difference_in_words(self, other: "RunConfig") -> str:
        """Say what differs in ``other``, for a legend: “clip norm → off, rate 0.1 → 0.01”; empty when nothing does."""
        return ", ".join(
            f"{name.replace('_', ' ')} {in_words(old)} → {in_words(new)}"
            for name, (old, new) in self.difference(other).items()
        )


# What the window opens with: real text, columns wide enough for letters, a threshold that often clips.
FIRST_RUN = RunConfig(task="python", hidden=64, length=50, batch=32, threshold=0.2)


def sentences(error: ValidationError) -> str:
    """Say what is wrong with a configuration: each line names the field, its value and the expectation."""
    return "\n".join(_sentence(detail) for detail in error.errors())


def in_words(value: Any) -> str:
    """Write a setting's value: “off” for None, numbers without needless digits."""
    if value is None:
        return "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sentence(detail: Any) -> str:
    message = str(detail["msg"]).removeprefix("Value error, ")
    name = ".".join(str(part) for part in detail["loc"]) or "the configuration"
    if detail["type"] == "value_error":
        return message
    if detail["type"] == "extra_forbidden":
        return f"{name!r} is not a setting, expected one of {', '.join(RunConfig.model_fields)}"
    return f"{name} is {reprlib.repr(detail['input'])}, expected {_expectation(detail['type'], message)}"


def _expectation(kind: str, message: str) -> str:
    """Put pydantic's message behind “expected”."""
    if kind == "json_invalid":
        return message.replace("Invalid JSON", "a JSON object")
    other = {"path_type": "a path", "model_type": "a JSON object", "int_parsing_size": "a shorter number"}
    return other.get(kind, message.removeprefix("Input should be "))
