"""The loss over training."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt

from rnnviz.domain.phase import Phase
from rnnviz.domain.run import Line, RunFacts
from rnnviz.domain.table import Table
from rnnviz.domain.views import Side
from rnnviz.drawing.beside import Beside
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.time_plot import TimePlot
from rnnviz.panels.panel import Panel
from rnnviz.state.companion import Companion
from rnnviz.state.history import History
from rnnviz.state.history_table import losses


class LossPanel(Panel):
    """Training and held-out loss, and what a blind guess would have."""

    name = "loss"
    title = "Loss"
    sides: frozenset[Side] = frozenset({"learning", "clipping"})
    phases: frozenset[Phase] = frozenset({"loss"})
    how_to_read = (
        "Mean over batch and tokens with a target: of labels the cross-entropy in nats, 0 is certain and right; of "
        "numbers the mean squared error (MSE). Solid: on the batch of each update, so it jitters; with dropout it lies "
        "higher, as the outputs that were taken away are missing. "
        "Dashed: on data that are never trained on, every 50 updates; when it rises while the solid line falls, the "
        "network memorises. The dotted lines: a blind guess (chance: ln V for V labels, the variance for numbers; "
        "with some labels who knows their frequencies alone; of a series the rule that is named), the best simple "
        "rule, or the optimum, where the task knows one, and with some tasks other rules."
    )

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._beside = Beside(self.body)
        self._plot = TimePlot(theme, log=False)
        self._plot.setMinimumHeight(110)
        self.body.addWidget(self._plot, 1)
        self._facts: RunFacts | None = None
        self._theme = theme
        self._others: list[str] = []  # curves of further lines, as many as any run had
        self._told: tuple[History, Sequence[Companion]] = History(), ()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Recolour the curves."""
        super().set_theme(theme)
        self._theme = theme
        self._plot.set_theme(theme)
        self._plot.add_curve("chance", theme.muted, 1, Qt.PenStyle.DotLine)
        self._plot.add_curve("best", theme.right, 1, Qt.PenStyle.DotLine)
        for name in self._others:
            self._plot.add_curve(name, theme.muted, 1, Qt.PenStyle.DotLine)
        self._show_lines()
        self._beside.set_theme(theme, theme.positive)
        self._plot.add_curve("train", theme.positive, 1)
        self._plot.add_curve("held out", theme.text, 1, Qt.PenStyle.DashLine)

    def start_run(self, facts: RunFacts) -> None:
        """Learn the losses to compare with."""
        super().start_run(facts)
        self._facts = facts
        self._show_lines()

    def numbers(self) -> Table:
        """All curves, of every update."""
        unit = "nats" if self._facts is None else self._facts.unit
        return losses(self.title, unit, *self._told)

    def show_history(self, history: History, companions: Sequence[Companion] = ()) -> None:
        """Three curves, and two more for every companion."""
        self._told = history, companions
        updates, loss, held_out = history.column("update"), history.column("loss"), history.validation
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

    def _show_lines(self) -> None:
        """Dotted lines with their names."""
        if self._facts is None:
            return
        others = self._facts.others
        for place in range(len(self._others), len(others)):
            self._others.append(f"other {place}")
            self._plot.add_curve(self._others[-1], self._theme.muted, 1, Qt.PenStyle.DotLine)
        unused = [None] * (len(self._others) - len(others))
        self._show_line("chance", self._facts.chance)
        self._show_line("best", self._facts.best)
        for name, line in zip(self._others, (*others, *unused), strict=True):
            self._show_line(name, line)

    def _show_line(self, name: str, line: Line | None) -> None:
        if line is None or not math.isfinite(line.loss):  # of somebody's own loss nobody knows what a guess has
            self._plot.hide_line(name)
        else:
            self._plot.show_line(name, _line_in_words(line), line.loss)

    def _in_words(self, history: History) -> str:
        if history.last is None or self._facts is None:
            return self.without_updates
        held_out = f" · held out {history.validation[-1, 1]:.3g}" if len(history.validation) else ""
        known = math.isfinite(history.last.accuracy)
        right = f" · {history.last.accuracy:.0%} {self._facts.right}" if known else ""
        return f"{history.last.loss:.3g} {self._facts.unit}{held_out}{right}"


def _line_in_words(line: Line) -> str:
    return f"{line.name} {line.loss:.3g}"
