"""A picture that is drawn as a whole, and what becomes of a fault in its drawing."""

from PySide6.QtWidgets import QGraphicsSimpleTextItem, QVBoxLayout, QWidget

from rnnviz.drawing.figure import Figure
from rnnviz.drawing.theme import DARK


def words_in(figure):
    items = figure.scene().items()
    return [item.text() for item in items if isinstance(item, QGraphicsSimpleTextItem) and item.isVisible()]


def test_a_fault_in_a_drawing_is_told_and_the_picture_says_so(qtbot):
    def draw():
        raise KeyError("no place")

    window = QWidget()
    figure = Figure(DARK, draw, lambda _: 50.0)
    QVBoxLayout(window).addWidget(figure)
    qtbot.addWidget(window)
    with qtbot.capture_exceptions() as told:
        window.show()
        window.resize(400, 300)  # the layout resizes the figure, which draws: an exception here ends the process
        qtbot.wait(10)
    assert told
    assert all(kind is KeyError for kind, _, _ in told)
    assert words_in(figure) == ["a fault in the window keeps this\nfrom being drawn"]


def test_after_a_fault_a_picture_is_drawn_as_soon_as_it_can_be(qtbot):
    known = []
    figure = Figure(DARK, lambda: figure.say(known[0]), lambda _: 50.0)
    qtbot.addWidget(figure)
    with qtbot.capture_exceptions() as told:
        figure.show()
    assert told
    known.append("here it is")
    figure.redraw()
    assert words_in(figure) == ["here it is"]
