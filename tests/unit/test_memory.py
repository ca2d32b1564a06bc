"""How far back losses reach, by hand."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.flow import horizon, log10_in_words, reach
from rnnviz.analysis.memory import is_loss, mean_by_lag, mean_look_back, nearest_row, row_by_lag, unreachable
from rnnviz.analysis.products import carry_range, realised
from rnnviz.domain.influence import Influence
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.layer import split
from rnnviz.tracing.spectrum import SpectrumStudy
from rnnviz.tracing.study import Subject
from tests.builders import every_token, influence, layer_spectrum, module, normal, trainer

NONE = -np.inf


def matrix(rows, loss_tokens=None):
    """An influence matrix of the magnitudes in ``rows``."""
    with np.errstate(divide="ignore"):
        norms = np.log10(np.array(rows, float))
    return Influence(np.arange(len(rows)) if loss_tokens is None else np.array(loss_tokens), (norms,), (0.0,))


def test_the_mean_over_a_lag_is_that_of_all_losses_with_a_state_so_far_back():
    made = matrix([[4, 0, 0], [2, 6, 0], [1, 4, 8]])
    np.testing.assert_allclose(10 ** mean_by_lag(made, 0), [6, 3, 1], rtol=1e-14)


def test_the_mean_over_a_lag_takes_only_the_rows_that_were_kept():
    made = matrix([[2, 6, 0, 0], [3, 1, 4, 8]], loss_tokens=[1, 3])
    np.testing.assert_allclose(10 ** mean_by_lag(made, 0), [7, 3, 1, 3], rtol=1e-14)


def test_without_the_last_row_the_curve_ends_earlier():
    assert len(mean_by_lag(matrix([[2, 6, 0, 0]], loss_tokens=[1]), 0)) == 2


def test_exact_zeros_count_as_zero_and_only_zeros_are_none():
    made = matrix([[4, 0, 0], [0, 4, 0], [0, 2, 4]])
    np.testing.assert_allclose(10 ** mean_by_lag(made, 0), [4, 1, 0], rtol=1e-14)
    assert np.isneginf(mean_by_lag(made, 0)[2])


def test_a_matrix_of_zeros_has_no_gradient_at_any_lag():
    made = matrix(np.zeros((3, 3)))
    assert np.isneginf(mean_by_lag(made, 0)).all()
    assert mean_look_back(mean_by_lag(made, 0)) is None


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_what_is_not_finite_is_told_at_its_lag_alone(broken):
    made = matrix([[4, 0, 0], [broken, 6, 0], [1, 4, 8]])
    assert np.isposinf(mean_by_lag(made, 0)).tolist() == [False, True, False]
    assert mean_look_back(mean_by_lag(made, 0)) is None


@pytest.mark.parametrize("size", [-400, 400])
def test_sizes_beyond_a_float_neither_vanish_nor_overflow(size):
    norms = np.full((2, 2), float(size))
    norms[0, 1] = NONE
    made = Influence(np.arange(2), (norms,), (0.0,))
    np.testing.assert_allclose(mean_by_lag(made, 0), [size, size], rtol=1e-14)


def test_a_layer_that_reads_backward_looks_at_later_tokens():
    forward = matrix([[4, 0, 0], [2, 6, 0], [1, 4, 8]])
    mirrored = matrix(np.array([[4, 0, 0], [2, 6, 0], [1, 4, 8]])[::-1, ::-1])
    np.testing.assert_array_equal(mean_by_lag(mirrored, 0), mean_by_lag(forward, 0))
    np.testing.assert_array_equal(row_by_lag(mirrored, 0, 0), row_by_lag(forward, 0, 2))


def test_a_row_by_lag_begins_at_its_own_token():
    made = matrix([[2, 6, 0, 0], [3, 1, 4, 8]], loss_tokens=[1, 3])
    np.testing.assert_allclose(10 ** row_by_lag(made, 0, 0), [6, 2])
    np.testing.assert_allclose(10 ** row_by_lag(made, 0, 1), [8, 4, 1, 3])


def test_the_mean_look_back_weighs_lags_by_their_gradient():
    assert mean_look_back(np.log10([3.0, 2.0, 1.0])) == pytest.approx((2 * 1 + 1 * 2) / 6, rel=1e-14)
    assert mean_look_back(np.array([-400.0, NONE])) == 0


def test_the_nearest_row_is_the_own_one_or_the_earlier_of_two():
    assert nearest_row(influence(9), 5) == 5
    kept = influence(9, every=2)  # 1, 3, 5, 7
    assert [nearest_row(kept, token) for token in (0, 1, 2, 3, 4, 8)] == [0, 0, 0, 1, 1, 3]


def test_later_states_are_unreachable_for_a_network_that_reads_forward():
    np.testing.assert_array_equal(unreachable(influence(4), 0), np.triu(np.ones((4, 4), bool), 1))


def test_earlier_states_are_unreachable_for_a_layer_that_reads_backward():
    norms = influence(4).log10_norms[0].T
    made = influence(4, log10_norms=(norms,))
    np.testing.assert_array_equal(unreachable(made, 0), np.tril(np.ones((4, 4), bool), -1))


def test_where_both_directions_meet_everything_is_reachable():
    assert not unreachable(influence(4, log10_norms=(np.zeros((4, 4)),)), 0).any()


def test_a_gradient_that_vanished_at_once_leaves_the_past_reachable():
    only_own = np.where(np.eye(4, dtype=bool), 0.0, NONE)
    np.testing.assert_array_equal(
        unreachable(influence(4, log10_norms=(only_own,)), 0), np.triu(np.ones((4, 4), bool), 1)
    )


def test_the_realised_factors_multiply_up_to_the_last_token():
    layer = layer_spectrum(tokens=4, factors=np.array([0.1, 10.0, 0.01]))
    np.testing.assert_allclose(realised(layer), [-2, -1, -2, 0], atol=1e-14)


def test_the_realised_factors_of_a_layer_that_reads_backward_start_at_token_0():
    layer = layer_spectrum(tokens=3, factors=np.array([10.0, 10.0]), direction="backward")
    np.testing.assert_allclose(realised(layer), [0, 1, 2], atol=1e-14)


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm"])
def test_the_realised_curve_is_the_gradient_of_the_trace_over_that_where_it_enters_in_both_directions(cell):
    net, x = module(cell, bidirectional=True).double(), normal(9, 3, dtype=torch.float64)
    layers = SpectrumStudy(Subject(split(net), x, every_token)).finish().layers
    shown = rnnviz.trace(net, x, every_token).layers
    for layer, seen, end in zip(layers, shown, (-1, 0), strict=True):
        gradient = seen.log10_hidden_grads_end
        np.testing.assert_allclose(realised(layer), gradient - gradient[end], atol=1e-12)


def test_an_undefined_factor_leaves_what_lies_before_it_unknown():
    found = realised(layer_spectrum(tokens=4, factors=np.array([0.5, np.nan, 0.1])))
    assert np.isnan(found[:2]).all()
    np.testing.assert_allclose(found[2:], [-1, 0])


def test_the_range_of_the_carry_path_is_that_of_its_units():
    carry = np.array([[-3.0, -1.0, -2.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(carry_range(layer_spectrum(tokens=2, carry=carry)), [[-3, 0], [-2, 0], [-1, 0]])
    assert carry_range(layer_spectrum(carry=None)).size == 0


@pytest.mark.parametrize(
    ("exponent", "words"),
    [
        (np.log10(3.2e-5), "3.2e-05"),
        (0.0, "1"),
        (-400.5, "3.16e-401"),
        (400.0, "1e+400"),
        (NONE, "exactly 0"),
        (np.inf, "not finite"),
        (np.nan, "not finite"),
    ],
)
def test_a_logarithm_is_told_as_its_number_in_three_digits(exponent, words):
    assert log10_in_words(exponent) == words


def test_tokens_without_a_loss_have_no_part_in_the_mean_over_a_lag():
    last_alone = matrix([[0, 0, 0], [0, 0, 0], [1, 4, 8]])
    np.testing.assert_allclose(10 ** mean_by_lag(last_alone, 0), [8, 4, 1], rtol=1e-14)
    assert [is_loss(last_alone, row) for row in range(3)] == [False, False, True]


def test_a_loss_that_asks_nothing_of_one_layer_still_counts_there():
    dead = np.array([[4.0, 0, 0], [0, 0, 0], [0, 2, 4]])
    with np.errstate(divide="ignore"):
        made = Influence(np.arange(3), (np.log10(dead), np.log10(np.tril(np.ones((3, 3))))), (0.0, 0.0))
    np.testing.assert_allclose(10 ** mean_by_lag(made, 0), [8 / 3, 1, 0], rtol=1e-14)


@pytest.mark.parametrize("task", ["adding", "sentiment"])
def test_of_a_single_answer_the_curve_over_lags_is_the_gradient_of_its_loss(task):
    run = trainer(task=task, length=20, hidden=6)
    [*run.updates(2)]
    found = InfluenceStudy(run.subject()).finish()
    trace = run.trace()
    np.testing.assert_allclose(mean_by_lag(found, 0), trace.top.log10_hidden_grads_last[::-1], atol=1e-6)
    assert horizon(mean_by_lag(found, 0)[::-1]) == reach(trace.top)
