"""The gradients of a whole run as a picture: any number of updates in a bounded number of columns."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.state import flow_map
from rnnviz.state.flow_map import MOST, FlowMap
from tests.builders import full_trace, layer_trace, reading

SCALE = 10_000  # updates a decade
RISING = st.lists(st.integers(1, 50), min_size=1, max_size=80)


def trace(update, tokens=3):
    """A trace whose gradient tells its update at every token."""
    log10 = np.full((tokens, 1), update / SCALE)
    return dataclasses.replace(
        full_trace(tokens=tokens), layers=(layer_trace(tokens, 1, hidden_grads=10.0**log10),), update=update
    )


def map_of(updates, **options):
    made = FlowMap()
    for update in updates:
        made.add(trace(update, **options))
    return made


def shown(made, columns, last):
    """Of which update each column of the picture is."""
    return np.rint(made.picture(columns, last)[0] * SCALE).astype(int).tolist()


def test_an_empty_map_is_an_empty_picture():
    assert FlowMap().picture(7, 100).shape == (0, 7)


def test_a_single_update_fills_the_picture():
    assert shown(map_of([40]), 5, 100) == [40] * 5


def test_what_is_drawn_is_the_top_layers_gradient_forward_in_time():
    backward = dataclasses.replace(full_trace().layers[0], direction="backward")
    stack = full_trace(layers=2).layers
    made = FlowMap()
    made.add(dataclasses.replace(full_trace(), layers=(*stack, backward)))
    np.testing.assert_allclose(made.picture(1, 1)[:, 0], stack[1].log10_hidden_grads, rtol=1e-6)


def test_a_gradient_that_is_exactly_zero_stays_so():
    made = FlowMap()
    made.add(full_trace(hidden_grads=np.zeros((8, 6))))
    assert np.isneginf(made.picture(2, 1)).all()


@pytest.mark.parametrize("other", [dataclasses.replace(full_trace(), update=None), full_trace(hidden_grads=None)])
def test_a_trace_before_training_or_without_a_loss_is_left_out(other):
    made = FlowMap()
    made.add(other)
    assert len(made) == 0


def test_an_update_that_is_shown_again_is_not_a_second_column():
    assert len(map_of([1, 2, 2, 1, 3])) == 3


def test_another_length_of_sequence_begins_anew():
    made = map_of([1, 2, 3])
    made.add(trace(4, tokens=5))
    assert made.picture(2, 4).shape == (5, 2)
    assert len(made) == 1


@settings(deadline=None)
@given(RISING, st.integers(1, 40), st.integers(0, 50))
def test_every_place_of_the_picture_takes_the_nearest_update(steps, columns, beyond):
    updates = np.cumsum(steps)
    last = int(updates[-1]) + beyond
    wanted = 1 + (np.arange(columns) + 0.5) / columns * max(last - 1, 1)
    nearest = np.abs(updates[:, None] - wanted).min(axis=0)
    found = shown(map_of(updates.tolist()), columns, last)
    assert set(found) <= set(updates.tolist())
    np.testing.assert_array_equal(np.abs(np.array(found) - wanted), nearest)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=250), st.integers(2, 10))
def test_however_long_a_run_is_its_columns_are_few_evenly_spaced_and_up_to_date(steps, pairs):
    updates = np.cumsum(steps).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow_map, "MOST", 2 * pairs)
        made = map_of(updates, tokens=2)
    gaps = np.diff(made._updates)
    assert len(made) <= 2 * pairs
    assert made._updates[0] == updates[0]
    assert updates[-1] - made._updates[-1] < made._apart
    assert (made._apart <= gaps).all()
    assert (gaps <= made._apart * max(steps)).all()
    assert made._apart == 1 or len(made) > pairs


def test_a_run_of_many_updates_keeps_at_least_half_of_its_columns():
    made = map_of(range(1, 5 * MOST), tokens=1)
    assert MOST // 2 <= len(made) <= MOST
    assert shown(made, 4, 5 * MOST) == pytest.approx([640, 1920, 3200, 4480], abs=8)


def test_a_branch_has_what_came_before_it_and_leaves_the_run_alone():
    made = map_of([1, 3, 5, 7])
    past = made.until(5)
    assert shown(past, 4, 5) == [1, 3, 3, 5]
    past.add(trace(6))
    assert (len(past), len(made)) == (4, 4)
    assert shown(past, 1, 11) == [6]
    assert shown(made, 1, 11) == [5]
    assert len(made.until(0)) == 0


def test_sequences_that_the_network_wrote_do_not_stand_beside_others_of_their_length():
    made = map_of([1, 2])
    own = dataclasses.replace(trace(3), reading=reading(3), written=1)
    made.add_past(own)
    assert made.updates.tolist() == [1, 2]
    made.add(own)
    made.add(dataclasses.replace(own, update=4))
    assert made.updates.tolist() == [3, 4]
    made.add(dataclasses.replace(own, update=5, reading=dataclasses.replace(own.reading, tokens=("a", "b", "c"))))
    assert made.updates.tolist() == [5]
    made.add(trace(6))
    assert made.updates.tolist() == [6]
