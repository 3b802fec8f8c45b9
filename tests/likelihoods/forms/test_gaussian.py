"""Gaussian forms: normalisation, symmetry, pulls, and what is refused."""

import numpy as np
import pytest
from bsinv.errors import DataError
from bsinv.likelihoods.forms.correlated import CorrelatedGaussian
from bsinv.likelihoods.forms.gaussian import TwoPieceGaussian
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

ERRORS = st.floats(0.01, 100.0)
VALUES = st.floats(-100.0, 100.0)
NAMES = ("BR(B+->Knunu)", "BR(B0->K*nunu)")


def two_piece(value, plus, minus):
    return TwoPieceGaussian("x", "a value", NAMES[0], value, plus, minus, ("x",))


def correlated(values, covariance):
    return CorrelatedGaussian("x", "two values", NAMES, values, covariance, ("x",))


def test_equal_errors_are_a_gaussian():
    x = np.linspace(-5, 9, 50)
    assert_allclose(two_piece(2.0, 1.5, 1.5).log_likelihood(x), norm.logpdf(x, 2.0, 1.5))


@given(VALUES, ERRORS, ERRORS)
def test_two_piece_is_normalised(value, plus, minus):
    form = two_piece(value, plus, minus)

    def density(x):
        return float(np.exp(form.log_likelihood(np.array([x]))[0]))

    below = quad(density, value - 12 * minus, value)[0]
    above = quad(density, value, value + 12 * plus)[0]
    assert below + above == pytest.approx(1.0, rel=1e-8)
    assert below / above == pytest.approx(minus / plus, rel=1e-7)


@given(VALUES, ERRORS, ERRORS)
def test_two_piece_errors_are_where_it_drops_by_one_half(value, plus, minus):
    form = two_piece(value, plus, minus)
    at = form.log_likelihood(np.array([value, value + plus, value - minus]))
    assert_allclose(at[0] - at[1:], 0.5, rtol=1e-9)
    assert_allclose(form.pull(np.array([value + plus, value - minus])), [-1, 1], rtol=1e-9)


@given(VALUES, ERRORS, ERRORS, st.floats(0, 50), st.floats(0, 50))
def test_two_piece_falls_away_from_its_value(value, plus, minus, one, other):
    near, far = sorted((one, other))
    form = two_piece(value, plus, minus)
    for sign in (-1.0, 1.0):
        log = form.log_likelihood(value + sign * np.array([near, far]))
        assert log[0] >= log[1] - 1e-9


def test_two_piece_upper_error_is_for_predictions_above():
    form = two_piece(1.0, 10.0, 0.1)
    assert form.log_likelihood(np.array([2.0]))[0] > form.log_likelihood(np.array([0.0]))[0]


@given(VALUES, ERRORS, ERRORS, st.floats(0.0, 100.0))
def test_two_piece_with_a_theory_error(value, plus, minus, theory):
    form = TwoPieceGaussian("x", "a value", NAMES[0], value, plus, minus, ("x",), theory)
    assert (form.measured_plus, form.measured_minus, form.theory_error) == (plus, minus, theory)
    total = two_piece(value, np.hypot(plus, theory), np.hypot(minus, theory))
    x = value + np.linspace(-5.0, 5.0, 11) * (plus + minus)
    assert_allclose(form.log_likelihood(x), total.log_likelihood(x), rtol=1e-12)
    quoted = form.quoted()[0]
    assert (quoted.kind, quoted.value, quoted.error_plus) == ("value", value, plus)
    assert (quoted.error_minus, quoted.theory_error, quoted.unit) == (minus, theory, "1")


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_two_piece_refuses_a_theory_error(bad):
    with pytest.raises(DataError, match=r"x: theory error .* must not be negative"):
        TwoPieceGaussian("x", "a value", NAMES[0], 1.0, 1.0, 1.0, ("x",), bad)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_two_piece_refuses_an_error(bad):
    with pytest.raises(DataError, match=r"x: error .* of BR\(B\+->Knunu\) must be positive"):
        two_piece(1.0, 1.0, bad)


def test_correlated_against_scipy():
    values = np.array([1.0, -2.0])
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    x = np.random.default_rng(0).normal(size=(30, 2))
    form = correlated(values, covariance)
    assert_allclose(form.log_likelihood(x), multivariate_normal(values, covariance).logpdf(x))
    difference = x - values
    expected = np.einsum("ni,ij,nj->n", difference, np.linalg.inv(covariance), difference)
    assert_allclose(form.chi2(x), expected)
    assert np.isnan(form.pull(x)).all()
    assert form.pull(x).shape == (30,)


