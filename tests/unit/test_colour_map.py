"""From numbers to bytes to colours: clamped, with colours of their own for what is broken and what is exactly zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QPalette

from rnnviz.drawing.colour_map import (
    CLEAR,
    LEVELS,
    NONFINITE,
    ZERO,
    magnitude_colour,
    magnitude_table,
    openness_table,
    quantise,
    quantise_log,
    signed_table,
)
from rnnviz.drawing.theme import DARK, LIGHT, THEMES

TOP = LEVELS - 1
TABLES = [signed_table, openness_table, magnitude_table]


def quantised(*numbers, low=-1.0, high=1.0):
    return quantise(np.array(numbers), low, high).tolist()


def test_low_middle_and_high_are_the_ends_and_the_middle_of_the_scale():
    assert quantised(-1, 0, 1) == [0, TOP // 2, TOP]


def test_what_lies_beyond_is_clamped():
    assert quantised(-1.5, 7, -1e30, 1e30) == [0, TOP, 0, TOP]


def test_what_is_not_finite_is_marked_and_the_rest_is_not():
    assert quantised(np.nan, np.inf, -np.inf, 0) == [NONFINITE, NONFINITE, NONFINITE, TOP // 2]


@pytest.mark.parametrize("value", [3e38, -3e38, 1e37])
def test_the_largest_finite_numbers_are_clamped_and_not_called_broken(value):
    assert quantise(np.array([value], np.float32), -1, 1).tolist() == [TOP if value > 0 else 0]


def test_many_large_numbers_whose_sum_is_infinite_are_still_finite():
    assert set(quantise(np.full(1000, 1e36, np.float32), -1, 1).tolist()) == {TOP}


def test_bytes_have_the_shape_of_the_numbers():
    cells = quantise(np.zeros((3, 4, 5)), -1, 1)
    assert (cells.shape, cells.dtype) == ((3, 4, 5), np.uint8)


def test_numbers_are_not_changed():
    numbers = np.array([5.0, np.nan])
    numbers.flags.writeable = False
    quantise(numbers, -1, 1)
    quantise_log(numbers, -1, 1)
    np.testing.assert_array_equal(numbers, [5.0, np.nan])


def test_in_a_logarithm_exact_zero_is_told_apart_from_small_and_from_broken():
    cells = quantise_log(np.array([-np.inf, -30.0, -4.0, 1.0, np.inf, np.nan]), -4, 1)
    assert cells.tolist() == [ZERO, 0, 0, TOP, NONFINITE, NONFINITE]


@given(st.lists(st.floats(width=32) | st.just(np.nan), min_size=1, max_size=20))
def test_larger_numbers_never_get_smaller_bytes(numbers):
    array = np.array(numbers, np.float32)
    cells = quantise(array, -1, 1)
    drawable = np.abs(array) < 1e36
    order = np.argsort(array[drawable])
    assert (np.diff(cells[drawable][order].astype(int)) >= 0).all()
    assert (cells[~np.isfinite(array)] == NONFINITE).all()


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_a_colour_for_every_byte(table, theme):
    colours = table(theme)
    assert len(colours) == 256
    assert all(QColor.fromRgba(colour).alpha() == 255 for colour in colours[:LEVELS])
    assert QColor.fromRgba(colours[NONFINITE]) == QColor(theme.nonfinite)
    assert QColor.fromRgba(colours[ZERO]) == QColor(theme.zero)
    assert colours[CLEAR] == 0


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_tables_begin_and_end_with_the_colours_of_the_theme(theme):
    ends = [(table(theme)[0], table(theme)[TOP]) for table in TABLES]
    expected = [(theme.negative, theme.positive), (theme.shut, theme.open), (theme.sequential[0], theme.sequential[-1])]
    assert ends == [(QColor(low).rgba(), QColor(high).rgba()) for low, high in expected]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_middle_of_the_signed_table_is_neutral(theme):
    found, neutral = QColor.fromRgba(signed_table(theme)[TOP // 2]), QColor(theme.neutral)
    assert max(abs(a - b) for a, b in zip(found.getRgb(), neutral.getRgb(), strict=True)) <= 2


def test_the_colour_of_a_magnitude_is_that_of_the_map():
    assert magnitude_colour(DARK, 0) == QColor(DARK.sequential[0])
    assert magnitude_colour(DARK, 1) == QColor(DARK.sequential[-1])


def luminance(colour):
    """Relative luminance after WCAG 2.2."""
    channels = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Contrast ratio after WCAG 2.2, from 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", ["window", "panel", "raised"])
@pytest.mark.parametrize("ink", ["text", "muted", "wrong"])
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_can_be_read(theme, ink, ground):
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_primary_button_can_be_read(theme):
    assert contrast(theme.on_amber, theme.amber) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_gates_have_hues_of_their_own_that_stand_out_from_the_ground(theme):
    assert len(set(theme.gates)) == len(theme.gates)
    assert all(contrast(hue, theme.panel) >= 3 for hue in theme.gates)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_amber_means_nothing_else(theme):
    others = {name: value for name, value in vars(theme).items() if name != "amber"}
    assert theme.amber not in others.values()
    assert theme.amber not in (*theme.gates, *theme.sequential)


def test_the_two_themes_differ_in_every_ground():
    assert all(getattr(DARK, name) != getattr(LIGHT, name) for name in ("window", "panel", "raised", "text", "muted"))


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_palette_carries_the_theme(theme):
    palette = theme.palette()
    assert palette.color(QPalette.ColorRole.Window) == QColor(theme.window)
    assert palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) == QColor(theme.muted)
