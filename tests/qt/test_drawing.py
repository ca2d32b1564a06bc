"""Pictures and paths: what was put in can be seen, pixel for pixel."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsScene

from rnnviz.drawing.colour_map import CLEAR, LEVELS, NONFINITE, ZERO, quantise, signed_table
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import bars_path, curve_path, polygons_path, visible_token
from rnnviz.drawing.theme import DARK

BACKGROUND = QColor("#123456")


@pytest.fixture
def heat_map(qapp):
    scene = QGraphicsScene()
    heat_map = HeatMap()
    scene.addItem(heat_map)
    heat_map.set_table(signed_table(DARK))
    heat_map.scene_kept = scene  # or Python would throw the scene away
    return heat_map


def pixels(heat_map, width, height):
    """The colours of a picture of ``width`` × ``height``, one a pixel."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(BACKGROUND)
    painter = QPainter(image)
    heat_map.scene().render(painter, QRectF(0, 0, width, height), QRectF(0, 0, width, height))
    painter.end()
    return [[image.pixelColor(x, y).name() for x in range(width)] for y in range(height)]


def colours(cells):
    table = signed_table(DARK)
    return [[QColor.fromRgba(table[byte]).name() for byte in row] for row in cells.tolist()]


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 7, 50])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_heat_map_shows_every_cell_in_its_own_colour(heat_map, rows, columns):
    cells = np.random.default_rng(columns).integers(0, LEVELS, (rows, columns)).astype(np.uint8)
    heat_map.place(QRectF(0, 0, columns, rows))
    heat_map.show_bytes(cells)
    assert pixels(heat_map, columns, rows) == colours(cells)


def test_a_heat_map_is_stretched_over_its_place_without_blurring(heat_map):
    cells = np.array([[0, LEVELS - 1, 125], [NONFINITE, ZERO, 10]], np.uint8)
    heat_map.place(QRectF(2, 1, 9, 8))
    heat_map.show_bytes(cells)
    found = pixels(heat_map, 13, 10)
    expected = np.array(colours(cells)).repeat(4, axis=0).repeat(3, axis=1).tolist()
    assert [row[2:11] for row in found[1:9]] == expected
    outside = [*found[0], *found[9], *(row[x] for row in found for x in (0, 1, 11, 12))]
    assert set(outside) == {BACKGROUND.name()}


def test_other_numbers_replace_what_was_shown(heat_map):
    heat_map.place(QRectF(0, 0, 3, 1))
    for cells in (np.array([[0, 1, 2]], np.uint8), np.array([[249, 100, 3]], np.uint8)):
        heat_map.show_bytes(cells)
        assert pixels(heat_map, 3, 1) == colours(cells)


def test_another_size_and_back_is_shown_rightly(heat_map):
    for rows, columns in ((2, 5), (3, 2), (2, 5), (1, 9)):
        cells = np.full((rows, columns), rows * 40 + columns, np.uint8)
        heat_map.place(QRectF(0, 0, columns, rows))
        heat_map.show_bytes(cells)
        assert pixels(heat_map, columns, rows) == colours(cells)


def test_a_turned_array_is_shown_as_it_is_indexed(heat_map):
    """(T, H) numbers are shown with tokens to the right: the array that arrives is a transposed view."""
    numbers = np.linspace(-1, 1, 12).reshape(3, 4)
    cells = quantise(numbers, -1, 1).T
    heat_map.place(QRectF(0, 0, 3, 4))
    heat_map.show_bytes(cells)
    assert pixels(heat_map, 3, 4) == colours(cells)


def test_a_clear_cell_lets_the_ground_through(heat_map):
    heat_map.place(QRectF(0, 0, 2, 1))
    heat_map.show_bytes(np.array([[CLEAR, 0]], np.uint8))
    assert pixels(heat_map, 2, 1)[0] == [BACKGROUND.name(), QColor(DARK.negative).name()]


