"""The three columns of the window, whose borders can be dragged: settings, score, panels."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget


class Columns(QSplitter):
    """``settings`` stand in the left column, of which one is shown at a time."""

    def __init__(self, settings: tuple[QWidget, ...], score: QWidget, panels: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        box = QWidget()
        inside = QHBoxLayout(box)
        inside.setContentsMargins(12, 8, 4, 4)
        for part in settings:
            inside.addWidget(part)
        box.setMinimumWidth(200)
        panels.setMinimumWidth(250)
        for index, part in enumerate((box, score, panels)):
            self.addWidget(part)
            self.setStretchFactor(index, 1 if part is score else 0)

    @property
    def widths(self) -> tuple[int, int, int]:
        """In pixels, from left to right."""
        first, second, third = self.sizes()
        return first, second, third

    def set_widths(self, widths: tuple[int, int, int] | None, window_width: int) -> None:
        """Take ``widths`` in pixels; None: what suits a window of ``window_width`` pixels."""
        self.setSizes(list(widths or _fitting(window_width)))


def _fitting(width: int) -> tuple[int, int, int]:
    """Settings and panels take what they need, more on a wide window; the score takes the rest."""
    settings = 238 if width < 1400 else 250
    panels = max(270, round(width * 0.27))
    return settings, width - settings - panels, panels
