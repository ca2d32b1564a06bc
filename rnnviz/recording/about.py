"""What a recording says of itself. Validated wherever it is read: a file may come from anywhere."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rnnviz.cells import CELLS

MOST_UNITS = 16_384
MOST_NAMES = 100_000
Name = Annotated[str, Field(max_length=500)]
Size = Annotated[int, Field(ge=1, le=MOST_UNITS)]


class Part(BaseModel):
    """A recurrent module whose sequences are recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name  # in the model: “encoder.lstm”; empty for the model itself
    cell: Name  # a name of CELLS
    inputs: Size
    hidden: Size
    layers: int = Field(default=1, ge=1, le=64)
    bidirectional: bool = False
    bias: bool = True
    dropout: float = Field(default=0.0, ge=0, le=1)  # between its layers
    single_step: bool = False  # an RNNCell, LSTMCell or GRUCell, called token by token

    @property
    def directions(self) -> int:
        """1, or 2 where it reads both ways."""
        return 2 if self.bidirectional else 1

    @property
    def in_words(self) -> str:
        """“rnn: LSTM 16 → 64, 2 layers, both ways”."""
        more = [f"{self.layers} layers"] if self.layers > 1 else []
        more += ["both ways"] if self.bidirectional else []
        more += ["token by token"] if self.single_step else []
        named = f"{self.name}: " if self.name else ""
        title = CELLS[self.cell].title if self.cell in CELLS else self.cell
        return ", ".join([f"{named}{title} {self.inputs} → {self.hidden}", *more])


class Facts(BaseModel):
    """Written when the recording begins; never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["watch", "train"]
    rnnviz: Name
    torch: Name
    python: Name
    started: float = Field(allow_inf_nan=False)  # seconds since 1970, UTC
    model: Name  # its class
    parameters: int = Field(ge=0)  # how many numbers are learned
    parameter_names: Annotated[tuple[Name, ...], Field(max_length=MOST_NAMES)]
    parts: Annotated[tuple[Part, ...], Field(max_length=1000)]
    left_out: Annotated[tuple[Name, ...], Field(max_length=1000)] = ()  # sentences: recurrent modules, and why
    config: dict[str, Any] | None = None  # of rnnviz's own training: RunConfig as JSON
    run: dict[str, Any] | None = None  # of rnnviz's own training: RunFacts as JSON


class Standing(BaseModel):
    """How it stands; written anew with every commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: float = Field(default=0.0, allow_inf_nan=False)  # seconds since 1970 of the newest commit
    ended: bool = False  # it was closed
    dropped_updates: int = Field(default=0, ge=0)  # the writer could not keep up
    dropped_traces: int = Field(default=0, ge=0)
    thinned_updates: int = Field(default=0, ge=0)  # taken out again to stay within the limit
    thinned_traces: int = Field(default=0, ge=0)
    remark: Annotated[str, Field(max_length=2000)] = ""  # why something is missing

    @property
    def in_words(self) -> str:
        """“3 updates and 1 trace dropped”; empty where nothing was."""
        lost = [
            f"{count} {what}{'s' if count != 1 else ''} {how}"
            for count, what, how in (
                (self.dropped_updates, "update", "dropped"),
                (self.dropped_traces, "trace", "dropped"),
                (self.thinned_updates, "update", "thinned out"),
                (self.thinned_traces, "trace", "thinned out"),
            )
            if count
        ]
        return ", ".join(lost)