def test_where_rows_have_no_pixel_of_their_own_values_are_averaged_and_special_ones_win(heat_map):
    heat_map.place(QRectF(0, 0, 3, 1))
    heat_map.show_bytes(np.array([[0, 10, NONFINITE], [LEVELS - 1, 20, 0]], np.uint8))
    assert pixels(heat_map, 3, 1) == colours(np.array([[LEVELS // 2, 15, NONFINITE]]))


def test_a_larger_place_shows_all_rows_at_once(heat_map):
    cells = np.array([[0], [LEVELS - 1]], np.uint8)
    heat_map.place(QRectF(0, 0, 1, 1))
    heat_map.show_bytes(cells)
    heat_map.place(QRectF(0, 0, 1, 2))
    assert pixels(heat_map, 1, 2) == colours(cells)


def test_an_empty_heat_map_can_be_placed(heat_map):
    heat_map.place(QRectF(0, 0, 5, 5))
    assert set(itertools.chain(*pixels(heat_map, 2, 2))) == {BACKGROUND.name()}


def subpaths(path):
    """Corners of every part of a path; a corner that is there twice counts once."""
    parts = [[(point.x(), point.y()) for point in polygon] for polygon in path.toSubpathPolygons()]
    return [[corner for corner, _ in itertools.groupby(part)] for part in parts]


def test_polygons_are_closed_and_not_joined(qapp):
    x, y = np.array([[0.0, 2, 1], [10, 12, 11]]), np.array([[0.0, 0, 2], [5, 5, 7]])
    assert subpaths(polygons_path(x, y)) == [
        [(0, 0), (2, 0), (1, 2), (0, 0)],
        [(10, 5), (12, 5), (11, 7), (10, 5)],
    ]


def test_no_polygons_are_an_empty_path(qapp):
    assert polygons_path(np.empty((0, 3)), np.empty((0, 3))).isEmpty()


def test_bars_stand_where_they_should_and_those_of_no_height_are_left_out(qapp):
    path = bars_path(np.array([0.0, 10, 20]), np.array([5.0, 5, 5]), 4, np.array([2.0, 0, 3]))
    assert subpaths(path) == [
        [(0, 5), (4, 5), (4, 7), (0, 7), (0, 5)],
        [(20, 5), (24, 5), (24, 8), (20, 8), (20, 5)],
    ]
    assert path.contains(QPointF(22, 6))
    assert not path.contains(QPointF(12, 6))


@pytest.mark.parametrize("heights", [[0.0, 0.0], [np.nan, -1.0], []])
def test_bars_that_cannot_be_drawn_are_an_empty_path(qapp, heights):
    left = np.arange(float(len(heights)))
    assert bars_path(left, np.array(0.0), 1, np.array(heights)).isEmpty()


def test_bars_may_share_their_top(qapp):
    path = bars_path(np.array([0.0, 2]), np.array(1.0), 1, np.array([1.0, 1]))
    assert [polygon[0] for polygon in subpaths(path)] == [(0, 1), (2, 1)]


def test_a_curve_goes_through_its_points(qapp):
    assert subpaths(curve_path(np.arange(3), np.array([1.0, 5, 2]))) == [[(0, 1), (1, 5), (2, 2)]]


def test_a_curve_is_interrupted_where_there_is_no_value(qapp):
    path = curve_path(np.arange(6), np.array([1.0, 2, np.nan, 4, 5, np.nan]))
    assert subpaths(path) == [[(0, 1), (1, 2)], [(3, 4), (4, 5)]]


@pytest.mark.parametrize("values", [[], [np.nan], [np.nan] * 5, [np.nan, 1.0]])
def test_a_curve_without_two_neighbours_has_nothing_to_draw_and_does_no_harm(qapp, values):
    path = curve_path(np.arange(len(values)), np.array(values, float))
    assert path.length() == 0


def test_a_single_point_is_a_dash(qapp):
    assert subpaths(curve_path(np.array([20.0]), np.array([5.0]))) == [[(17, 5), (23, 5)]]


@pytest.mark.parametrize(("label", "shown"), [(" ", "␣"), ("\n", "↵"), ("\t", "⇥"), ("a", "a"), ("世", "世")])
def test_every_token_leaves_ink(label, shown):
    assert visible_token(label) == shown
