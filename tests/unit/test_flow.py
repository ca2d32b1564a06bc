"""How far gradients reach, how saturated gates are, and the numbers of one unit."""

import numpy as np
import pytest

from rnnviz.analysis.flow import LAST_LOSS_DECADES, horizon, log10_range, norm_in_words, saturated_shares
from rnnviz.analysis.live_values import live_values
from tests.builders import full_layer, layer_trace

NONE = -np.inf


@pytest.mark.parametrize(
    ("log10_gradients", "tokens_back"),
    [
        ([0, 0, 0, 0], 3),
        ([-9, -9, -9, 0], 0),
        ([-9, -1, -1, 0], 2),
        ([-9, -2, -1, 0], 2),
        ([-9, -2.1, -1, 0], 1),
        ([3, 2, 1, 0], 3),
        ([3, 0, 0, 0], 3),
        ([0, -9, -9, 0], 3),
        ([NONE, NONE, NONE, NONE], 0),
        ([NONE, NONE, 0, 0], 1),
        ([np.nan, np.nan, 0, 0], None),
        ([np.nan, np.nan, np.nan], None),
        ([np.inf, 0, 0, 0], None),
        ([5.0], 0),
    ],
)
def test_the_horizon_is_the_farthest_token_above_a_hundredth_of_the_peak(log10_gradients, tokens_back):
    assert horizon(np.array(log10_gradients, float)) == tokens_back


def test_another_share_moves_the_horizon():
    falling = np.arange(-5.0, 1.0)
    assert [horizon(falling, share) for share in (0.5, 1e-1, 1e-3)] == [0, 1, 3]


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ([0.0, 0.05, 0.2, 0.5, 0.8, 0.95], 3 / 6),
        ([0.5, 0.5], 0.0),
        ([1.0, 1.0], 1.0),
        ([np.nan, 1.0], 0.5),
    ],
)
def test_the_saturated_share_of_every_gate_counts_values_near_the_ends(values, share):
    gates = np.stack([np.array(values).reshape(-1, 1), np.full((len(values), 1), 0.5)])
    assert saturated_shares(gates) == pytest.approx([share, 0])


def test_the_scale_holds_totals_and_direct_parts_of_all_layers():
    layers = (full_layer(layer=0), full_layer(layer=1))
    found = log10_range(layers)
    for layer in layers:
        assert np.isin(layer.log10_hidden_grads, found).all()
        assert np.isin(layer.log10_hidden_grads_direct, found).all()


def test_a_vanished_gradient_of_the_last_loss_does_not_flatten_the_scale():
    ones = np.ones((8, 6))
    layer = full_layer(hidden_grads=ones, hidden_grads_direct=ones, hidden_grads_last=ones * 1e-30)
    assert log10_range((layer,)).min() > -LAST_LOSS_DECADES


def test_a_gradient_of_the_last_loss_that_grows_widens_the_scale():
    ones = np.ones((8, 6))
    layer = full_layer(hidden_grads=ones, hidden_grads_direct=ones, hidden_grads_last=ones * 1e6)
    assert log10_range((layer,)).max() > 6


def test_without_gradients_there_is_no_scale():
    assert log10_range((layer_trace(),)).size == 0


def test_nothing_finite_is_nothing_to_scale():
    broken = np.full((8, 6), np.nan)
    layer = full_layer(hidden_grads=broken, hidden_grads_direct=broken, hidden_grads_last=broken)
    found = log10_range((layer,))
    assert not np.isfinite(found).any()


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        ([3.0, 4.0], "5"),
        ([1e-30, 0.0], "1e-30"),
        ([0.0, 0.0], "exactly 0"),
        ([np.nan, 0.0], "not finite"),
        ([np.inf, 0.0], "not finite"),
        ([1.23456e-5, 0.0], "1.23e-05"),
    ],
)
def test_a_norm_in_words_tells_zero_small_and_broken_apart(gradient, words):
    assert norm_in_words(np.array([[9.0, 9.0], gradient]), 1) == words


def test_live_values_are_those_of_the_unit_at_the_token():
    layer = full_layer("lstm")
    values = live_values(layer, token=3, unit=2)
    assert values["h"] == layer.hidden[3, 2]
    assert values["h_before"] == layer.hidden[2, 2]
    assert values["c"] == layer.cell_state[3, 2]
    assert values["c_before"] == layer.cell_state[2, 2]
    assert values["forget"] == layer.gates["forget"][3, 2]
    assert values["input_part_1"] == layer.input_parts[3, 1, 2]
    assert values["sum_3"] == pytest.approx(layer.input_parts[3, 3, 2] + layer.recurrent_parts[3, 3, 2])


def test_before_the_first_token_stands_the_initial_state():
    values = live_values(full_layer("lstm", initial_hidden=np.full(6, 0.25)), token=0, unit=5)
    assert (values["h_before"], values["c_before"]) == (0.25, 0.0)


def test_a_cell_without_gates_has_no_values_of_gates():
    assert set(live_values(layer_trace(), 1, 0)) == {"h", "h_before"}
