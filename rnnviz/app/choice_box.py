"""A box to choose a name from, which is shortened where there is no room for it rather than cut through."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter


class ChoiceBox(QComboBox):
    """Ends a name that is too long for it with “…”."""

    def paintEvent(self, _: QPaintEvent) -> None:
        """As Qt does, with the name that there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, part, self).width()
        name = self.shown_name(room)
        painter = QStylePainter(self)
        painter.drawComplexControl(control, option)
        option.currentText = name
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def shown_name(self, room: int) -> str:
        """The chosen name, or as much of it as ``room`` pixels hold."""
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
