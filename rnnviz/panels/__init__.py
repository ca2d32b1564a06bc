"""Panels beside the score, one file each, from top to bottom. To add a panel, write its file and list it here."""

from rnnviz.panels.cell import CellPanel
from rnnviz.panels.comparison import ComparisonPanel
from rnnviz.panels.gradient_norm import GradientNormPanel
from rnnviz.panels.loss import LossPanel
from rnnviz.panels.next_token import NextTokenPanel
from rnnviz.panels.panel import Panel

PANELS: tuple[type[Panel], ...] = (
    CellPanel,
    LossPanel,
    GradientNormPanel,
    ComparisonPanel,
    NextTokenPanel,
)
