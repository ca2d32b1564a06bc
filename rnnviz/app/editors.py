"""One input widget for each kind of setting, all alike to the form."""

from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QWidget,
)
from superqt import QLabeledSlider


class Editor(QWidget):
    """Shows a value and emits ``edited`` when the user, not the program, changed it."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)

    def set_value(self, value: Any) -> None:
        """Show ``value`` without emitting anything."""
        raise NotImplementedError


class ChoiceEditor(Editor):
    """One of a few names."""

    def __init__(self, choices: dict[str, str]) -> None:
        super().__init__()
        self._box = QComboBox()
        for name, title in choices.items():
            self._box.addItem(title, name)
        self._box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._box.setMinimumContentsLength(6)
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.activated.connect(lambda _: self.edited.emit(self._box.currentData()))
        self.row.addWidget(self._box, 1)

    def set_value(self, value: Any) -> None:
        """Show the title of ``value``."""
        self._box.setCurrentIndex(self._box.findData(value))


class IntegerEditor(Editor):
    """A slider with its number beside it; the number can be typed."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__()
        self._slider = QLabeledSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(low, high)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.valueChanged.connect(self.edited.emit)
        self.row.addWidget(self._slider, 1)

    def set_value(self, value: Any) -> None:
        """Show ``value``; one beyond the slider's range makes room for itself."""
        with QSignalBlocker(self._slider):
            self._slider.setRange(min(self._slider.minimum(), value), max(self._slider.maximum(), value))
            self._slider.setValue(value)


class NumberEditor(Editor):
    """A number whose steps follow its size: 0.005 steps by 0.0001, 5 by 0.1."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self._box = AdaptiveSpinBox(low, high)
        self._box.valueChanged.connect(self.edited.emit)
        self.row.addWidget(self._box, 1)

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        with QSignalBlocker(self._box):
            self._box.setValue(value)


class OptionalNumberEditor(Editor):
    """A number that can be switched off."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self._switch = QCheckBox()
        self._box = AdaptiveSpinBox(low, high)
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.toggled.connect(self._on_edited)
        self._box.valueChanged.connect(self._on_edited)
        self.row.addWidget(self._switch)
        self.row.addWidget(self._box, 1)

    def set_value(self, value: Any) -> None:
        """Show ``value``, or a switched-off number for None."""
        with QSignalBlocker(self._switch), QSignalBlocker(self._box):
            self._switch.setChecked(value is not None)
            self._box.setEnabled(value is not None)
            if value is not None:
                self._box.setValue(value)

    def _on_edited(self) -> None:
        self._box.setEnabled(self._switch.isChecked())
        self.edited.emit(self._box.value() if self._switch.isChecked() else None)


class FileEditor(Editor):
    """A file to be chosen in a dialog."""

    def __init__(self) -> None:
        super().__init__()
        self._button = QPushButton("choose …")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.ask)
        self.row.addWidget(self._button, 1)

    def set_value(self, value: Any) -> None:
        """Show the file's name."""
        self._button.setText("choose …" if value is None else Path(value).name)
        self._button.setToolTip("" if value is None else str(value))

    def ask(self) -> None:
        """Open the dialog; nothing happens when it is cancelled."""
        path, _ = QFileDialog.getOpenFileName(self, "Text to learn", "", "Text (*.txt *.md *.py *.csv);;All files (*)")
        if path:
            self.edited.emit(Path(path))


class AdaptiveSpinBox(QDoubleSpinBox):
    """A spin box for numbers of any size; takes the focus back to the window after Enter."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.setDecimals(6)
        self.setRange(low, high)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.setMinimumWidth(60)
        self.lineEdit().returnPressed.connect(self.clearFocus)

    def textFromValue(self, value: float) -> str:
        """Four significant digits and no trailing zeros."""
        return f"{value:.4g}"


def is_choice(annotation: Any) -> bool:
    """Whether a field's type is a Literal of strings."""
    arguments = get_args(annotation)
    return bool(arguments) and all(isinstance(argument, str) for argument in arguments)
