"""Products of Jacobians in logarithms, against plain products where those work and against closed forms where not."""

import numpy as np
import pytest

from rnnviz.analysis import causes
from rnnviz.analysis.spectrum import JacobianProduct, LyapunovExponents, spectral_norm, spectrum_tokens
from rnnviz.domain.arrays import log10_norms

SIZES = pytest.mark.parametrize("size", [1, 10, 64, 65, 100])


def random_jacobians(size, count=20, seed=0, scale=0.8):
    return np.random.default_rng(seed).standard_normal((count, size, size)) * scale / size**0.5


def rotation(size, seed=3):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


def prepended(jacobians):
    """The products of the last, the last two, … of ``jacobians``."""
    product = JacobianProduct(jacobians.shape[-1])
    for jacobian in jacobians[::-1]:
        product.prepend(jacobian)
        yield product


def exponents(jacobians):
    found = LyapunovExponents(jacobians.shape[-1])
    for jacobian in jacobians:
        found.append(jacobian)
    return found.exponents()


@SIZES
def test_norms_singular_values_and_means_are_those_of_the_plain_product(size):
    jacobians, plain = random_jacobians(size), np.eye(size)
    for product, jacobian in zip(prepended(jacobians), jacobians[::-1], strict=True):
        plain = plain @ jacobian
        values = np.linalg.svd(plain, compute_uv=False)
        assert product.log10_norm() == pytest.approx(np.log10(values[0]), abs=1e-11)
        found = product.log10_singular()
        known = values > 1e-9 * values[0]
        np.testing.assert_allclose(found[known], np.log10(values[known]), atol=1e-5)
        known = values > 1e-3 * values[0]
        np.testing.assert_allclose(found[known], np.log10(values[known]), atol=1e-10)
    determinants = np.linalg.slogdet(jacobians)[1].sum() / np.log(10)
    assert product.log10_mean() == pytest.approx(determinants / size, rel=1e-12)


@SIZES
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_scaled_rotation_over_two_thousand_tokens_has_its_closed_form(size, scale):
    """Plain products of it leave float64 after half of them."""
    jacobians = np.broadcast_to(scale * rotation(size), (2000, size, size))
    *_, product = prepended(jacobians)
    expected = 2000 * np.log10(scale)
    assert product.log10_norm() == pytest.approx(expected, abs=1e-9)
    assert product.log10_mean() == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(product.log10_singular(), expected, atol=1e-9)
    np.testing.assert_allclose(exponents(jacobians), np.log(scale), atol=1e-12)


def test_the_product_before_the_first_jacobian_is_the_identity():
    product = JacobianProduct(5)
    assert product.log10_norm() == product.log10_mean() == 0
    assert product.log10_singular().tolist() == [0] * 5


@pytest.mark.parametrize("size", [80, 128])
def test_the_norm_is_found_where_the_direction_nearby_hides_it(size):
    """Diagonal matrices: the vector of one is exactly a wrong eigenvector of the next."""
    product, logs = JacobianProduct(size), np.zeros(size)
    for seed in range(12):
        diagonal = np.random.default_rng(seed).uniform(0.1, 1, size)
        product.prepend(np.diag(diagonal))
        logs += np.log10(diagonal)
        assert product.log10_norm() == pytest.approx(logs.max(), abs=1e-11)


@pytest.mark.parametrize(
    "values",
    [
        np.ones(100),
        np.linspace(1, 0.999, 100),
        np.concatenate([[1, 1 - 1e-9], np.full(98, 0.5)]),
        np.concatenate([[1], np.zeros(99)]),
        np.logspace(0, -300, 100),
        np.concatenate([[1], np.full(99, 1 - 1e-6)]),
    ],
    ids=["rotation", "crowded", "twins", "rank one", "graded", "one ahead"],
)
def test_the_iteration_finds_the_norm_of_difficult_matrices(values):
    matrix = rotation(100, 1) * values @ rotation(100, 2)
    for direction in (rotation(100, 1)[:, -1], np.ones(100)):
        found, _ = spectral_norm(matrix, direction)
        assert found == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-11)


def test_singular_values_below_rounding_are_not_told():
    product = JacobianProduct(4)
    for _ in range(10):
        product.prepend(rotation(4) @ np.diag([1, 0.5, 1e-3, 1e-3]) @ rotation(4).T)
    found = product.log10_singular()
    np.testing.assert_allclose(found[:2], [0, 10 * np.log10(0.5)], atol=1e-10)
    assert np.isnan(found[2:]).all()


@pytest.mark.parametrize("size", [5, 90])
def test_a_product_that_is_exactly_zero_stays_so(size):
    product = JacobianProduct(size)
    for jacobian in (np.eye(size), np.zeros((size, size)), np.eye(size)):
        product.prepend(jacobian)
    assert product.log10_norm() == product.log10_mean() == -np.inf
    assert np.isneginf(product.log10_singular()).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("size", [5, 90])
def test_a_jacobian_that_is_not_finite_makes_no_number(size, value):
    broken = np.eye(size)
    broken[1, 2] = value
    product, lyapunov = JacobianProduct(size), LyapunovExponents(size)
    for jacobian in (np.eye(size), broken, np.eye(size)):
        product.prepend(jacobian)
        lyapunov.append(jacobian)
    assert not np.isfinite(product.log10_norm())
    assert not np.isfinite(product.log10_singular()).any()
    assert np.isnan(lyapunov.exponents()).all()


@SIZES
def test_exponents_add_up_to_the_mean_logarithm_of_the_determinants(size):
    jacobians = random_jacobians(size, 50)
    found = exponents(jacobians)
    assert found.sum() == pytest.approx(np.linalg.slogdet(jacobians)[1].mean(), rel=1e-12)
    assert (np.diff(found) <= 0).all()


