"""One input widget for each kind of setting, all alike to the form."""

import re
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolTip,
    QWidget,
)

from rnnviz.app.choice_box import ChoiceBox


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

    def __init__(self, choices: dict[str, str], abouts: dict[str, str] | None = None) -> None:
        super().__init__()
        self._box = ChoiceBox()
        for place, (name, title) in enumerate(choices.items()):
            self._box.addItem(title, name)
            self._box.setItemData(place, (abouts or {}).get(name), Qt.ItemDataRole.ToolTipRole)
        self._box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._box.setMinimumContentsLength(6)
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.activated.connect(lambda _: self.edited.emit(self._box.currentData()))
        self.row.addWidget(self._box, 1)

    def set_value(self, value: Any) -> None:
        """Show the title of ``value``."""
        self._box.setCurrentIndex(self._box.findData(value))


class IntegerEditor(Editor):
    """A slider over what is worth dragging through, and a box that takes everything that is allowed."""

    def __init__(self, slider: tuple[int, int], limits: tuple[int, int]) -> None:
        super().__init__()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(*slider)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._box = CountBox()
        self._box.setRange(*limits)
        self._box.setKeyboardTracking(False)
        self._box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._box.setFixedWidth(44)
        self._slider.valueChanged.connect(self._box.setValue)
        self._box.valueChanged.connect(self._on_value)
        self.row.addWidget(self._slider, 1)
        self.row.addWidget(self._box)

    @property
    def value(self) -> int:
        """What is in the box."""
        return self._box.value()

    def set_slider(self, low: int, high: int) -> None:
        """Drag through other numbers; what is shown stays."""
        with QSignalBlocker(self._slider):
            self._slider.setRange(low, high)
            self._slider.setValue(self._box.value())

    def set_value(self, value: Any) -> None:
        """Show ``value``; the slider stops at its end."""
        with QSignalBlocker(self._slider), QSignalBlocker(self._box):
            self._slider.setValue(value)
            self._box.setValue(value)

    def _on_value(self, value: int) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(value)
        self.edited.emit(value)


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


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self) -> None:
        super().__init__()
        self._switch = QCheckBox()
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.toggled.connect(self.edited.emit)
        self.row.addWidget(self._switch)

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        with QSignalBlocker(self._switch):
            self._switch.setChecked(bool(value))


class FileEditor(Editor):
    """A file to be chosen in a dialog, which has a ``title`` and offers files of some ``kinds``."""

    def __init__(self, title: str, kinds: str) -> None:
        super().__init__()
        self._title, self._kinds = title, kinds
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
        path, _ = QFileDialog.getOpenFileName(self, self._title, "", f"{self._kinds};;All files (*)")
        if path:
            self.edited.emit(Path(path))


class CountBox(QSpinBox):
    """A box for whole numbers; takes the focus back to the window after Enter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter from the window, where it would start the new run."""
        super().keyPressEvent(event)
        end_with_enter(self, event)


def end_with_enter(box: QWidget, event: QKeyEvent) -> None:
    """Keep Enter from the window, and give it the focus."""
    if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
        event.accept()
        box.clearFocus()


class AdaptiveSpinBox(QDoubleSpinBox):
    """A spin box for numbers of any size; takes the focus back to the window after Enter."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.setLocale(QLocale.c())  # a point, whatever the system writes: what is shown can be typed
        self.setDecimals(12)
        self.setRange(low, high)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.setMinimumWidth(60)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter from the window, where it would start the new run."""
        super().keyPressEvent(event)
        end_with_enter(self, event)

    def textFromValue(self, value: float) -> str:
        """Four significant digits and no trailing zeros."""
        return f"{value:.4g}"

    def valueFromText(self, text: str) -> float:
        """Read “0.01”, “0,01” and “1e-3” alike."""
        return float(self._bare(text))

    def validate(self, text: str, place: int) -> object:
        """Let through what is a number, or may become one."""
        bare = self._bare(text)
        if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", bare):
            inside = self.minimum() <= float(bare) <= self.maximum()
            return (QValidator.State.Acceptable if inside else QValidator.State.Intermediate), text, place
        partial = re.fullmatch(r"[-+]?\d*\.?\d*(e[-+]?\d*)?", bare)
        return (QValidator.State.Intermediate if partial else QValidator.State.Invalid), text, place

    def fixup(self, text: str) -> str:
        """Say why ``text`` is not taken. Qt goes back to the value before, and not to the nearest that is allowed."""
        said = f"{self._bare(text) or 'Nothing'} is not a number from {self.minimum():g} to {self.maximum():g}"
        QToolTip.showText(
            self.mapToGlobal(self.rect().bottomLeft()), f"{said}: {self.textFromValue(self.value())} stays.", self
        )
        return text

    def _bare(self, text: str) -> str:
        return text.removeprefix(self.prefix()).strip().lower().replace(",", ".")


def is_choice(annotation: Any) -> bool:
    """Whether a field's type is a Literal of strings."""
    arguments = get_args(annotation)
    return bool(arguments) and all(isinstance(argument, str) for argument in arguments)
