"""An LSTM's backward pass through time to which somebody hands gradients of its cell states."""

from typing import Self

import numpy as np

from rnnviz.cells.cell import Adjoint, Memory
from rnnviz.domain.arrays import Array
from rnnviz.tracing.passes import RecordedPass


class EndedPass(RecordedPass):
    """A `RecordedPass` of an LSTM that is `asked` for (T, R, H), dL/dc_t without what comes from h_t and c_{t+1}.

    The sequence is cut behind every token whose cell state is asked. There a token is added that opens its forget and
    output gates, writes nothing and shows c as it is where its slope is 1: what its output is asked arrives at the
    cell state before it, and nowhere else.
    """

    _asked: Array

    def asked(self, cell: Array) -> Self:
        """Be asked ``cell`` from now on."""
        self._asked = cell
        return self

    def _adjoint(self, direct: Array) -> Adjoint:
        direct, asked, found = direct.copy(), self._asked.astype(direct.dtype), []
        ends = [*(np.flatnonzero(asked[:-1].any(axis=(1, 2))) + 1).tolist(), len(direct)]
        for start, stop in reversed(list(zip([0, *ends[:-1]], ends, strict=True))):
            found.append(self._piece(direct[start:stop], asked[stop - 1], start, stop))
            if start:
                self._hand_on(found[-1], start, direct[start - 1], asked[start - 1])
        hidden, cell, inputs, recurrent = (np.concatenate(parts[::-1]) for parts in zip(*found, strict=True))
        return Adjoint(hidden, cell, inputs, recurrent)

    def _hand_on(self, later: Adjoint, start: int, hidden: Array, cell: Array) -> None:
        """Add what the token ``start`` asks of the state before it, (R, H) each."""
        assert later.cell is not None  # noqa: S101  # an LSTM has one
        with np.errstate(over="ignore", invalid="ignore"):
            hidden += later.recurrent[0].reshape(len(hidden), -1) @ self._w_hh[start]
            cell += self.gates["forget"][start] * later.cell[0]

    def _piece(self, direct: Array, cell_end: Array, start: int, stop: int) -> Adjoint:
        """From token ``start`` to before ``stop``, whose last cell state is asked ``cell_end`` (R, H)."""
        assert self._cell.adjoint is not None  # noqa: S101  # an LSTM has one
        kept = self._between(start, stop)
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
        asked = np.concatenate([direct, cell_end[None]])
        weights = self._w_hh[start:stop]
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._cell.adjoint(asked, [*weights, weights[-1]], memory)
        cell = None if found.cell is None else found.cell[:-1]
        return Adjoint(found.hidden[:-1], cell, found.inputs[:-1], found.recurrent[:-1])
