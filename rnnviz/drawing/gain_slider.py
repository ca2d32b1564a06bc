"""A slider for a factor, with a button that takes it back to 1."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QToolButton, QWidget

STEPS = 100  # of the slider for 1


class _Slider(QSlider):
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to 1."""
        self.setValue(STEPS)
        event.accept()


class GainSlider(QWidget):
    """0 … 3 in hundredths. ``chosen`` comes when the user moved it."""

    chosen = Signal(float)

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        self._label.setWordWrap(True)
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 3 * STEPS)
        self._slider.setPageStep(10)
        self._slider.setTickInterval(STEPS)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.setAccessibleName(words.format(gain=1))
        self._slider.setToolTip("Double click: back to 1")
        self._back = QToolButton()
        self._back.setText("× 1")
        self._back.setToolTip("Back to the weights as they are")
        self._back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._back.clicked.connect(lambda: self._slider.setValue(STEPS))
        self._lay_out()
        self.set_gain(1.0)
        self._slider.valueChanged.connect(self._on_moved)

    @property
    def gain(self) -> float:
        """What the slider stands at."""
        return self._slider.value() / STEPS

    def set_gain(self, gain: float) -> None:
        """Show ``gain`` without emitting anything."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(gain * STEPS))
        self._write()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._label, 0, 0, 1, 2)
        grid.addWidget(self._slider, 1, 0)
        grid.addWidget(self._back, 1, 1)

    def _on_moved(self) -> None:
        self._write()
        self.chosen.emit(self.gain)

    def _write(self) -> None:
        self._label.setText(self._words.format(gain=self.gain))
        self._back.setEnabled(self.gain != 1)
