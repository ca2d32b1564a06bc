"""Turning the wheel over the settings and the panels scrolls them, and changes nothing that lies under the pointer."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QScrollArea, QSlider


def turn(part):
    """One step of the wheel down, at the middle of ``part``: whether that took it, else it is the column's."""
    middle = QPointF(part.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(part.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(part, event)
    return event.isAccepted()


def value(part):
    return part.currentIndex() if isinstance(part, QComboBox) else part.value()


def parts(column):
    kinds = (QComboBox, QAbstractSpinBox, QSlider)
    return [part for kind in kinds for part in column.findChildren(kind) if part.isVisible() and part.isEnabled()]


@pytest.mark.parametrize("where", ["form", "column"])
def test_the_wheel_is_left_to_the_column_and_changes_nothing(driven, where):
    driven.key(Qt.Key.Key_F6)
    area = getattr(driven.window, where).findChild(QScrollArea)
    for part in parts(area):
        before = value(part)
        assert not turn(part), part.accessibleName()
        assert value(part) == before, part.accessibleName()
        assert part.focusPolicy() != Qt.FocusPolicy.WheelFocus, part.accessibleName()
    assert parts(area)
    assert driven.window.form.pending == {}


def test_a_box_that_has_the_keyboard_takes_the_wheel(driven):
    driven.window.activateWindow()
    box = driven.window.form._editors["rate"]._box
    box.setFocus()
    driven.qtbot.waitUntil(box.hasFocus)
    before = box.value()
    assert turn(box)
    assert box.value() < before
