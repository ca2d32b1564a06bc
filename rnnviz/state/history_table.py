"""What was recorded of a run and of what is trained beside it, as a table."""

from collections.abc import Sequence

import numpy as np

from rnnviz.domain.table import Column, Table, side_by_side
from rnnviz.state.companion import Companion
from rnnviz.state.history import History

ONE = "1"  # the unit of what has none


def losses(title: str, unit: str, history: History, companions: Sequence[Companion]) -> Table:
    """At every update the loss of its batch; where it was measured, the one of held-out data. Likewise of companions.

    Each network has columns of updates of its own, for they need not have begun together.
    """
    parts = []
    for name, past in _named(history, companions):
        held_out = past.validation
        trained = Column(f"{name}loss", unit, past.column("loss").copy())
        parts.append(Table(title, (_updates(name, past), trained)))
        if len(held_out):
            measured = Column(f"{name}measured at update", ONE, held_out[:, 0].astype(int))
            parts.append(Table(title, (measured, Column(f"{name}held-out loss", unit, held_out[:, 1]))))
    return side_by_side(title, parts)


def norms(title: str, history: History, companions: Sequence[Companion]) -> Table:
    """The norm of the gradient before clipping, and after it where that is known."""
    parts = []
    for name, past in _named(history, companions):
        before, after = (past.column(column).copy() for column in ("grad_norm", "grad_norm_clipped"))
        columns = [_updates(name, past), Column(f"{name}‖gradient‖₂", ONE, before)]
        if not np.isnan(after).all():  # of somebody's own loop it is not known
            columns.append(Column(f"{name}‖gradient‖₂ after clipping", ONE, after))
        parts.append(Table(title, tuple(columns)))
    return side_by_side(title, parts)


def _named(history: History, companions: Sequence[Companion]) -> list[tuple[str, History]]:
    return [("", history), *((f"{companion.facts.label}: ", companion.history) for companion in companions)]


def _updates(name: str, history: History) -> Column:
    return Column(f"{name}update", ONE, history.column("update").astype(int))
