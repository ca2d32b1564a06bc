"""Curves of what is trained beside the run, and the line that says which is which."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLabel

from rnnviz.drawing.theme import Theme


class Beside:
    """Keeps as many sets of curves as there ever were companions; those that are gone are emptied."""

    def __init__(self, body: QBoxLayout) -> None:
        self._names: list[str] = []
        self._labels: tuple[str, ...] = ()
        self._legend = QLabel()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setWordWrap(True)
        self._legend.hide()
        body.addWidget(self._legend)

    def set_theme(self, theme: Theme, own: str) -> None:
        """Take other colours, ``own`` for the run; the curves are added anew with the next history."""
        self._theme, self._own = theme, own
        self._names, self._labels = [], ()

    def show(
        self,
        companions: Sequence[tuple[str, Any]],
        nothing: Any,
        add_curves: Callable[[str, str], None],
        show_curves: Callable[[str, Any], None],
    ) -> None:
        """Show label and series of every companion; ``nothing`` is shown where one is gone.

        ``add_curves(name, hue)`` is called where one is new, ``show_curves(name, series)`` for all.
        """
        while len(self._names) < len(companions):
            place = len(self._names)
            self._names.append(f"companion {place}")
            add_curves(self._names[-1], self._theme.companion(place))
        series = [shown for _, shown in companions] + [nothing] * (len(self._names) - len(companions))
        for name, shown in zip(self._names, series, strict=True):
            show_curves(name, shown)
        self._tell(tuple(label for label, _ in companions))

    def _tell(self, labels: tuple[str, ...]) -> None:
        if labels == self._labels:
            return
        self._labels = labels
        hues = [self._own, *(self._theme.companion(place) for place in range(len(labels)))]
        words = [
            f"<span style='color:{hue}'>━ {escape(label)}</span>"
            for hue, label in zip(hues, ("this run", *labels), strict=True)
        ]
        self._legend.setText("&nbsp;&nbsp; ".join(words))
        self._legend.setVisible(bool(labels))
