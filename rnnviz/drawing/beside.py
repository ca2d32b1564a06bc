"""Curves of what is trained beside the run, and the line that says which is which."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout

from rnnviz.drawing.caption import Lines
from rnnviz.drawing.theme import Theme


class Beside:
    """Keeps as many sets of curves as there ever were companions; those that are gone are emptied."""

    def __init__(self, body: QBoxLayout) -> None:
        self._names: list[str] = []
        self._labels: tuple[str, ...] = ()
        self._recoloured = False
        self._legend = Lines()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.hide()
        body.addWidget(self._legend)

    def set_theme(self, theme: Theme, own: str) -> None:
        """Take other colours, ``own`` for the run; the curves get theirs with the next history."""
        self._theme, self._own = theme, own
        self._recoloured = True

    def show(
        self,
        companions: Sequence[tuple[str, Any]],
        nothing: Any,
        add_curves: Callable[[str, str], None],
        show_curves: Callable[[str, Any], None],
    ) -> None:
        """Show label and series of every companion; ``nothing`` is shown where one is gone.

        ``add_curves(name, hue)`` is called where one is new or has another colour, ``show_curves(name, series)`` for
        all.
        """
        known = 0 if self._recoloured else len(self._names)
        self._names += [f"companion {place}" for place in range(len(self._names), len(companions))]
        for place in range(known, len(self._names)):
            add_curves(self._names[place], self._theme.companion(place))
        series = [shown for _, shown in companions] + [nothing] * (len(self._names) - len(companions))
        for name, shown in zip(self._names, series, strict=True):
            show_curves(name, shown)
        self._tell(tuple(label for label, _ in companions))
        self._recoloured = False

    def _tell(self, labels: tuple[str, ...]) -> None:
        if labels == self._labels and not self._recoloured:
            return
        self._labels = labels
        hues = [self._own, *(self._theme.companion(place) for place in range(len(labels)))]
        words = [
            f"<span style='color:{hue}; white-space:nowrap'>━&nbsp;{escape(label)}</span>"
            for hue, label in zip(hues, ("this run", *labels), strict=True)
        ]
        self._legend.say("&nbsp; ".join(words))
        self._legend.setVisible(bool(labels))
