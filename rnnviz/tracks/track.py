"""What a row of the score is."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypedDict

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsRectItem

from rnnviz.analysis.tables import token_columns
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.intervention import Intervention
from rnnviz.domain.phase import PHASES, Phase
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Direction, LayerTrace, Trace
from rnnviz.domain.views import SIDES, Side
from rnnviz.drawing.decades import Decades
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis

CHANGED = "with − without the interventions · "
FADED = 0.22  # opacity of what has no part in the sub-step that is shown


class Place(TypedDict):
    """Keyword arguments of an intervention that say where."""

    layer: int
    direction: Direction


def place_of(layer: LayerTrace) -> Place:
    """Where ``layer`` is."""
    return {"layer": layer.layer, "direction": layer.direction}


@dataclass(frozen=True)
class Offer:
    """Something that can be changed inside the pass, where the user points."""

    words: str
    make: Callable[[Any], Intervention]  # from the answer, if one is asked for
    asks: Literal["", "a number", "a token"] = ""
    group: str = ""  # offers of one group can be hidden behind its name


@dataclass(frozen=True)
class Picture:
    """Everything that a track may show. ``decades`` is one range for all gradients in the score."""

    trace: Trace
    cursor: Cursor
    decades: Decades
    studies: Studies = field(default_factory=Studies)
    changes: tuple[LayerTrace, ...] = ()  # of every layer: with the interventions − without; empty to show values

    @property
    def change(self) -> LayerTrace | None:
        """What the interventions changed in the layer that the cursor is on, if that is to be shown."""
        return self.changes[self.cursor.layer] if self.changes else None

    @property
    def values(self) -> LayerTrace:
        """What pictures of states are of: the change, if that is to be shown, else the layer."""
        return self.change or self.layer

    @property
    def layer(self) -> LayerTrace:
        """The layer and direction that the cursor is on."""
        return self.trace.layers[self.cursor.layer]


class Sweep(NamedTuple):
    """A part of a row in which a pass runs in one direction."""

    top: float
    height: float
    direction: Direction


class Track(ABC):
    """One row: items under ``root``, placed on the shared columns, changed when a trace comes.

    Items are Qt's own, changed by ``setPath`` and ``setPixmap``: a paint method in Python would take the
    interpreter's lock from the training. A track exists only while it is shown.
    """

    name: str
    title: str
    how_to_read: str  # two or three sentences
    weight: float  # share of the height that is left over
    least_height: float  # pixels
    sides: frozenset[Side] = frozenset(SIDES)  # where it belongs
    phases: frozenset[Phase] = frozenset(PHASES)  # sub-steps of an update in which the row is lit
    wants: frozenset[StudyName] = frozenset()  # what is computed only while such a track is shown

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.root = QGraphicsRectItem()
        self.root.setPen(QPen(Qt.PenStyle.NoPen))

    @abstractmethod
    def place(self, axis: TokenAxis, height: float) -> None:
        """Fit the row into ``height`` pixels from y = 0; the gutter left of ``axis.left`` is for labels."""

    @abstractmethod
    def show(self, picture: Picture) -> None:
        """Show a trace. Called after ``place`` and again whenever trace or cursor change."""

    @abstractmethod
    def subtitle(self, picture: Picture) -> str:
        """Quantity, norm, scale and range, in one line beside the title."""

    @abstractmethod
    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """What the pointer is on, with its unit; empty where there is nothing."""

    def numbers(self, picture: Picture) -> Table:
        """What the row shows, unrounded; what was read and its loss unless a track knows better."""
        return Table(self.title, token_columns(picture.trace))

    def offers(self, picture: Picture, token: int, unit: int, y: float | None) -> tuple[Offer, ...]:
        """What can be changed at ``token`` and ``unit``; where ``y`` points, or anywhere in the row if it is None."""
        return ()

    def show_phase(self, phase: Phase | None) -> None:
        """Fade what has no part in this sub-step; None lights everything."""
        self.root.setOpacity(1.0 if phase is None or phase in self.phases else FADED)

    def sweeps(self, picture: Picture, height: float) -> tuple[Sweep, ...]:
        """What a pass goes through, and in which direction; ``height`` is that of the row."""
        return (Sweep(0, height, picture.layer.direction),)

    def unit_at(self, y: float) -> int | None:
        """The unit that is drawn at ``y``, for rows that have units."""
        return None

    def layer_at(self, y: float) -> int | None:
        """The layer that is drawn at ``y``, for rows that have several."""
        return None

    @classmethod
    def applies_to(cls, layer: LayerTrace) -> bool:  # noqa: ARG003  # for subclasses
        """Whether this layer has what the track shows."""
        return True

    def needs(self, picture: Picture) -> float:  # for subclasses
        """Pixels that the row must have for this picture."""
        return self.least_height

    def shape_of(self, picture: Picture) -> object:
        """What the row's inner layout depends on: when it changes, the row is placed anew."""
        return picture.trace.tokens
