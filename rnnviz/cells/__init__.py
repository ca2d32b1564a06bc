"""Textbook equations of recurrent cells, one file each. To add a cell, write its file and list it here."""

from rnnviz.cells.cell import Cell
from rnnviz.cells.elman import RELU, TANH
from rnnviz.cells.gru import GRU
from rnnviz.cells.gru_textbook import GRU_TEXTBOOK
from rnnviz.cells.lstm import LSTM
from rnnviz.domain.catalogue import Catalogue

CELLS: Catalogue[Cell] = Catalogue(
    "cell",
    (
        TANH,
        RELU,
        LSTM,
        GRU,
        GRU_TEXTBOOK,
    ),
)
