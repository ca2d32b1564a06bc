"""The norm of the gradient at every update, before and after clipping."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt

from rnnviz.config import RunConfig
from rnnviz.domain.phase import Phase
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.beside import Beside
from rnnviz.drawing.items import pen
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.time_plot import TimePlot
from rnnviz.panels.panel import Panel
from rnnviz.state.companion import Companion
from rnnviz.state.history import History
from rnnviz.state.history_table import norms


class GradientNormPanel(Panel):
    """The threshold is a line that can be dragged."""

    name = "gradient_norm"
    title = "Gradient norm"
    sides: frozenset[Side] = frozenset({"learning", "clipping"})
    phases: frozenset[Phase] = frozenset({"clip"})
    how_to_read = (
        "Solid: at every update the Euclidean norm of the whole gradient, of the mean loss of its batch, before "
        "clipping. Dashed: after clipping, which is what the optimiser was given; where nothing was clipped both are "
        "one line. Drag the amber line to move the threshold. Above: the norms of the newest update, their ratio, and "
        "how many of the last 100 updates were clipped; value clipping also turns the gradient, by the angle that is "
        "written there."
    )

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._plot = TimePlot(theme, log=True)
        self._plot.setMinimumHeight(110)
        self._beside = Beside(self.body)
        self._line = pyqtgraph.InfiniteLine(angle=0, movable=True)
        self._line.sigPositionChangeFinished.connect(self._on_dragged)
        self._plot.addItem(self._line)
        self.body.addWidget(self._plot, 1)
        self._told: tuple[History, Sequence[Companion]] = History(), ()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Recolour curves and line."""
        super().set_theme(theme)
        self._plot.set_theme(theme)
        self._beside.set_theme(theme, theme.backward)
        self._plot.add_curve("before", theme.backward, 1)
        self._plot.add_curve("after", theme.text, 1, Qt.PenStyle.DashLine)
        self._plot.add_curve("threshold", theme.amber, 1, Qt.PenStyle.NoPen)  # only makes room for the line
        self._line.setPen(pen(theme.amber, 1.5, Qt.PenStyle.DashLine))
        self._line.setHoverPen(pen(theme.amber, 3))

    def show_config(self, config: RunConfig) -> None:
        """Put the line at the threshold in force; no line while clipping is off, or by value: that bounds entries."""
        self._line.setVisible(config.clip == "norm")
        self._line.blockSignals(True)
        self._line.setValue(math.log10(config.threshold))
        threshold = np.array([[0.0], [config.threshold]])[:, : int(config.clip == "norm")]
        self._plot.show_curve("threshold", *threshold)
        self._plot.fit_values()
        self._line.blockSignals(False)

    def numbers(self) -> Table:
        """All curves, of every update."""
        return norms(self.title, *self._told)

    def show_history(self, history: History, companions: Sequence[Companion] = ()) -> None:
        """Both curves, always; both of every companion too."""
        self._told = history, companions
        updates = history.column("update")
        before, after = history.column("grad_norm"), history.column("grad_norm_clipped")
        self._plot.show_curve("before", updates, before)
        self._plot.show_curve("after", updates, after)
        beside = [(companion.facts.label, companion.history) for companion in companions]
        self._beside.show(beside, History(), self._add_curves, self._show_curves)
        self._plot.fit(int(updates[-1]) if len(updates) else 0)
        self.set_subtitle(self.without_updates if history.last is None else in_words(history.last))

    def _add_curves(self, name: str, hue: str) -> None:
        self._plot.add_curve(f"{name} before", hue, 1)
        self._plot.add_curve(f"{name} after", hue, 1, Qt.PenStyle.DashLine)

    def _show_curves(self, name: str, history: History) -> None:
        updates = history.column("update")
        self._plot.show_curve(f"{name} before", updates, history.column("grad_norm"))
        self._plot.show_curve(f"{name} after", updates, history.column("grad_norm_clipped"))

    def _on_dragged(self) -> None:
        self.setting_chosen.emit("threshold", float(f"{10.0 ** self._line.value():.3g}"))


def in_words(record: UpdateRecord) -> str:
    """“0.82 → 0.5 · 31% clipped · ×0.61”: before, after, share of the last 100 updates, coefficient."""
    if math.isnan(record.threshold):  # somebody's own loop: it may be clipped later
        return f"{record.grad_norm:.3g} · as watch.update() found it"
    if record.clip == "off":
        return f"{record.grad_norm:.3g} · clipping off"
    turned = ""
    if record.clip == "value":
        turned = f" · turned {math.degrees(math.acos(min(1.0, max(-1.0, record.clip_cosine)))):.0f}°"
    return (
        f"{record.grad_norm:.3g} → {record.grad_norm_clipped:.3g} · {record.share_clipped:.0%} clipped"
        f"{turned} · ×{record.clip_coefficient:.3g}"
    )
