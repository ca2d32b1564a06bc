"""Panels beside the score, one file each, from top to bottom. To add a panel, write its file and list it here."""

from rnnviz.panels.anatomy import AnatomyPanel
from rnnviz.panels.attention import AttentionPanel
from rnnviz.panels.cell import CellPanel
from rnnviz.panels.comparison import ComparisonPanel
from rnnviz.panels.eigenvalues import EigenvaluesPanel
from rnnviz.panels.embedding import EmbeddingPanel
from rnnviz.panels.forecast import ForecastPanel
from rnnviz.panels.gradient_norm import GradientNormPanel
from rnnviz.panels.influence import InfluencePanel
from rnnviz.panels.loss import LossPanel
from rnnviz.panels.memory import MemoryPanel
from rnnviz.panels.next_token import NextTokenPanel
from rnnviz.panels.notes import NotesPanel
from rnnviz.panels.panel import Panel
from rnnviz.panels.sampling import SamplingPanel
from rnnviz.panels.saturation import SaturationPanel
from rnnviz.panels.spectrum import SpectrumPanel

PANELS: tuple[type[Panel], ...] = (
    CellPanel,
    AttentionPanel,
    LossPanel,
    GradientNormPanel,
    EmbeddingPanel,
    ComparisonPanel,
    AnatomyPanel,
    InfluencePanel,
    MemoryPanel,
    SpectrumPanel,
    EigenvaluesPanel,
    SaturationPanel,
    NextTokenPanel,
    SamplingPanel,
    ForecastPanel,
    NotesPanel,
)
