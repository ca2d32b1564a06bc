"""The wheel over a scrolled column: it scrolls, and does not turn whatever box or slider comes under the pointer."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget


class _LeaveToTheColumn(QObject):
    def eventFilter(self, part: QObject, event: QEvent) -> bool:
        """Only what has the keyboard takes the wheel."""
        if event.type() != QEvent.Type.Wheel or (isinstance(part, QWidget) and part.hasFocus()):
            return False
        event.ignore()
        return True


def leave_the_wheel(column: QWidget) -> None:
    """Have boxes and sliders that lie in ``column`` now pass the wheel on to it, unless they have the focus."""
    guard = _LeaveToTheColumn(column)
    for kind in (QComboBox, QAbstractSpinBox, QSlider):
        for part in column.findChildren(kind):
            part.installEventFilter(guard)
            if part.focusPolicy() == Qt.FocusPolicy.WheelFocus:  # the first step would give it the keyboard
                part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
