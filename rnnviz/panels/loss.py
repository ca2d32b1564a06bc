"""The loss over training."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt

from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.views import Side
from rnnviz.drawing.beside import Beside
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.time_plot import TimePlot
from rnnviz.panels.panel import Panel
from rnnviz.state.companion import Companion
from rnnviz.state.history import History


class LossPanel(Panel):
    """Training and held-out loss, and what a blind guess would have."""

    name = "loss"
    title = "Loss in nats"
    sides: frozenset[Side] = frozenset({"learning", "clipping"})
    phases: frozenset[Phase] = frozenset({"loss"})
    how_to_read = (
        "Cross-entropy in nats, mean over batch and tokens: 0 is certain and right. Solid: on the batch of each "
        "update, so it jitters; with the outputs that dropout took away missing, so with dropout it lies higher. "
        "Dashed: on text that is never trained on, every 50 updates; when it rises while the solid line falls, the "
        "network memorises. The flat grey line is a uniform guess, ln V."
    )

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._beside = Beside(self.body)
        self._plot = TimePlot(theme, log=False)
        self._plot.setMinimumHeight(70)
        self.body.addWidget(self._plot, 1)
        self._chance = 0.0
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Recolour the curves."""
        super().set_theme(theme)
        self._plot.set_theme(theme)
        self._plot.add_curve("chance", theme.muted, 1, Qt.PenStyle.DotLine)
        self._beside.set_theme(theme, theme.positive)
        self._plot.add_curve("train", theme.positive, 1)
        self._plot.add_curve("held out", theme.text, 1, Qt.PenStyle.DashLine)

    def start_run(self, facts: RunFacts) -> None:
        """Learn the loss of a uniform guess."""
        self._chance = facts.chance_loss

    def show_history(self, history: History, companions: Sequence[Companion] = ()) -> None:
        """Three curves, and two more for every companion."""
        updates, loss, held_out = history.column("update"), history.column("loss"), history.validation
        chance = np.array([self._chance, self._chance])
        end = 8.0 * max(len(history), 100)  # beyond the plot, but not so far that Qt draws dots in the wrong places
        self._plot.show_curve("chance", np.array([0.0, end]), chance)
        self._plot.show_curve("train", updates, loss)
        self._plot.show_curve("held out", held_out[:, 0], held_out[:, 1])
        beside = [(companion.facts.label, companion.history) for companion in companions]
        self._beside.show(beside, History(), self._add_curves, self._show_curves)
        self._plot.fit(len(history))
        self.set_subtitle(self._in_words(history))

    def _add_curves(self, name: str, hue: str) -> None:
        self._plot.add_curve(f"{name} train", hue, 1)
        self._plot.add_curve(f"{name} held out", hue, 1, Qt.PenStyle.DashLine)

    def _show_curves(self, name: str, history: History) -> None:
        held_out = history.validation
        self._plot.show_curve(f"{name} train", history.column("update"), history.column("loss"))
        self._plot.show_curve(f"{name} held out", held_out[:, 0], held_out[:, 1])

    def _in_words(self, history: History) -> str:
        if history.last is None:
            return "no update yet"
        held_out = f" · held out {history.validation[-1, 1]:.3g}" if len(history.validation) else ""
        return f"{history.last.loss:.3g}{held_out}"
