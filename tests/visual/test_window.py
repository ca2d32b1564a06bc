"""What the window looks like after a few updates: nothing empty, clipped, overlapping or outside."""

import itertools

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget
from superqt import QElidingLabel

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main_window import SMALLEST
from rnnviz.drawing.theme import THEMES
from tests.qt.driving import a_small_run

LOOKS = [
    pytest.param((size, theme), id=f"{size[0]}x{size[1]}-{theme}")
    for size in (SMALLEST, (1100, 700), (1600, 1000))
    for theme in THEMES
]


@pytest.fixture(params=LOOKS)
def trained(request, start):
    """A program that has done thirty updates; it is handed on whole, so that the window can be forgotten after it."""
    (width, height), theme = request.param
    driven = start(a_small_run(layers=2, length=20), layout=WindowLayout(width=width, height=height, theme=theme))
    driven.train(30)
    driven.window.show_latest()
    return driven


def visible(parent, kind):
    return [widget for widget in parent.findChildren(kind) if widget.isVisible()]


def rectangle(widget, window):
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def clipped(widget):
    """How many pixels of a text have no room."""
    lines = widget.text().split("\n")
    wanted = max(widget.fontMetrics().horizontalAdvance(line) for line in lines)
    return wanted - widget.contentsRect().width()


def test_the_window_looks_right(trained):
    """One test for all facts: the window is the expensive part."""
    window = trained.window
    check_that_it_is_not_blank(window)
    check_that_no_text_is_clipped(window)
    check_that_nothing_overlaps_in_the_bars(window)
    check_that_everything_lies_inside_its_parent(window)


def check_that_it_is_not_blank(window):
    image = window.grab().toImage()
    theme = window._theme
    assert image.size() == window.size()
    for part in (window.form, window.score, window.column, window.toolbar, window.transport):
        box = rectangle(part, window)
        colours = {
            image.pixel(x, y) for x in range(box.left(), box.right(), 7) for y in range(box.top(), box.bottom(), 3)
        }
        assert len(colours) >= 4, part
    corner = image.pixelColor(window.toolbar.x() + 2, window.toolbar.y() + 2)
    assert corner == QColor(theme.window)


def check_that_no_text_is_clipped(window):
    labels = [
        label for label in visible(window, QLabel) if not isinstance(label, QElidingLabel) and not label.wordWrap()
    ]
    texts = [widget for widget in (*labels, *visible(window, QPushButton)) if widget.text()]
    assert len(texts) > 20
    assert [(widget.text(), clipped(widget)) for widget in texts if clipped(widget) > 0] == []


def check_that_nothing_overlaps_in_the_bars(window):
    for bar in (window.toolbar, window.transport):
        parts = [child for child in bar.findChildren(QWidget) if child.parent() is bar and child.isVisible()]
        assert len(parts) >= 8
        pairs = itertools.combinations(parts, 2)
        assert [(a, b) for a, b in pairs if a.geometry().intersects(b.geometry())] == []


def check_that_everything_lies_inside_its_parent(window):
    scrolled = [
        window.form.findChildren(QWidget),
        window.column.findChildren(QWidget),
        window.score.findChildren(QWidget),
    ]
    free = set(itertools.chain(*scrolled))
    parts = [part for part in visible(window, QWidget) if part not in free and not part.isWindow()]
    assert len(parts) > 20
    outside = [part for part in parts if not part.parentWidget().rect().contains(part.geometry())]
    assert outside == []
    buttons = [button for button in visible(window, QAbstractButton) if button not in free]
    assert all(window.rect().contains(rectangle(button, window)) for button in buttons)