def test_exponents_of_a_diagonal_matrix_are_its_logarithms():
    diagonal = np.array([0.3, 1.2, -0.9, 0.5])
    np.testing.assert_allclose(exponents(np.broadcast_to(np.diag(diagonal), (50, 4, 4))), np.log([1.2, 0.9, 0.5, 0.3]))


def test_exponents_of_a_fixed_matrix_approach_the_logarithms_of_its_eigenvalues():
    basis = np.random.default_rng(2).standard_normal((4, 4))
    fixed = basis @ np.diag([1.1, 0.8, 0.5, 0.2]) @ np.linalg.inv(basis)
    expected = np.log([1.1, 0.8, 0.5, 0.2])
    found = [exponents(np.broadcast_to(fixed, (count, 4, 4))) for count in (100, 1000)]
    errors = [np.abs(values - expected).max() for values in found]
    assert errors[0] < 0.1
    assert errors[1] == pytest.approx(errors[0] / 10, rel=0.05)


def test_the_logistic_map_at_four_has_the_exponent_ln_2():
    x, slopes = 0.3, []
    for _ in range(20000):
        slopes.append(4 - 8 * x)
        x = 4 * x * (1 - x)
    assert exponents(np.array(slopes)[:, None, None])[0] == pytest.approx(np.log(2), abs=1e-3)


@pytest.mark.parametrize("axis", [0, 1])
def test_directions_that_die_are_lost_and_do_not_mislead_the_others(axis):
    """Rows of zeros are units asleep, columns of zeros are units that nobody reads."""
    awake = np.array([1.0, 0, 1, 0, 1])
    inner = rotation(3) * 0.7
    full = np.random.default_rng(5).standard_normal((5, 5))
    full[np.ix_([0, 2, 4], [0, 2, 4])] = inner
    jacobian = full * (awake[:, None] if axis == 0 else awake)
    found = exponents(np.broadcast_to(jacobian, (400, 5, 5)))
    assert np.isneginf(found[3:]).all()
    np.testing.assert_allclose(found[:3].mean(), np.log(0.7), atol=1e-2)
    np.testing.assert_allclose(found[:3], np.log(0.7), atol=2e-2)


@pytest.mark.parametrize(("tokens", "expected"), [(1, [0]), (2, [0]), (3, [0, 1]), (50, [0, 10, 19, 29, 38, 48])])
def test_full_spectra_are_taken_at_evenly_spaced_tokens(tokens, expected):
    assert spectrum_tokens(tokens).tolist() == expected


def test_saturation_counts_each_units_tokens():
    values = np.array([[0.05, 0.95], [0.05, 0.5], [0.5, 0.95], [0.1, 0.9]])
    assert causes.saturation(values, "sigmoid").tolist() == [[0.5, 0], [0, 0.5]]
    assert causes.saturation(2 * values - 1, "tanh")[:, 0].tolist() == [0.5, 0]
    assert causes.saturation(np.array([[0.0, 3.0], [1.0, 0.0]]), "relu").tolist() == [[0.5, 0.5], [0, 0]]


def test_the_mean_slope_is_that_of_the_activation():
    values = np.array([[0.5, 0.0], [-0.5, 1.0]])
    assert causes.mean_slope(values, "tanh") == (0.75 + 1 + 0.75 + 0) / 4
    assert causes.mean_slope(values, "relu") == 0.5
    assert np.isnan(causes.mean_slope(np.array([[np.nan]]), "relu"))


def test_the_carry_is_the_product_of_the_gate_after_each_token():
    gate = np.array([[0.9], [0.5], [0.25]])
    np.testing.assert_allclose(10 ** causes.carry(gate), [[0.125], [0.25], [1]], rtol=1e-14)
    assert causes.carry(np.full((400, 1), 0.5, np.float32))[0, 0] == pytest.approx(399 * np.log10(0.5))
    assert causes.carry(np.array([[1.0], [0.0], [0.5]]))[:, 0].tolist() == [-np.inf, np.log10(0.5), 0]


def test_factors_and_the_fitted_slope_go_towards_the_past():
    gradients = np.array([-3.0, -2.0, -1.0, 0.0])
    np.testing.assert_allclose(causes.factors(gradients), 0.1)
    assert causes.slope(gradients) == pytest.approx(np.log(0.1))
    assert causes.slope(np.array([-np.inf, 0.0])) is None
    assert causes.slope(np.array([1.0])) is None
    assert np.isnan(causes.factors(np.array([-np.inf, -np.inf, 0.0]))).tolist() == [True, False]


def test_eigenvalues_fall_and_what_is_not_finite_has_none():
    found = causes.eigenvalues(np.array([[0, -0.5, 0], [0.5, 0, 0], [0, 0, 2.0]], np.float32))
    np.testing.assert_allclose(np.abs(found), [2, 0.5, 0.5])
    assert sorted(found.imag) == pytest.approx([-0.5, 0, 0.5])
    assert causes.sigma_max(np.array([[0, 3.0], [0, 0]])) == pytest.approx(3)
    broken = np.array([[np.inf, 0], [0, 1]])
    assert np.isnan(causes.eigenvalues(broken)).all()
    assert np.isnan(causes.sigma_max(broken))


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_norms_of_float64_vectors_survive_where_squares_do_not(scale):
    assert log10_norms(np.array([[3.0, 4.0], [0, 0]]) * scale).tolist() == [pytest.approx(np.log10(5 * scale)), -np.inf]
