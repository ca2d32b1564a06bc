"""Frozen data: shapes are checked once, arrays cannot be written, wrong names are answered with the right ones."""

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

import rnnviz
from rnnviz.domain.arrays import log10_norms, readonly
from rnnviz.domain.catalogue import Catalogue
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.trace import Reading, SelfCheck, Trace
from tests.builders import layer_trace, record


@dataclass(frozen=True)
class Fruit:
    name: str


FRUITS = Catalogue("fruit", (Fruit("pear"), Fruit("apple")))


def test_a_catalogue_keeps_the_order_given():
    assert list(FRUITS) == ["pear", "apple"]
    assert len(FRUITS) == 2
    assert FRUITS["apple"] == Fruit("apple")


def test_a_wrong_name_is_answered_with_the_right_ones():
    assert FRUITS.check("pear") == "pear"
    with pytest.raises(ValueError, match="fruit is 'plum', expected one of pear, apple"):
        FRUITS.check("plum")
    with pytest.raises(KeyError):
        FRUITS["plum"]


def test_two_entries_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two entries of the fruit catalogue have the same name"):
        Catalogue("fruit", (Fruit("pear"), Fruit("pear")))


@pytest.mark.parametrize(
    ("cursor", "nearest"),
    [
        (Cursor(2, 1, 3), Cursor(2, 1, 3)),
        (Cursor(9, 9, 9), Cursor(4, 1, 3)),
        (Cursor(-1, -1, -1), Cursor(0, 0, 0)),
    ],
)
def test_a_cursor_moves_to_the_nearest_place_that_exists(cursor, nearest):
    assert cursor.within(tokens=5, layers=2, units=4) == nearest


def test_an_array_that_is_readonly_stays_what_it_is():
    array = readonly(np.zeros(3))
    assert readonly(array) is array
    assert not array.flags.writeable


def test_making_an_array_readonly_leaves_the_owners_array_writeable():
    mine = np.zeros(3)
    readonly(mine)
    assert mine.flags.writeable


def test_norms_far_below_float32_squares_are_told_from_zero():
    vectors = np.array([[3e-30, 4e-30], [0, 0], [3e30, 4e30], [0, 10]], np.float32)
    found = log10_norms(vectors)
    np.testing.assert_allclose(found, [np.log10(5e-30), -np.inf, np.log10(5e30), 1.0], rtol=1e-7)
    assert found.dtype == np.float64


def test_norms_of_infinite_vectors_are_infinite_without_a_warning():
    assert log10_norms(np.array([[np.inf, 1.0]])).tolist() == [np.inf]


@pytest.mark.parametrize(
    ("part", "array", "sentence"),
    [
        ("hidden_grads", np.zeros((4, 2)), r"hidden_grads is \(4, 2\), expected \(3, 2\)"),
        ("gates", {"reset": np.zeros((3, 1))}, r"gates\['reset'\] is \(3, 1\), expected \(3, 2\)"),
        ("gate_grads", {"reset": np.zeros(3)}, r"gate_grads\['reset'\] is \(3,\), expected \(3, 2\)"),
        ("initial_hidden", np.zeros(3), r"initial_hidden is \(3,\), expected \(2,\)"),
        ("initial_cell", np.zeros((1, 2)), r"initial_cell is \(1, 2\), expected \(2,\)"),
        ("input_parts", np.zeros((3, 4, 3)), r"input_parts is \(3, 4, 3\), expected \(3, 4, 2\)"),
        ("recurrent_parts", np.zeros((2, 4, 2)), r"recurrent_parts is \(2, 4, 2\), expected \(3, 4, 2\)"),
    ],
)
def test_an_array_of_a_wrong_shape_is_refused_by_name(part, array, sentence):
    with pytest.raises(ValueError, match=sentence):
        layer_trace(tokens=3, units=2, **{part: array})


def test_a_layer_cannot_be_written():
    layer = layer_trace(gates={"reset": np.zeros((3, 2))}, input_parts=np.zeros((3, 1, 2)))
    with pytest.raises(FrozenInstanceError):
        layer.hidden = np.zeros((3, 2))
    with pytest.raises(TypeError):
        layer.gates["reset"] = np.zeros((3, 2))
    for array in (layer.hidden, layer.initial_hidden, layer.gates["reset"], layer.input_parts):
        assert not array.flags.writeable


def test_the_state_before_a_token_is_that_of_the_token_read_before_it():
    cells = np.array([[10.0, 10], [20, 20], [30, 30]])
    start = {"initial_hidden": np.full(2, -1.0), "initial_cell": np.full(2, -10.0), "cell_state": cells}
    forward, backward = layer_trace(**start), layer_trace(direction="backward", **start)
    assert [[part[0] for part in forward.before(token)] for token in range(3)] == [[-1, -10], [1, 10], [2, 20]]
    assert [[part[0] for part in backward.before(token)] for token in range(3)] == [[2, 20], [3, 30], [-1, -10]]


def test_a_layer_without_a_cell_state_has_none_before_a_token():
    assert layer_trace().before(0)[1] is None
    assert layer_trace().before(1)[1] is None


def test_predictions_are_the_most_probable_labels():
    reading = Reading(("a", "b"), ("b", "a"), ("a", "b", "c"), np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]))
    assert reading.predictions == ("c", "a")


def test_probabilities_need_a_row_per_token_and_a_column_per_label():
    with pytest.raises(ValueError, match=r"probabilities is \(2, 2\), expected \(2, 3\)"):
        Reading(("a", "b"), ("b", "a"), ("a", "b", "c"), np.zeros((2, 2)))


def test_a_trace_needs_a_loss_per_token():
    with pytest.raises(ValueError, match=r"losses is \(2,\), expected \(3,\)"):
        Trace((layer_trace(tokens=3),), np.zeros(2))


@pytest.mark.parametrize(
    ("error", "passed"), [(0.0, True), (1e-5, True), (1.1e-5, False), (np.inf, False), (np.nan, False)]
)
def test_a_self_check_passes_within_what_rounding_explains(error, passed):
    assert SelfCheck(1, error).passed == passed


def test_records_are_equal_whatever_time_they_took():
    assert record(seconds=0.5) == record(seconds=0.25)
    assert record(loss=1.0) != record(loss=2.0)


@pytest.mark.parametrize(("seconds", "rate"), [(0.25, 4.0), (0.0, 0.0)])
def test_the_rate_of_updates_follows_from_their_duration(seconds, rate):
    assert record(seconds=seconds).updates_per_second == rate


@pytest.mark.parametrize("name", rnnviz.__all__)
def test_every_public_name_exists(name):
    assert getattr(rnnviz, name) is not None


def test_an_unknown_public_name_is_refused():
    with pytest.raises(AttributeError, match="module 'rnnviz' has no attribute 'tracer'"):
        _ = rnnviz.tracer
