"""The records of a run as columns: none is ever lost, whatever their number."""

import numpy as np
import pytest

from rnnviz.state.history import COLUMNS, History
from tests.builders import record


def history(*records):
    made = History()
    for entry in records:
        made.append(entry)
    return made


def test_a_new_history_is_empty():
    empty = History()
    assert (len(empty), empty.last) == (0, None)
    assert empty.column("loss").shape == (0,)
    assert empty.validation.shape == (0, 2)


def test_every_column_holds_its_own_number():
    numbers = {name: float(place) for place, name in enumerate(COLUMNS, start=10)}
    made = history(record(**numbers))
    assert {name: float(made.column(name)[0]) for name in COLUMNS} == numbers


def test_columns_have_one_value_a_record_in_order():
    made = history(*(record(update=update, loss=1 / update) for update in (1, 2, 3)))
    np.testing.assert_allclose(made.column("update"), [1, 2, 3])
    np.testing.assert_allclose(made.column("loss"), [1, 1 / 2, 1 / 3])
    assert len(made) == 3


def test_a_history_grows_beyond_its_first_room_and_loses_nothing():
    made = history(*(record(update=update) for update in range(1, 3001)))
    assert len(made) == 3000
    np.testing.assert_array_equal(made.column("update"), np.arange(1, 3001))


def test_a_column_taken_earlier_is_not_changed_by_growth():
    made = history(*(record(update=update) for update in range(1, 1025)))
    before = made.column("update")
    made.append(record(update=1025))
    np.testing.assert_array_equal(before, np.arange(1, 1025))


def test_validation_losses_stand_at_the_updates_at_which_they_were_measured():
    made = history(
        record(update=49),
        record(update=50, validation_loss=1.5),
        record(update=51),
        record(update=100, validation_loss=1),
    )
    np.testing.assert_allclose(made.validation, [[50, 1.5], [100, 1]])


def test_the_last_record_is_kept_whole():
    last = record(update=2, clip="value")
    assert history(record(update=1), last).last is last


def test_numbers_that_are_not_finite_are_kept_as_they_are():
    made = history(record(loss=float("nan"), grad_norm=float("inf")))
    assert np.isnan(made.column("loss")[0])
    assert np.isposinf(made.column("grad_norm")[0])


def test_a_norm_beyond_single_precision_is_kept():
    """Norms are accumulated in float64, so just before divergence they can be larger than any float32."""
    assert history(record(grad_norm=1e39)).column("grad_norm")[0] == 1e39


def test_the_norm_of_a_vanished_gradient_survives_single_precision():
    assert history(record(grad_norm=1e-42)).column("grad_norm")[0] > 0


@pytest.mark.parametrize("where", [1, 1023, 1024, 1025, 2999, 3000])
def test_the_past_of_a_branch_ends_where_it_begins_and_grows_by_itself(where):
    made = history(*(record(update=update, loss=update / 2) for update in range(1, 3001)))
    last = record(update=where, loss=7.0)
    past = made.until(last)
    assert (len(past), past.last) == (where, last)
    np.testing.assert_array_equal(past.column("loss"), np.arange(1, where + 1) / 2)
    for update in range(where + 1, where + 1100):
        past.append(record(update=update, loss=-1.0))
    assert len(past) == where + 1099
    np.testing.assert_array_equal(made.column("loss"), np.arange(1, 3001) / 2)


def test_the_past_of_a_branch_has_the_validation_losses_up_to_there():
    made = history(*(record(update=update, validation_loss=1 / update) for update in (50, 100, 150)))
    past = made.until(record(update=100))
    np.testing.assert_allclose(past.validation, [[50, 1 / 50], [100, 1 / 100]])
    past.append(record(update=101, validation_loss=9.0))
    assert len(made.validation) == 3


def test_how_far_a_branch_reaches_is_not_known_before_it_is_measured():
    made = history(record())
    made.reach = (3, 7)
    assert made.until(record()).reach is None
