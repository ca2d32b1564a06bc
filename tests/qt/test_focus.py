"""Walking through the window with Tab: where the keyboard is can be seen, and what is set there has a name."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QScrollArea, QSlider, QSpinBox
from superqt import QCollapsible, QToggleSwitch

REASON = Qt.FocusReason.TabFocusReason


def pictures(part):
    """Without and with the focus."""
    taken = []
    for act in (part.clearFocus, lambda: part.setFocus(REASON)):
        act()
        taken.append(part.grab().toImage())
    return taken


def differing(pair):
    one, other = pair
    places = [(x, y) for x in range(one.width()) for y in range(one.height())]
    return sum(one.pixelColor(x, y) != other.pixelColor(x, y) for x, y in places)


def activated(driven):
    driven.window.activateWindow()
    driven.until(lambda: QApplication.activeWindow() is driven.window)
    return driven.window


def test_the_switch_and_the_headings_show_that_they_have_the_keyboard(driven):
    window = activated(driven)
    headings = [section.findChild(QPushButton) for section in window.form.findChildren(QCollapsible)]
    for part in (window.findChild(QToggleSwitch), *headings):
        assert differing(pictures(part)) > 40, part.text()


@pytest.mark.parametrize("where", ["form", "column"])
def test_the_column_is_scrolled_to_what_gets_the_keyboard_from_outside(driven, where):
    window = activated(driven)
    driven.key(Qt.Key.Key_F6)
    area = getattr(window, where).findChild(QScrollArea)
    last = [part for part in area.findChildren(QSlider) if part.isVisible() and part.isEnabled()][-1]
    window.setFocus()
    area.verticalScrollBar().setValue(0)
    window.resize(window.minimumSize())
    driven.until(lambda: area.verticalScrollBar().maximum() > 0)
    assert last.visibleRegion().isEmpty()
    last.setFocus(REASON)
    assert not last.visibleRegion().isEmpty()


def test_everything_that_is_set_in_the_form_has_a_name(driven):
    for kind in (QComboBox, QSlider, QSpinBox):
        assert all(part.accessibleName() for part in driven.window.form.findChildren(kind))
