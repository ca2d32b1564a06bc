"""Rows of the score, one file each, from top to bottom. To add a track, write its file and list it here."""

from rnnviz.tracks.cell_state import CellStateTrack
from rnnviz.tracks.gates import GatesTrack
from rnnviz.tracks.gradient import GradientTrack
from rnnviz.tracks.hidden_state import HiddenStateTrack
from rnnviz.tracks.influence import InfluenceTrack
from rnnviz.tracks.track import Track
from rnnviz.tracks.unfolded import UnfoldedTrack

TRACKS: tuple[type[Track], ...] = (
    UnfoldedTrack,
    HiddenStateTrack,
    CellStateTrack,
    GatesTrack,
    GradientTrack,
    InfluenceTrack,
)
