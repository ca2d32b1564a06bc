"""An LSTM's backward pass through time to which somebody hands a gradient of its last cell state."""

from typing import Self

import numpy as np

from rnnviz.cells.cell import Adjoint, Memory
from rnnviz.domain.arrays import Array
from rnnviz.tracing.passes import RecordedPass


class EndedPass(RecordedPass):
    """A `RecordedPass` of an LSTM that is `asked` for (R, H), dL/dc of the token that is read last.

    A token is added that opens its forget and output gates, writes nothing and shows c as it is where its slope is 1:
    what its output is asked arrives at the last cell state, and nowhere else.
    """

    _cell_end: Array

    def asked(self, cell_end: Array) -> Self:
        """Be asked ``cell_end`` from now on."""
        self._cell_end = cell_end
        return self

    def _adjoint(self, direct: Array) -> Adjoint:
        assert self._cell.adjoint is not None  # noqa: S101  # an LSTM has one
        kept = self._memory
        zero = np.zeros_like(kept.hidden[:1])
        opened = {gate.name: zero + (gate.name in {"forget", "output"}) for gate in self._cell.gates}
        memory = Memory(
            np.concatenate([kept.hidden, zero]),
            np.concatenate([kept.hidden_before, zero]),
            np.concatenate([kept.cell, zero]),
            np.concatenate([kept.cell_before, zero]),
            {name: np.concatenate([gate, opened[name]]) for name, gate in kept.gates.items()},
            np.concatenate([kept.recurrent_parts, np.zeros_like(kept.recurrent_parts[:1])]),
        )
        asked = np.concatenate([direct, self._cell_end[None].astype(direct.dtype)])
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._cell.adjoint(asked, [*self._w_hh, self._w_hh[-1]], memory)
        cell = None if found.cell is None else found.cell[:-1]
        return Adjoint(found.hidden[:-1], cell, found.inputs[:-1], found.recurrent[:-1])
