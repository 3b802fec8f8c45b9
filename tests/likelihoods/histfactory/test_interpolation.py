"""Interpolation codes against pyhf's, their derivatives, and how the pieces join."""

import numpy as np
import pytest
from bsinv.likelihoods.histfactory.interpolation import (
    bend,
    bend_curvature,
    log_factor_curvature,
    log_factors,
    normalisation_coefficients,
    polynomial_table,
)
from numpy.testing import assert_allclose
from pyhf import interpolators

ALPHAS = np.concatenate([np.linspace(-4.0, 4.0, 401), [-1.0, 1.0, 0.0]])
FACTORS = [(0.9, 1.1), (0.7, 1.2), (1.05, 0.97), (0.5, 2.0), (0.98, 1.3)]
INSIDE_AND_OUTSIDE = np.linspace(-3.0, 3.0, 61) + 0.013


@pytest.fixture(scope="module")
def factors():
    """log_lo, log_hi, coefficients, one column for each pair of FACTORS."""
    lo, hi = np.array(FACTORS).T
    coefficients = np.array([normalisation_coefficients(a, b) for a, b in FACTORS]).T
    return np.log(lo), np.log(hi), coefficients


def evaluate(alpha, factors):
    log_lo, log_hi, coefficients = factors
    batch = np.repeat(np.atleast_1d(alpha)[:, None], len(log_lo), axis=1)
    return log_factors(batch, log_lo, log_hi, polynomial_table(coefficients))


def curvature(alpha, factors):
    batch = np.repeat(np.atleast_1d(alpha)[:, None], len(FACTORS), axis=1)
    return log_factor_curvature(batch, factors[2])


def test_histograms_against_pyhf():
    down, nominal, up = np.random.default_rng(0).uniform(1, 20, (3, 7))
    theirs = interpolators.code4p([[[down, nominal, up]]])(ALPHAS[None])
    value, _ = bend(ALPHAS)
    odd, even = 0.5 * (up - down), (up + down - 2 * nominal) / 16
    ours = odd * ALPHAS[:, None] + even * value[:, None]
    assert_allclose(ours, np.asarray(theirs)[0, 0], rtol=1e-12, atol=1e-12)


def test_normalisations_against_pyhf(factors):
    ours = np.exp(evaluate(ALPHAS, factors)[0])
    for column, (lo, hi) in enumerate(FACTORS):
        theirs = interpolators.code4([[[[lo], [1.0], [hi]]]])(ALPHAS[None])
        assert_allclose(ours[:, column], np.asarray(theirs)[0, 0, :, 0], rtol=1e-12)


def test_no_shift_at_zero_and_templates_at_one(factors):
    assert bend(np.zeros(1))[0] == 0
    assert_allclose(bend(np.array([-1.0, 1.0]))[0], 8.0)
    assert_allclose(evaluate(0.0, factors)[0], 0.0, atol=1e-15)
    assert_allclose(evaluate(1.0, factors)[0][0], factors[1], rtol=1e-12)
    assert_allclose(evaluate(-1.0, factors)[0][0], factors[0], rtol=1e-12)


def test_slope_and_curvature_of_histograms():
    x, h = INSIDE_AND_OUTSIDE, 1e-6
    value_slope = (bend(x + h)[0] - bend(x - h)[0]) / (2 * h)
    assert_allclose(bend(x)[1], value_slope, rtol=1e-7, atol=1e-8)
    slope_slope = (bend(x + h)[1] - bend(x - h)[1]) / (2 * h)
    assert_allclose(bend_curvature(x), slope_slope, rtol=1e-7, atol=1e-7)


def test_slope_and_curvature_of_normalisations(factors):
    x, h = INSIDE_AND_OUTSIDE, 1e-6
    above, below = evaluate(x + h, factors), evaluate(x - h, factors)
    value, slope = evaluate(x, factors)
    assert value.shape == slope.shape == (len(x), len(FACTORS))
    assert_allclose(slope, (above[0] - below[0]) / (2 * h), rtol=1e-7, atol=1e-8)
    assert_allclose(curvature(x, factors), (above[1] - below[1]) / (2 * h), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("joint", [-1.0, 1.0])
def test_pieces_join_with_two_derivatives(joint, factors):
    inner, outer = joint * (1 - 1e-9), joint * (1 + 1e-9)
    pairs = [
        (bend(np.array([inner])), bend(np.array([outer]))),
        (evaluate(inner, factors), evaluate(outer, factors)),
    ]
    for inside, outside in pairs:
        assert_allclose(inside[0], outside[0], atol=1e-7)
        assert_allclose(inside[1], outside[1], atol=1e-7)
    assert_allclose(bend_curvature(np.array([inner])), bend_curvature(np.array([outer])), atol=1e-6)
    assert_allclose(curvature(inner, factors), curvature(outer, factors), atol=1e-6)


def test_table_holds_polynomials_and_their_derivatives(factors):
    table = polynomial_table(factors[2])
    assert table.shape == (7, 2, 1, len(FACTORS))
    x = 0.37
    for column in range(len(FACTORS)):
        polynomial = np.polynomial.Polynomial(factors[2][:, column])
        powers = x ** np.arange(7)
        assert_allclose(powers @ table[:, 0, 0, column], polynomial(x), rtol=1e-14)
        assert_allclose(powers @ table[:, 1, 0, column], polynomial.deriv()(x), rtol=1e-13)