def test_correlated_pulls_are_those_of_each_value():
    form = correlated(np.array([1.0, -2.0]), np.array([[4.0, 0.6], [0.6, 0.25]]))
    x = np.array([[3.0, -2.5], [1.0, -1.0]])
    assert_allclose(form.observable_pulls(x), [[-1.0, 1.0], [0.0, -2.0]])
    assert_allclose(form.observable_values(x), x)
    first, second = form.quoted()
    assert (first.observable, first.value, first.error_plus) == (NAMES[0], 1.0, 2.0)
    assert (second.error_minus, second.theory_error) == (0.5, 0.0)


def test_correlated_theory_covariance_is_added():
    measured = np.array([[4.0, 0.6], [0.6, 0.25]])
    theory = np.array([[1.0, 0.5], [0.5, 0.25]])
    values, x = np.array([1.0, -2.0]), np.array([[2.0, -1.0], [0.0, -4.0]])
    form = CorrelatedGaussian("x", "", NAMES, values, measured, ("x",), theory)
    assert_allclose(
        form.log_likelihood(x), multivariate_normal(values, measured + theory).logpdf(x)
    )
    assert_allclose(form.measured_covariance, measured)
    assert_allclose(form.theory_covariance, theory)
    assert_allclose(form.observable_pulls(x)[0], [-1 / np.sqrt(5), -1 / np.sqrt(0.5)])
    assert_allclose([entry.theory_error for entry in form.quoted()], [1.0, 0.5])


def test_correlated_with_two_sides():
    """Each value as a two-piece Gaussian if there is no correlation."""
    sides = np.array([[2.0, 0.3], [1.0, 0.5]])
    mean = sides.mean(axis=0)
    values = np.array([1.0, -2.0])
    form = CorrelatedGaussian("x", "", NAMES, values, np.diag(mean**2), ("x",), sides=sides)
    x = np.array([[3.0, -2.5], [0.5, -1.0], [1.0, -2.0]])
    parts = [two_piece(values[i], *sides[:, i]).log_likelihood(x[:, i]) for i in range(2)]
    assert_allclose(form.log_likelihood(x), sum(parts))
    assert_allclose(form.observable_pulls(x), [[-1.0, 1.0], [0.5, -1.0 / 0.3], [0.0, 0.0]])


@given(st.floats(-0.95, 0.95), st.floats(0.0, 3.0), st.floats(-4.0, 4.0))
def test_correlated_two_sides_are_continuous(rho, theory, other):
    sides = np.array([[2.0, 0.3], [1.0, 0.5]])
    mean = sides.mean(axis=0)
    covariance = np.outer(mean, mean) * np.array([[1.0, rho], [rho, 1.0]])
    theory_covariance = theory**2 * np.array([[1.0, 0.5], [0.5, 1.0]])
    form = CorrelatedGaussian(
        "x", "", NAMES, np.zeros(2), covariance, ("x",), theory_covariance, sides
    )
    log = form.log_likelihood(np.array([[-1e-9, other], [1e-9, other]]))
    assert_allclose(log[0], log[1], rtol=1e-6, atol=1e-6)


def test_correlated_without_correlation_is_a_product():
    x = np.array([[0.3, 0.4], [2.0, -1.0]])
    form = correlated(np.zeros(2), np.diag([4.0, 9.0]))
    product = norm.logpdf(x[:, 0], 0, 2) + norm.logpdf(x[:, 1], 0, 3)
    assert_allclose(form.log_likelihood(x), product)


def test_correlated_scales_of_branching_fractions():
    """Covariances of the order 1e-12 are not mistaken for zero."""
    errors = np.array([2e-6, 3e-6])
    covariance = np.outer(errors, errors) * np.array([[1.0, 0.5], [0.5, 1.0]])
    x = np.array([[5e-6, 8e-6]])
    form = correlated(np.array([4e-6, 1e-5]), covariance)
    expected = multivariate_normal(form.values / errors, covariance / np.outer(errors, errors))
    assert_allclose(
        form.log_likelihood(x), expected.logpdf(x / errors) - np.log(errors).sum(), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        ([[1e-12, 5e-13], [0.0, 1e-12]], "symmetric matrix of shape (2, 2)"),
        ([[1.0]], "symmetric matrix of shape (2, 2)"),
        ([[1.0, 2.0], [2.0, 1.0]], "not positive definite"),
        ([[1.0, 0.0], [0.0, -1.0]], "not positive definite"),
    ],
)
def test_correlated_refuses_a_covariance(covariance, message):
    with pytest.raises(DataError) as error:
        correlated(np.zeros(2), np.array(covariance))
    assert message in str(error.value)
