"""A slider with its value in words above it, and a button beside it."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QToolButton, QWidget


class SliderRow(QWidget):
    """Whole numbers. ``chosen`` comes when the user moved the slider, ``pressed`` when they pressed the button."""

    chosen = Signal(int)
    pressed = Signal()

    def __init__(self, words: Callable[[int], str], limits: tuple[int, int], value: int, button: str = "") -> None:
        super().__init__()
        self._words = words
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(*limits)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button = QToolButton()
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.pressed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._label, 0, 0, 1, 2)
        grid.addWidget(self._slider, 1, 0)
        grid.addWidget(self._button, 1, 1)
        self.set_value(value)
        self._slider.setAccessibleName(words(value))
        self._slider.valueChanged.connect(self._on_moved)

    @property
    def value(self) -> int:
        """What the slider stands at."""
        return self._slider.value()

    def set_value(self, value: int) -> None:
        """Show ``value`` without emitting anything."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(value)
        self._label.setText(self._words(self.value))

    def set_tool_tips(self, slider: str, button: str = "") -> None:
        """What the two do."""
        self._slider.setToolTip(slider)
        self._button.setToolTip(button)

    def _on_moved(self) -> None:
        self._label.setText(self._words(self.value))
        self.chosen.emit(self.value)
